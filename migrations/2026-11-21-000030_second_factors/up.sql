-- What somebody proves who they are with, beside a password: codes of an authenticator app, and codes on paper.

CREATE TABLE totp_authenticators (
    user_id        uuid PRIMARY KEY REFERENCES users,
    key_id         uuid NOT NULL REFERENCES data_keys,
    sealed         bytea, -- the seed in use; NULL: none yet
    enrolled_at    timestamptz,
    last_step      bigint NOT NULL DEFAULT 0, -- of the newest code that was accepted: neither it nor an older one is again
    pending_sealed bytea, -- a seed that was shown and not yet confirmed by a code
    pending_until  timestamptz,
    CHECK ((sealed IS NULL) = (enrolled_at IS NULL)),
    CHECK ((pending_sealed IS NULL) = (pending_until IS NULL))
);

-- One row a person: spending a code is one update of it, which only one of many can win.
CREATE TABLE backup_codes (
    user_id uuid PRIMARY KEY REFERENCES users,
    salt    bytea NOT NULL,
    hashes  bytea[] NOT NULL, -- Argon2id of each code that is left
    made_at timestamptz NOT NULL DEFAULT now()
);
