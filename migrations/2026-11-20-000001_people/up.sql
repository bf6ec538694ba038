-- Practices, the people in them, their sign-in sessions, and the keys that seal what is said.

CREATE TABLE practices (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    time_zone  text NOT NULL, -- IANA name
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    id               uuid PRIMARY KEY,
    practice_id      uuid NOT NULL REFERENCES practices,
    role             text NOT NULL CHECK (role IN ('client', 'clinician', 'staff', 'admin')),
    email            text NOT NULL,
    name             text NOT NULL,
    password_hash    text, -- PHC string; NULL: cannot sign in with a password
    time_zone        text NOT NULL,
    language         text NOT NULL DEFAULT 'en',
    status           text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    failed_sign_ins  integer NOT NULL DEFAULT 0,
    locked_until     timestamptz,
    sends_per_minute integer CHECK (sends_per_minute > 0), -- NULL: the hub's default
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE INDEX users_practice_role ON users (practice_id, role);

CREATE TABLE sign_in_sessions (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users,
    audience       text NOT NULL CHECK (audience IN ('carehub-portal', 'carehub-ehr')),
    cookie_hash    bytea UNIQUE, -- SHA-256 of the browser's cookie; NULL: bearer tokens only
    created_at     timestamptz NOT NULL DEFAULT now(),
    last_active_at timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,
    idle_seconds   integer, -- ends after so long without activity of the user; NULL: never
    ended_at       timestamptz,
    ended_because  text
);
CREATE INDEX sign_in_sessions_user ON sign_in_sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sign_in_sessions_ended ON sign_in_sessions (ended_at) WHERE ended_at IS NOT NULL;

-- One data key a client (and one a practice, for text that belongs to no client yet), wrapped by the master key.
CREATE TABLE data_keys (
    id            uuid PRIMARY KEY,
    owner_id      uuid NOT NULL UNIQUE, -- a client's user id, or a practice's id
    wrapped       bytea NOT NULL,
    master_key_id text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- Names the history (PROTOCOL `epoch`). A store restored elsewhere shows another system or timeline, and gets a new epoch.
CREATE TABLE store_identity (
    only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch             uuid NOT NULL,
    system_identifier text NOT NULL,
    timeline          integer NOT NULL
);
