-- Notices: who is told of what, how they want to be told, and what was planned for which channel.

CREATE SEQUENCE notifications_told;

-- A kind, an id and times: nothing in it says more.
CREATE TABLE notifications (
    id           uuid PRIMARY KEY,
    practice_id  uuid NOT NULL REFERENCES practices,
    user_id      uuid NOT NULL REFERENCES users,
    kind         text NOT NULL,
    code         text, -- of a security notice: which
    about        uuid, -- a thread, an appointment, a form: by the kind
    occurrence   bigint, -- which time of several; of a new message: the last seq that it stands for. NULL: not told apart
    due_at       timestamptz NOT NULL,
    expires_at   timestamptz, -- of no use outside of Carehub from then on
    created_at   timestamptz NOT NULL DEFAULT now(),
    told         bigint UNIQUE, -- in the order in which they were told; NULL: not yet
    told_at      timestamptz,
    read_at      timestamptz,
    cancelled_at timestamptz,
    CHECK ((told IS NULL) = (told_at IS NULL)),
    -- The same told twice is told once.
    UNIQUE (user_id, kind, about, occurrence)
);
CREATE INDEX notifications_due ON notifications (due_at) WHERE told IS NULL AND cancelled_at IS NULL;
CREATE INDEX notifications_list ON notifications (user_id, told) WHERE told IS NOT NULL AND cancelled_at IS NULL;
CREATE INDEX notifications_open ON notifications (about) WHERE read_at IS NULL AND cancelled_at IS NULL;
-- One a thread, however many messages.
CREATE UNIQUE INDEX notifications_thread ON notifications (user_id, about)
    WHERE kind = 'newMessage' AND read_at IS NULL AND cancelled_at IS NULL;

-- What is to leave Carehub, one row a channel. It becomes rows of the outbox when it is due, and not before: what was
-- read, withdrawn or chosen otherwise until then counts.
CREATE TABLE notification_deliveries (
    id              uuid PRIMARY KEY,
    notification_id uuid NOT NULL REFERENCES notifications ON DELETE CASCADE,
    channel         text NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
    digest          boolean NOT NULL, -- together with others
    fallback        boolean NOT NULL, -- only where no device confirmed the push
    due_at          timestamptz NOT NULL,
    -- planned; queued: in the outbox; handed: that is done with it; dropped: needed no more
    state           text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'queued', 'handed', 'dropped')),
    dropped_because text,
    outbox_ids      uuid[] NOT NULL DEFAULT '{}', -- a push has one for each browser
    confirm_digest  bytea UNIQUE, -- of the token with which a device confirms it
    confirmed_at    timestamptz,
    UNIQUE (notification_id, channel)
);
CREATE INDEX notification_deliveries_due ON notification_deliveries (due_at) WHERE state = 'planned';
CREATE INDEX notification_deliveries_queued ON notification_deliveries (id) WHERE state = 'queued';

CREATE TABLE notification_preferences (
    user_id    uuid PRIMARY KEY REFERENCES users,
    document   jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE reminders (
    id          uuid PRIMARY KEY,
    practice_id uuid NOT NULL REFERENCES practices,
    user_id     uuid NOT NULL REFERENCES users,
    kind        text NOT NULL,
    about       uuid,
    rhythm      jsonb NOT NULL,
    next_at     timestamptz NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX reminders_next ON reminders (next_at) WHERE ended_at IS NULL;
CREATE INDEX reminders_user ON reminders (user_id);

-- Up to when entries were looked at for messages that stay unread.
CREATE TABLE notification_watermark (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    at       timestamptz NOT NULL
);
INSERT INTO notification_watermark (at) VALUES (now());

-- Entries lie on disk in the order of their times, so a summary of each stretch of pages is enough to find the newest:
-- writing an entry touches it once a stretch, not once a row.
CREATE INDEX entries_at ON entries USING brin (at) WITH (pages_per_range = 16, autosummarize = on);
