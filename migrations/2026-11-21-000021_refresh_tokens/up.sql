-- Refresh tokens. All of one sign-in session are a family; each is used once. A used one that comes again ends the family.

CREATE TABLE refresh_tokens (
    hash       bytea PRIMARY KEY, -- SHA-256 of the token
    sign_in_id uuid NOT NULL REFERENCES sign_in_sessions,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz -- NULL: the newest of its family
);
CREATE UNIQUE INDEX refresh_tokens_newest ON refresh_tokens (sign_in_id) WHERE used_at IS NULL;

-- What a person signed in from before.
CREATE INDEX sign_in_sessions_history ON sign_in_sessions (user_id, created_at);
