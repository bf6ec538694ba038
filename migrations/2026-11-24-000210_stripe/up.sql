-- Payments by card, which Stripe takes: what was asked of it, written down before it is asked, and what it told since.
-- Of cards there is what a receipt shows. What it comes to stands in the ledger.

CREATE TABLE stripe_customers (
    client_id      uuid PRIMARY KEY REFERENCES users,
    practice_id    uuid NOT NULL REFERENCES practices,
    customer       text NOT NULL UNIQUE, -- what Stripe calls the client
    default_method text, -- the card that is charged where nobody chooses one
    made_at        timestamptz NOT NULL,
    ended_at       timestamptz -- the client was erased: Stripe is to forget the customer, too
);
CREATE INDEX stripe_customers_ended ON stripe_customers (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE payment_attempts (
    id            uuid PRIMARY KEY, -- Stripe's idempotency key is made of it
    practice_id   uuid NOT NULL REFERENCES practices,
    client_id     uuid NOT NULL REFERENCES users,
    key           uuid NOT NULL, -- the Idempotency-Key of the call
    purpose       text NOT NULL CHECK (purpose IN ('balance', 'invoice', 'plan', 'autopay')),
    purpose_id    uuid,
    invoice_id    uuid, -- which the ledger is to count it for; NULL: whatever is oldest
    amount        bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    off_session   boolean NOT NULL, -- nobody is there who could be asked anything
    method        text, -- Stripe's name of the card; NULL: the default one
    brand         text, -- NULL: the card is looked up before the first call
    last4         text CHECK (last4 ~ '^[0-9]{4}$'),
    state         text NOT NULL CHECK (state IN ('created', 'sent', 'requiresAction', 'processing', 'unknown',
                      'succeeded', 'failed', 'cancelled')),
    failure       text, -- why, as a code of ours
    intent        text UNIQUE, -- what Stripe calls the payment
    created_at    timestamptz NOT NULL,
    first_sent_at timestamptz, -- from when on Stripe keeps the idempotency key for a day
    settled_at    timestamptz,
    tries         integer NOT NULL DEFAULT 0,
    next_at       timestamptz, -- when the engine looks at it again
    claimed_until timestamptz, -- some hub is asking Stripe
    UNIQUE (client_id, key),
    CHECK ((purpose = 'balance') = (purpose_id IS NULL)),
    CHECK ((settled_at IS NOT NULL) = (state IN ('succeeded', 'failed', 'cancelled'))),
    CHECK ((next_at IS NULL) = (settled_at IS NOT NULL)),
    CHECK ((state = 'created') = (first_sent_at IS NULL) OR settled_at IS NOT NULL),
    CHECK (failure IS NULL OR state IN ('failed', 'cancelled'))
);
-- While one is under way nobody begins another for the same.
CREATE UNIQUE INDEX payment_attempts_open ON payment_attempts (purpose, purpose_id)
    WHERE settled_at IS NULL AND purpose_id IS NOT NULL;
CREATE INDEX payment_attempts_due ON payment_attempts (next_at) WHERE settled_at IS NULL;
CREATE INDEX payment_attempts_client ON payment_attempts (client_id, id);
CREATE INDEX payment_attempts_purpose ON payment_attempts (purpose_id) WHERE purpose_id IS NOT NULL;

CREATE TABLE stripe_refunds (
    id            uuid PRIMARY KEY, -- the ledger's refund, once it is made; Stripe's idempotency key is made of it
    practice_id   uuid NOT NULL REFERENCES practices,
    client_id     uuid NOT NULL REFERENCES users,
    payment_id    uuid NOT NULL,
    intent        text NOT NULL, -- the payment that goes back
    amount        bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    key_id        uuid REFERENCES data_keys,
    reason        bytea, -- sealed
    made_by       uuid NOT NULL REFERENCES users,
    state         text NOT NULL CHECK (state IN ('created', 'sent', 'processing', 'unknown', 'succeeded', 'failed')),
    failure       text,
    refund        text UNIQUE, -- what Stripe calls it
    created_at    timestamptz NOT NULL,
    first_sent_at timestamptz,
    settled_at    timestamptz,
    tries         integer NOT NULL DEFAULT 0,
    next_at       timestamptz,
    claimed_until timestamptz,
    CHECK ((reason IS NULL) = (key_id IS NULL)),
    CHECK ((settled_at IS NOT NULL) = (state IN ('succeeded', 'failed'))),
    CHECK ((next_at IS NULL) = (settled_at IS NOT NULL))
);
CREATE INDEX stripe_refunds_payment ON stripe_refunds (payment_id);
CREATE INDEX stripe_refunds_due ON stripe_refunds (next_at) WHERE settled_at IS NULL;

-- What Stripe told: what it is about, and nothing of what it says. The object is fetched.
CREATE TABLE stripe_events (
    id            text PRIMARY KEY,
    kind          text NOT NULL,
    object        text NOT NULL,
    received_at   timestamptz NOT NULL,
    applied_at    timestamptz,
    tries         integer NOT NULL DEFAULT 0,
    next_at       timestamptz, -- NULL: applied, or given up
    claimed_until timestamptz,
    CHECK (applied_at IS NULL OR next_at IS NULL)
);
CREATE INDEX stripe_events_due ON stripe_events (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX stripe_events_received ON stripe_events (received_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON stripe_customers, stripe_events TO carehub_service;
GRANT SELECT, INSERT, UPDATE ON payment_attempts, stripe_refunds TO carehub_service;
REVOKE DELETE ON payment_attempts, stripe_refunds FROM carehub_service;
