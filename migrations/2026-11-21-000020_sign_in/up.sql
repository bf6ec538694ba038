-- Where a session comes from, how fresh its proof is, and people between their first factor and their second.

ALTER TABLE sign_in_sessions
    ADD COLUMN address            inet,
    ADD COLUMN user_agent         text,
    ADD COLUMN reauthenticated_at timestamptz NOT NULL DEFAULT now(); -- a password or another factor was shown last

-- Somebody showed a first factor and still owes a second one.
CREATE TABLE sign_in_tickets (
    hash       bytea PRIMARY KEY, -- SHA-256 of the ticket
    user_id    uuid NOT NULL REFERENCES users,
    audience   text NOT NULL CHECK (audience IN ('carehub-portal', 'carehub-ehr')),
    proof      text NOT NULL, -- the first factor
    handover   text NOT NULL, -- what the caller wants to be given
    failures   integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_tickets_user ON sign_in_tickets (user_id);
CREATE INDEX sign_in_tickets_expiry ON sign_in_tickets (expires_at);
