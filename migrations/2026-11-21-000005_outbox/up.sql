-- What is to be told to people outside of the hub, written in the transaction that caused it.

CREATE TABLE outbox (
    id           uuid PRIMARY KEY,
    practice_id  uuid NOT NULL REFERENCES practices,
    recipient_id uuid REFERENCES users, -- NULL: somebody without an account yet
    channel      text NOT NULL CHECK (channel IN ('email')),
    kind         text NOT NULL, -- which template
    key_id       uuid NOT NULL REFERENCES data_keys, -- the practice's
    sealed       bytea NOT NULL, -- address, language, and what the template needs (links are secrets)
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
    attempts     integer NOT NULL DEFAULT 0,
    due_at       timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now(),
    sent_at      timestamptz,
    last_error   text -- a code, never the provider's words
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';
