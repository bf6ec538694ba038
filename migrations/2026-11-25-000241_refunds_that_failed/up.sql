-- A refund that Stripe had made comes back when the client's bank does not take it: it is turned back in the ledger by an
-- entry of its own, whose cause is the refund.
ALTER TABLE ledger_transactions DROP CONSTRAINT ledger_transactions_kind_check;
ALTER TABLE ledger_transactions ADD CONSTRAINT ledger_transactions_kind_check CHECK (kind IN ('charge', 'chargeVoid',
    'payment', 'adjustment', 'refund', 'refundFailed', 'chargeback', 'chargebackWon'));
