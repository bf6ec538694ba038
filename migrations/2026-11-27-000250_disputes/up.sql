-- How each dispute about a payment by card stands at Stripe, for those who bill. What the bank took and gave again is in the
-- ledger, which this changes nothing of.
CREATE TABLE stripe_disputes (
    id          uuid PRIMARY KEY,
    practice_id uuid NOT NULL REFERENCES practices,
    client_id   uuid NOT NULL REFERENCES users,
    payment_id  uuid NOT NULL REFERENCES payments,
    dispute     text NOT NULL UNIQUE, -- Stripe's
    amount      bigint NOT NULL CHECK (amount BETWEEN 1 AND 99999999),
    reason      text CHECK (reason ~ '^[a-z_]{1,60}$'), -- Stripe's code; NULL: it named none
    state       text NOT NULL CHECK (state IN ('inquiry', 'inquiryUnderReview', 'inquiryClosed', 'prevented',
                    'needsResponse', 'underReview', 'unknown', 'lost', 'won')),
    due_at      timestamptz, -- until when Stripe takes evidence; NULL: it takes none, or did not say
    told_at     timestamptz NOT NULL, -- when the hub learned of it
    closed_at   timestamptz,
    CHECK ((closed_at IS NOT NULL) = (state IN ('inquiryClosed', 'prevented', 'lost', 'won')))
);
CREATE INDEX stripe_disputes_practice ON stripe_disputes (practice_id, closed_at, id);
CREATE INDEX stripe_disputes_client ON stripe_disputes (client_id, id);
CREATE INDEX stripe_disputes_payment ON stripe_disputes (payment_id);

GRANT SELECT, INSERT, UPDATE ON stripe_disputes TO carehub_service;
REVOKE DELETE ON stripe_disputes FROM carehub_service;

-- Of those that are known already there is what the ledger says; the hub asks Stripe for the rest as if it were told of them.
INSERT INTO stripe_disputes (id, practice_id, client_id, payment_id, dispute, amount, state, told_at, closed_at)
SELECT c.id, p.practice_id, p.client_id, p.id, c.dispute, c.amount,
    CASE WHEN w.id IS NULL THEN 'unknown' ELSE 'won' END, c.recorded_at, w.recorded_at
FROM chargebacks c JOIN payments p ON p.id = c.payment_id
LEFT JOIN ledger_transactions w ON w.kind = 'chargebackWon' AND w.cause_id = c.id;
INSERT INTO stripe_events (id, kind, object, received_at, next_at)
SELECT 'evt_known_' || dispute, 'charge.dispute.updated', dispute, now(), now() FROM stripe_disputes;
