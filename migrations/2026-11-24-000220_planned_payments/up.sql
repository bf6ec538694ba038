-- Payments that are taken without their client being there: parts of a plan, and invoices by autopay.

-- What clients chose, the newest counts: proof of what was agreed to, word for word, and when. Never changed.
CREATE TABLE autopay_choices (
    id          uuid PRIMARY KEY,
    practice_id uuid NOT NULL REFERENCES practices,
    client_id   uuid NOT NULL REFERENCES users,
    is_on       boolean NOT NULL,
    method      text, -- the saved method, by its id at Stripe
    method_name text, -- as it was shown, such as "Visa, ending in 4242"
    consent     text, -- as it was shown
    chosen_by   uuid NOT NULL REFERENCES users,
    chosen_at   timestamptz NOT NULL,
    CHECK (is_on = (method IS NOT NULL) AND is_on = (method_name IS NOT NULL) AND is_on = (consent IS NOT NULL))
);
CREATE INDEX autopay_choices_client ON autopay_choices (client_id, chosen_at);
REVOKE UPDATE, DELETE ON autopay_choices FROM carehub_service;

CREATE TABLE payment_plans (
    id            uuid PRIMARY KEY,
    practice_id   uuid NOT NULL REFERENCES practices,
    client_id     uuid NOT NULL REFERENCES users,
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total         bigint NOT NULL CHECK (total > 0), -- in minor units, as all amounts
    rhythm        text NOT NULL CHECK (rhythm IN ('weekly', 'biweekly', 'monthly')),
    time_zone     text NOT NULL, -- of the days on which parts are due
    method        text NOT NULL,
    method_name   text NOT NULL,
    consent       text NOT NULL, -- as it was shown
    made_at       timestamptz NOT NULL,
    ended_at      timestamptz,
    ended_because text CHECK (ended_because IN ('over', 'cancelled')),
    ended_by      uuid REFERENCES users, -- NULL: the hub
    CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX payment_plans_client ON payment_plans (client_id, id);
-- One at a time.
CREATE UNIQUE INDEX payment_plans_running ON payment_plans (client_id) WHERE ended_at IS NULL;

CREATE TABLE payment_plan_parts (
    id      uuid PRIMARY KEY,
    plan_id uuid NOT NULL REFERENCES payment_plans,
    number  smallint NOT NULL CHECK (number > 0),
    due_on  date NOT NULL,
    amount  bigint NOT NULL CHECK (amount > 0),
    UNIQUE (plan_id, number)
);
REVOKE UPDATE, DELETE ON payment_plan_parts FROM carehub_service;

-- One row for what is taken once, however often it has to be tried.
CREATE TABLE planned_payments (
    id           uuid PRIMARY KEY,
    practice_id  uuid NOT NULL REFERENCES practices,
    client_id    uuid NOT NULL REFERENCES users,
    part_id      uuid UNIQUE REFERENCES payment_plan_parts,
    invoice_id   uuid UNIQUE,
    -- dropped: there was nothing left to pay, or the client took it back
    state        text NOT NULL CHECK (state IN ('waiting', 'trying', 'paid', 'failed', 'dropped')),
    try_at       timestamptz NOT NULL, -- not before
    first_try_at timestamptz,
    changed_at   timestamptz NOT NULL,
    CHECK ((part_id IS NULL) <> (invoice_id IS NULL))
);
CREATE INDEX planned_payments_due ON planned_payments (try_at) WHERE state IN ('waiting', 'trying');
CREATE INDEX planned_payments_client ON planned_payments (client_id);
CREATE INDEX planned_payments_failed ON planned_payments (practice_id, id) WHERE state = 'failed';

-- Each try is an intent of its own at Stripe, with a key of its own: its id.
CREATE TABLE planned_payment_tries (
    id         uuid PRIMARY KEY,
    planned_id uuid NOT NULL REFERENCES planned_payments,
    number     smallint NOT NULL CHECK (number BETWEEN 1 AND 4),
    amount     bigint NOT NULL CHECK (amount > 0),
    method     text NOT NULL,
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz,
    outcome    text CHECK (outcome IN ('paid', 'refused')),
    UNIQUE (planned_id, number),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
-- A second try begins when the first one is over.
CREATE UNIQUE INDEX planned_payment_tries_one ON planned_payment_tries (planned_id) WHERE ended_at IS NULL;
