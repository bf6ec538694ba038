-- Who is on call: a week of shifts in the practice's time zone, and what deviates from it.

CREATE TABLE on_call_rotas (
    practice_id uuid PRIMARY KEY REFERENCES practices,
    revision    bigint NOT NULL,
    changed_by  uuid REFERENCES users, -- NULL: the hub itself, as for the demo
    changed_at  timestamptz NOT NULL
);

CREATE TABLE on_call_shifts (
    id          uuid PRIMARY KEY,
    practice_id uuid NOT NULL REFERENCES on_call_rotas,
    layer       text NOT NULL CHECK (layer IN ('onCall', 'backup')),
    user_id     uuid NOT NULL REFERENCES users, -- of the practice, never a client
    weekday     smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- of its start; 1: Monday
    starts      time NOT NULL, -- as clocks in the practice show it
    ends        time NOT NULL  -- not after its start: on the next day
);
CREATE INDEX on_call_shifts_practice ON on_call_shifts (practice_id);

-- Rows stay: who was on call is answered for the past, too.
CREATE TABLE on_call_overrides (
    id          uuid PRIMARY KEY,
    practice_id uuid NOT NULL REFERENCES practices,
    kind        text NOT NULL CHECK (kind IN ('cover', 'leave')),
    layer       text CHECK (layer IN ('onCall', 'backup')), -- of a cover; leave is from all of them
    user_id     uuid NOT NULL REFERENCES users, -- who covers, or is on leave
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    made_by     uuid NOT NULL REFERENCES users,
    made_at     timestamptz NOT NULL,
    removed_by  uuid REFERENCES users,
    removed_at  timestamptz,
    CHECK (starts_at < ends_at),
    CHECK ((kind = 'cover') = (layer IS NOT NULL)),
    CHECK ((removed_by IS NULL) = (removed_at IS NULL))
);
CREATE INDEX on_call_overrides_practice ON on_call_overrides (practice_id, ends_at) WHERE removed_at IS NULL;

REVOKE DELETE ON on_call_overrides FROM carehub_service;
