-- Threads, who takes part, what was said, and texts not yet sent.

CREATE TABLE threads (
    id             uuid PRIMARY KEY,
    practice_id    uuid NOT NULL REFERENCES practices,
    client_id      uuid NOT NULL REFERENCES users,
    data_key_id    uuid NOT NULL REFERENCES data_keys,
    subject_sealed bytea NOT NULL,
    assignee_id    uuid REFERENCES users, -- NULL: in the practice's unassigned pool
    status         text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    priority       text NOT NULL DEFAULT 'normal' CHECK (priority IN ('normal', 'urgent', 'emergency')),
    head           bigint NOT NULL DEFAULT 0,   -- seq of the newest entry
    last_entry_at  timestamptz NOT NULL DEFAULT now(),
    version        bigint NOT NULL DEFAULT 1,   -- grows with membership, assignee and status: a cache of these knows when it is old
    created_at     timestamptz NOT NULL DEFAULT now(),
    changed_xid    xid8 NOT NULL DEFAULT pg_current_xact_id() -- the transaction that changed it last: the sync cursor
) WITH (fillfactor = 60);
-- No index on head, last_entry_at or changed_xid: they change with every entry, and unindexed they change in place.
CREATE INDEX threads_client ON threads (client_id);
CREATE INDEX threads_assignee ON threads (assignee_id);
CREATE INDEX threads_pool ON threads (practice_id) WHERE assignee_id IS NULL AND status = 'open';

CREATE TABLE participants (
    thread_id   uuid NOT NULL REFERENCES threads,
    user_id     uuid NOT NULL REFERENCES users,
    joined_at   timestamptz NOT NULL DEFAULT now(),
    left_at     timestamptz, -- NULL: takes part
    delivered   bigint NOT NULL DEFAULT 0,
    read        bigint NOT NULL DEFAULT 0,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (thread_id, user_id),
    CHECK (read <= delivered)
) WITH (fillfactor = 60);
CREATE INDEX participants_user ON participants (user_id) WHERE left_at IS NULL;

-- Append-only. No foreign keys and no checks, which cost more than the row: commit_batch() is the only writer, and has the
-- thread and its sender under lock.
CREATE TABLE entries (
    thread_id uuid NOT NULL,
    seq       bigint NOT NULL,
    id        uuid NOT NULL,
    sender_id uuid, -- NULL: the hub's own
    kind      text NOT NULL, -- message, notice, note, correction, retraction
    priority  text NOT NULL, -- normal, urgent, emergency
    sealed    bytea NOT NULL,
    reply_to  uuid,
    at        timestamptz NOT NULL,
    PRIMARY KEY (thread_id, seq),
    UNIQUE (id, sender_id)
);

CREATE TABLE drafts (
    user_id    uuid NOT NULL REFERENCES users,
    thread_id  uuid NOT NULL, -- the nil UUID: the thread that is not opened yet
    key_id     uuid NOT NULL REFERENCES data_keys,
    sealed     bytea NOT NULL,
    pending_id uuid, -- the id under which this text was sent and not yet confirmed
    revision   bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, thread_id)
);
