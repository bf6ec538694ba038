-- Emergencies that were raised, whom they called, and the links by which those called say that they have it.
--
-- Lock order: the thread's row, then the escalation's.

CREATE TABLE escalations (
    id              uuid PRIMARY KEY,
    practice_id     uuid NOT NULL REFERENCES practices,
    client_id       uuid REFERENCES users, -- NULL: a drill
    thread_id       uuid REFERENCES threads, -- NULL: a drill, or not raised in a thread
    entry_id        uuid, -- the message that raised it
    cause           text NOT NULL CHECK (cause IN ('button', 'phrase', 'assessment', 'staff')),
    drill           boolean NOT NULL DEFAULT false,
    state           text NOT NULL DEFAULT 'raised'
                    CHECK (state IN ('raised', 'paging', 'acknowledged', 'exhausted', 'resolved')),
    policy_id       uuid, -- NULL: the built-in one
    step            integer NOT NULL DEFAULT 0,
    round           integer NOT NULL DEFAULT 0, -- only grows, also when it is raised anew
    first_round     integer NOT NULL DEFAULT 0, -- with which it was raised last
    emergencies     integer NOT NULL DEFAULT 1, -- messages that joined in it
    raised_by       uuid REFERENCES users, -- NULL: the client
    raised_at       timestamptz NOT NULL,
    heard_at        timestamptz NOT NULL, -- of the last message that joined
    due_at          timestamptz, -- when the engine has to look again; NULL: not by itself
    acknowledged_by uuid REFERENCES users,
    acknowledged_at timestamptz,
    handed_to       uuid REFERENCES users, -- asked to take it over
    exhausted_at    timestamptz,
    resolved_by     uuid REFERENCES users, -- NULL where resolved: the hub, as for an erased client
    resolved_at     timestamptz,
    let_in          uuid[] NOT NULL DEFAULT '{}', -- staff who take part in the thread because they took this
    note_key_id     uuid REFERENCES data_keys, -- the client's; a drill's is the practice's
    note_sealed     bytea,
    version         bigint NOT NULL DEFAULT 1, -- grows with every change
    CHECK (drill OR client_id IS NOT NULL),
    CHECK (state <> 'acknowledged' OR acknowledged_by IS NOT NULL AND acknowledged_at IS NOT NULL),
    CHECK (state <> 'exhausted' OR exhausted_at IS NOT NULL),
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
    -- What is open is always due, or somebody has it, or it came to its last resort.
    CHECK (state NOT IN ('raised', 'paging') OR due_at IS NOT NULL)
);
CREATE UNIQUE INDEX escalations_thread ON escalations (thread_id) WHERE state <> 'resolved' AND thread_id IS NOT NULL;
CREATE UNIQUE INDEX escalations_client ON escalations (client_id)
    WHERE state <> 'resolved' AND thread_id IS NULL AND NOT drill;
CREATE INDEX escalations_due ON escalations (due_at) WHERE state <> 'resolved' AND due_at IS NOT NULL;
CREATE INDEX escalations_open ON escalations (practice_id, id) WHERE state <> 'resolved';
CREATE INDEX escalations_practice ON escalations (practice_id, id);
CREATE INDEX escalations_client_id ON escalations (client_id, id);

-- One page for each escalation, step, round, person and channel. Through a channel with several devices it goes to each
-- of them, hence several rows of the outbox; within the app it needs none.
CREATE TABLE pages (
    id            uuid PRIMARY KEY,
    escalation_id uuid NOT NULL REFERENCES escalations,
    step          integer NOT NULL,
    round         integer NOT NULL,
    user_id       uuid NOT NULL REFERENCES users,
    channel       text NOT NULL CHECK (channel IN ('inApp', 'email', 'sms', 'push')),
    outbox_ids    uuid[] NOT NULL DEFAULT '{}',
    state         text NOT NULL CHECK (state IN ('queued', 'undelivered', 'cancelled')),
    at            timestamptz NOT NULL,
    seen_at       timestamptz,
    UNIQUE (escalation_id, round, step, user_id, channel)
);
CREATE INDEX pages_user ON pages (user_id, escalation_id);

-- The token of a link is stored as a digest; it acts for one person in one escalation.
CREATE TABLE ack_links (
    digest        bytea PRIMARY KEY,
    escalation_id uuid NOT NULL REFERENCES escalations,
    user_id       uuid NOT NULL REFERENCES users,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz
);
CREATE INDEX ack_links_escalation ON ack_links (escalation_id);

REVOKE DELETE ON escalations, pages FROM carehub_service;
