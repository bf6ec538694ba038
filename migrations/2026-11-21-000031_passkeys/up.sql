-- Passkeys, and the ceremonies (WebAuthn) that are under way.

CREATE TABLE passkeys (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users,
    credential_id bytea NOT NULL UNIQUE, -- chosen by the authenticator
    name          text NOT NULL, -- the person's own
    credential    jsonb NOT NULL, -- public key, counter, backup flags: nothing secret
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz
);
CREATE INDEX passkeys_user ON passkeys (user_id);

CREATE TABLE passkey_ceremonies (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('registration', 'signIn')),
    user_id    uuid REFERENCES users, -- NULL: who signs in is known when it ends
    state      jsonb NOT NULL, -- the challenge, and what the answer to it has to fulfil
    expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_ceremonies_expiry ON passkey_ceremonies (expires_at);
