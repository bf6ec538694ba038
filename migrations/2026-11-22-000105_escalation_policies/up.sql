-- How a practice escalates emergencies. Only ever inserted into: the highest version is the one that is on, and an
-- escalation goes on by the one that it was raised under. A practice without any has the built-in one.

CREATE TABLE escalation_policies (
    id             uuid PRIMARY KEY,
    practice_id    uuid NOT NULL REFERENCES practices,
    version        integer NOT NULL CHECK (version > 0),
    plan           jsonb NOT NULL, -- steps, rounds, silence, last resort
    switched_on_by uuid REFERENCES users, -- NULL: the hub itself, as for the demo
    switched_on_at timestamptz NOT NULL,
    UNIQUE (practice_id, version)
);

REVOKE UPDATE, DELETE ON escalation_policies FROM carehub_service;
