-- What becomes of a client's record: holds that keep it, its erasure, and what the client agreed to.

ALTER TABLE users DROP CONSTRAINT users_status_check;
ALTER TABLE users ADD CONSTRAINT users_status_check CHECK (status IN ('active', 'disabled', 'erased'));

CREATE TABLE legal_holds (
    id            uuid PRIMARY KEY,
    practice_id   uuid NOT NULL REFERENCES practices,
    client_id     uuid NOT NULL REFERENCES users,
    key_id        uuid NOT NULL REFERENCES data_keys, -- the practice's: it outlives the client's
    reason_sealed bytea NOT NULL,
    placed_by     uuid NOT NULL REFERENCES users,
    placed_at     timestamptz NOT NULL DEFAULT now(),
    lifted_by     uuid REFERENCES users,
    lifted_at     timestamptz,
    CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
);
CREATE UNIQUE INDEX legal_holds_client ON legal_holds (client_id) WHERE lifted_at IS NULL;

-- Only ever inserted into.
CREATE TABLE erasures (
    id            uuid PRIMARY KEY,
    practice_id   uuid NOT NULL REFERENCES practices,
    client_id     uuid NOT NULL UNIQUE REFERENCES users,
    cause         text NOT NULL CHECK (cause IN ('request', 'retention')),
    key_id        uuid REFERENCES data_keys, -- the practice's; NULL: no reason in words, as after a restore
    reason_sealed bytea,
    erased_by     uuid REFERENCES users, -- NULL: the practice's retention rule
    erased_at     timestamptz NOT NULL,
    statement     text NOT NULL, -- the certificate, exactly as it was signed
    signature     bytea NOT NULL, -- Ed25519
    public_key    bytea NOT NULL,
    CHECK ((key_id IS NULL) = (reason_sealed IS NULL))
);
CREATE INDEX erasures_practice ON erasures (practice_id, erased_at);

-- Only ever inserted into: the newest row of a kind is what holds.
CREATE TABLE consents (
    id         uuid PRIMARY KEY,
    client_id  uuid NOT NULL REFERENCES users,
    kind       text NOT NULL,
    version    text NOT NULL, -- of the text that was shown
    granted    boolean NOT NULL, -- false: withdrawn
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    sign_in_id uuid
);
CREATE INDEX consents_client ON consents (client_id, kind, id);

-- A kind without a row follows the default.
CREATE TABLE retention_rules (
    practice_id uuid NOT NULL REFERENCES practices,
    kind        text NOT NULL,
    days        integer CHECK (days > 0), -- NULL: kept for ever
    changed_by  uuid NOT NULL REFERENCES users,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (practice_id, kind)
);

REVOKE UPDATE, DELETE ON erasures, consents FROM carehub_service;
