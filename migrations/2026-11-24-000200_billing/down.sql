DROP TABLE ledger_postings, ledger_transactions, adjustments, chargebacks, refunds, payments, invoice_voids, invoice_lines,
    invoices, invoice_numbers, charge_voids, charges, billing_accounts, billing_clinicians, billing_fees, billing_settings;
DROP FUNCTION ledger_posting_added, ledger_transaction_added, ledger_check;
