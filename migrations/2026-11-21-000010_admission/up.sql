-- How clients and colleagues come to their accounts, and back into them.

-- What only a client and the practice know: the proof at registration.
CREATE TABLE client_files (
    client_id  uuid PRIMARY KEY REFERENCES users,
    key_id     uuid NOT NULL REFERENCES data_keys, -- the client's
    sealed     bytea NOT NULL, -- date of birth, last four digits of the SSN, MRN
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Somebody tried to prove that they are a client. Counted for a day, then deleted.
CREATE TABLE registration_tries (
    id        uuid PRIMARY KEY,
    client_id uuid REFERENCES users, -- NULL: the address is no client's
    network   cidr, -- an address, or the /64 that an IPv6 address is in
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX registration_tries_client ON registration_tries (client_id, at);
CREATE INDEX registration_tries_network ON registration_tries (network, at);
CREATE INDEX registration_tries_at ON registration_tries (at);

-- Proven, and waiting for the address on file to be confirmed. Until then nothing of the account changes.
CREATE TABLE registrations (
    client_id     uuid PRIMARY KEY REFERENCES users,
    password_hash text NOT NULL,
    terms_version text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE accepted_terms (
    user_id     uuid NOT NULL REFERENCES users,
    version     text NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, version)
);

-- The practice asks somebody in. The links that are mailed for it live for an hour; the invitation for days, so that
-- whoever comes later is sent another link.
CREATE TABLE invitations (
    id          uuid PRIMARY KEY,
    practice_id uuid NOT NULL REFERENCES practices,
    email       text NOT NULL,
    role        text NOT NULL CHECK (role IN ('client', 'clinician', 'staff', 'admin')),
    client_id   uuid REFERENCES users, -- of a client: who is on file already
    invited_by  uuid NOT NULL REFERENCES users,
    failures    integer NOT NULL DEFAULT 0, -- wrong dates of birth
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at  timestamptz,
    CHECK ((role = 'client') = (client_id IS NOT NULL))
);
CREATE UNIQUE INDEX invitations_open ON invitations (practice_id, lower(email))
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_practice ON invitations (practice_id, id);

-- Links in e-mails: each is good once, for an hour, for the address that it was sent to.
CREATE TABLE one_time_tokens (
    digest        bytea PRIMARY KEY, -- SHA-256 of the token
    purpose       text NOT NULL CHECK (purpose IN ('verifyEmail', 'changeEmail', 'resetPassword', 'invitation')),
    user_id       uuid REFERENCES users,
    invitation_id uuid REFERENCES invitations,
    address       text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    ended_at      timestamptz, -- used, or worth nothing since
    ended_because text,
    CHECK ((user_id IS NULL) <> (invitation_id IS NULL))
);
CREATE INDEX one_time_tokens_user ON one_time_tokens (user_id, created_at);
CREATE INDEX one_time_tokens_invitation ON one_time_tokens (invitation_id, created_at);
CREATE INDEX one_time_tokens_expiry ON one_time_tokens (expires_at);
