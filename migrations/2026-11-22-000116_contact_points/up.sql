-- Where people are reached beside their e-mail address: telephone numbers, and browsers that take push messages.

CREATE TABLE contact_points (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users,
    channel       text NOT NULL CHECK (channel IN ('sms', 'push')),
    key_id        uuid NOT NULL REFERENCES data_keys, -- the practice's
    sealed        bytea NOT NULL, -- the number, or the browser's subscription
    lookup        bytea NOT NULL, -- a keyed digest of it, to find it by
    created_at    timestamptz NOT NULL,
    verified_at   timestamptz, -- NULL: a number whose code was not entered yet
    opted_out_at  timestamptz, -- its owner answered STOP
    code_digest   bytea, -- of the code that was sent to it
    code_until    timestamptz,
    code_failures integer NOT NULL DEFAULT 0,
    CHECK (channel = 'sms' OR verified_at IS NOT NULL)
);
CREATE INDEX contact_points_lookup ON contact_points (channel, lookup);
CREATE UNIQUE INDEX contact_points_push ON contact_points (user_id, lookup) WHERE channel = 'push';
-- The number in use stays until the code for the next one was entered.
CREATE UNIQUE INDEX contact_points_number ON contact_points (user_id, (verified_at IS NULL)) WHERE channel = 'sms';

-- Secrets that the hub makes for itself, once: the key that signs push messages, the key of the digests above.
CREATE TABLE hub_secrets (
    name       text PRIMARY KEY,
    key_id     uuid NOT NULL REFERENCES data_keys, -- the installation's
    sealed     bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
