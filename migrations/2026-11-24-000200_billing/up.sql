-- Billing: what clients owe, and what they paid. Everything here but the settings is only ever added to: what was wrong is
-- taken back by another row. Balances and what is paid of what are computed, never stored.

-- How a practice bills. No row: as the code has it built in.
CREATE TABLE billing_settings (
    practice_id uuid PRIMARY KEY REFERENCES practices,
    revision    bigint NOT NULL,
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'), -- of everything; fixed once the ledger has a row
    due_days    integer NOT NULL CHECK (due_days BETWEEN 0 AND 365), -- from an invoice's day to the day it is due
    how_to_pay  text, -- shown to clients where nobody pays by card
    tax_id      text,
    address     text[] NOT NULL, -- lines
    phone       text,
    changed_by  uuid REFERENCES users, -- NULL: the hub itself, as for the demo
    changed_at  timestamptz NOT NULL
);

-- What a practice asks for what it does.
CREATE TABLE billing_fees (
    practice_id uuid NOT NULL REFERENCES practices,
    code        text NOT NULL, -- CPT or HCPCS
    description text NOT NULL,
    amount      bigint NOT NULL CHECK (amount BETWEEN 1 AND 99999999), -- of one unit, in minor units
    minutes     integer CHECK (minutes BETWEEN 1 AND 480), -- appointments of this length are charged by it
    PRIMARY KEY (practice_id, code)
);
CREATE UNIQUE INDEX billing_fees_minutes ON billing_fees (practice_id, minutes) WHERE minutes IS NOT NULL;

-- What superbills say of clinicians.
CREATE TABLE billing_clinicians (
    user_id     uuid PRIMARY KEY REFERENCES users,
    practice_id uuid NOT NULL REFERENCES practices,
    npi         text CHECK (npi ~ '^[0-9]{10}$'),
    licence     text,
    credentials text, -- as they follow the name: PhD, LCSW
    changed_by  uuid REFERENCES users,
    changed_at  timestamptz NOT NULL
);

-- One row a client with anything to pay: its lock lets what happens to one account happen one after another.
CREATE TABLE billing_accounts (
    client_id   uuid PRIMARY KEY REFERENCES users,
    practice_id uuid NOT NULL REFERENCES practices
);

CREATE TABLE charges (
    id             uuid PRIMARY KEY,
    practice_id    uuid NOT NULL REFERENCES practices,
    client_id      uuid NOT NULL REFERENCES users,
    clinician_id   uuid REFERENCES users,
    appointment_id uuid REFERENCES appointments,
    fee_id         uuid UNIQUE REFERENCES appointment_fees, -- a late fee that was agreed to, charged once
    kind           text NOT NULL CHECK (kind IN ('service', 'lateFee', 'other')),
    units          integer NOT NULL CHECK (units BETWEEN 1 AND 999),
    unit_amount    bigint NOT NULL CHECK (unit_amount BETWEEN 1 AND 99999999),
    amount         bigint NOT NULL CHECK (amount = units * unit_amount AND amount <= 99999999),
    currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    service_on     date NOT NULL, -- as the practice's calendar has it
    key_id         uuid NOT NULL REFERENCES data_keys, -- the client's
    sealed         bytea NOT NULL, -- code, description, diagnoses
    added_by       uuid REFERENCES users, -- NULL: the hub itself
    added_at       timestamptz NOT NULL,
    CHECK ((kind = 'lateFee') = (fee_id IS NOT NULL))
);
CREATE INDEX charges_client ON charges (client_id, id);
CREATE INDEX charges_appointment ON charges (appointment_id) WHERE appointment_id IS NOT NULL;
CREATE INDEX charges_practice ON charges (practice_id, id);

CREATE TABLE charge_voids (
    charge_id     uuid PRIMARY KEY REFERENCES charges,
    key_id        uuid NOT NULL REFERENCES data_keys,
    reason_sealed bytea NOT NULL,
    voided_by     uuid REFERENCES users,
    voided_at     timestamptz NOT NULL
);

-- The last number given out. It grows in the transaction that makes the invoice: no number is left out.
CREATE TABLE invoice_numbers (
    practice_id uuid PRIMARY KEY REFERENCES practices,
    last        bigint NOT NULL CHECK (last > 0)
);

CREATE TABLE invoices (
    id          uuid PRIMARY KEY,
    practice_id uuid NOT NULL REFERENCES practices,
    client_id   uuid NOT NULL REFERENCES users,
    number      bigint NOT NULL CHECK (number > 0),
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    issued_on   date NOT NULL,
    due_on      date NOT NULL CHECK (due_on >= issued_on),
    issued_by   uuid REFERENCES users,
    issued_at   timestamptz NOT NULL,
    UNIQUE (practice_id, number)
);
CREATE INDEX invoices_client ON invoices (client_id, id);

CREATE TABLE invoice_lines (
    invoice_id uuid NOT NULL REFERENCES invoices,
    charge_id  uuid NOT NULL REFERENCES charges,
    PRIMARY KEY (invoice_id, charge_id)
);
CREATE INDEX invoice_lines_charge ON invoice_lines (charge_id);

CREATE TABLE invoice_voids (
    invoice_id    uuid PRIMARY KEY REFERENCES invoices,
    key_id        uuid NOT NULL REFERENCES data_keys,
    reason_sealed bytea NOT NULL,
    voided_by     uuid REFERENCES users,
    voided_at     timestamptz NOT NULL
);

CREATE TABLE payments (
    id                    uuid PRIMARY KEY,
    practice_id           uuid NOT NULL REFERENCES practices,
    client_id             uuid NOT NULL REFERENCES users,
    amount                bigint NOT NULL CHECK (amount BETWEEN 1 AND 99999999),
    currency              text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    method                text NOT NULL CHECK (method IN ('card', 'cash', 'cheque', 'transfer', 'other')),
    card_brand            text,
    card_last4            text,
    stripe_payment_intent text UNIQUE,
    invoice_id            uuid REFERENCES invoices, -- what it is for; NULL: whatever is oldest
    key_id                uuid REFERENCES data_keys,
    note_sealed           bytea, -- the number of a cheque, and the like
    occurred_at           timestamptz NOT NULL,
    recorded_by           uuid REFERENCES users,
    recorded_at           timestamptz NOT NULL,
    CHECK ((key_id IS NULL) = (note_sealed IS NULL))
);
CREATE INDEX payments_client ON payments (client_id, id);
CREATE INDEX payments_practice ON payments (practice_id, id);

CREATE TABLE refunds (
    id            uuid PRIMARY KEY,
    payment_id    uuid NOT NULL REFERENCES payments,
    amount        bigint NOT NULL CHECK (amount BETWEEN 1 AND 99999999),
    key_id        uuid NOT NULL REFERENCES data_keys,
    reason_sealed bytea NOT NULL,
    stripe_refund text UNIQUE,
    occurred_at   timestamptz NOT NULL,
    recorded_by   uuid REFERENCES users,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX refunds_payment ON refunds (payment_id);

-- A bank took a payment back. Whether it was won later says the ledger.
CREATE TABLE chargebacks (
    id          uuid PRIMARY KEY,
    payment_id  uuid NOT NULL REFERENCES payments,
    dispute     text NOT NULL UNIQUE, -- Stripe's
    amount      bigint NOT NULL CHECK (amount BETWEEN 1 AND 99999999),
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX chargebacks_payment ON chargebacks (payment_id);

CREATE TABLE adjustments (
    id            uuid PRIMARY KEY,
    practice_id   uuid NOT NULL REFERENCES practices,
    client_id     uuid NOT NULL REFERENCES users,
    charge_id     uuid REFERENCES charges, -- what it is for
    amount        bigint NOT NULL CHECK (amount <> 0 AND abs(amount) <= 99999999), -- < 0: less is owed
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    key_id        uuid NOT NULL REFERENCES data_keys,
    reason_sealed bytea NOT NULL,
    made_by       uuid REFERENCES users,
    made_on       date NOT NULL,
    made_at       timestamptz NOT NULL
);
CREATE INDEX adjustments_client ON adjustments (client_id, id);

-- Double entry: every transaction has as many lines as it says, and they sum to zero.
CREATE TABLE ledger_transactions (
    id          uuid PRIMARY KEY,
    practice_id uuid NOT NULL REFERENCES practices,
    client_id   uuid NOT NULL REFERENCES users,
    kind        text NOT NULL CHECK (kind IN ('charge', 'chargeVoid', 'payment', 'adjustment', 'refund', 'chargeback',
                    'chargebackWon')),
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    lines       smallint NOT NULL CHECK (lines >= 2),
    cause_id    uuid NOT NULL, -- the charge, payment, adjustment, refund or chargeback
    occurred_at timestamptz NOT NULL,
    recorded_by uuid REFERENCES users, -- NULL: the hub itself
    recorded_at timestamptz NOT NULL,
    UNIQUE (kind, cause_id)
);
CREATE INDEX ledger_transactions_client ON ledger_transactions (client_id, id);
CREATE INDEX ledger_transactions_practice ON ledger_transactions (practice_id, id);

CREATE TABLE ledger_postings (
    transaction_id uuid NOT NULL REFERENCES ledger_transactions,
    line           smallint NOT NULL CHECK (line > 0),
    account        text NOT NULL CHECK (account IN ('receivable', 'revenue', 'adjustments', 'cash', 'stripe')),
    amount         bigint NOT NULL CHECK (amount <> 0), -- debit > 0, credit < 0
    PRIMARY KEY (transaction_id, line)
);

CREATE FUNCTION ledger_check(checked uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    said integer;
    found integer;
    total numeric;
BEGIN
    SELECT lines INTO said FROM ledger_transactions WHERE id = checked;
    SELECT count(*), COALESCE(sum(amount), 0) INTO found, total FROM ledger_postings WHERE transaction_id = checked;
    IF total <> 0 OR found IS DISTINCT FROM said THEN
        RAISE EXCEPTION 'a transaction of the ledger does not balance' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ledger_balances', TABLE = 'ledger_postings';
    END IF;
END $$;

CREATE FUNCTION ledger_transaction_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_check(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_posting_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_check(NEW.transaction_id);
    RETURN NULL;
END $$;

-- At the end of the transaction of the database, whoever wrote it.
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT OR UPDATE ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_added();
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT OR UPDATE ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_added();

REVOKE UPDATE, DELETE ON charges, charge_voids, invoices, invoice_lines, invoice_voids, payments, refunds, chargebacks,
    adjustments, ledger_transactions, ledger_postings FROM carehub_service;
REVOKE DELETE ON billing_accounts, invoice_numbers FROM carehub_service;
