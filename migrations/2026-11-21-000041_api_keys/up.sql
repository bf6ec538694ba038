-- Keys of other systems, each with named permissions in one practice. Revoked ones stay, so that the audit log can be read.
CREATE TABLE api_keys (
    id           uuid PRIMARY KEY,
    practice_id  uuid NOT NULL REFERENCES practices,
    name         text NOT NULL,
    digest       bytea NOT NULL UNIQUE, -- SHA-256 of the secret, which is shown once
    scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_by   uuid NOT NULL REFERENCES users,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz, -- to the minute
    revoked_at   timestamptz
);
CREATE INDEX api_keys_practice ON api_keys (practice_id, id);
