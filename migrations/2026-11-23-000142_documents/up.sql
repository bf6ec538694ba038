-- Documents of a client's record: what the practice shares with the client, what the client hands in, and what was signed.

CREATE TABLE documents (
    id             uuid PRIMARY KEY,
    practice_id    uuid NOT NULL REFERENCES practices,
    client_id      uuid NOT NULL REFERENCES users,
    category       text NOT NULL CHECK (category IN
        ('general', 'intake', 'consent', 'treatment', 'letter', 'result', 'insurance', 'billing', 'other')),
    key_id         uuid NOT NULL REFERENCES data_keys, -- the client's
    title_sealed   bytea NOT NULL,
    added_by       uuid NOT NULL REFERENCES users,
    added_at       timestamptz NOT NULL,
    shared_at      timestamptz, -- NULL: the client does not see it
    shared_by      uuid REFERENCES users,
    latest         integer NOT NULL DEFAULT 1, -- its newest version
    -- Asked for, and not signed yet.
    to_sign        integer, -- which version
    to_sign_since  timestamptz,
    to_sign_for    uuid REFERENCES users, -- who asked
    CHECK (num_nulls(to_sign, to_sign_since, to_sign_for) IN (0, 3))
);
CREATE INDEX documents_client ON documents (client_id, id);

CREATE TABLE document_versions (
    document_id uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    number      integer NOT NULL CHECK (number > 0),
    object_id   uuid NOT NULL UNIQUE REFERENCES objects,
    added_by    uuid NOT NULL REFERENCES users,
    added_at    timestamptz NOT NULL,
    PRIMARY KEY (document_id, number)
);

-- What was signed, in words that a hash seals: never changed.
CREATE TABLE document_signatures (
    id          uuid PRIMARY KEY,
    document_id uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    version     integer NOT NULL,
    signed_by   uuid NOT NULL REFERENCES users,
    signed_at   timestamptz NOT NULL,
    key_id      uuid NOT NULL REFERENCES data_keys, -- the client's
    sealed      bytea NOT NULL, -- JSON: who, what, when, from where, with which intent
    hash        bytea NOT NULL, -- SHA-256 of that JSON; stands in the audit log, too
    UNIQUE (document_id, version, signed_by)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON documents TO carehub_service;
GRANT SELECT, INSERT, DELETE ON document_versions, document_signatures TO carehub_service;
REVOKE UPDATE ON document_versions, document_signatures FROM carehub_service;
