-- Files that people hand in. Their content lies in the object store, sealed with the client's key; here is what it is,
-- and where. A row is written before its content, so that there is no content that nobody knows of.

CREATE TABLE objects (
    id          uuid PRIMARY KEY, -- chosen by the sender, so that sending again stores nothing twice
    location    uuid NOT NULL UNIQUE, -- where the content lies: another one for each try
    practice_id uuid NOT NULL REFERENCES practices,
    client_id   uuid NOT NULL REFERENCES users, -- whose record it belongs to
    uploader_id uuid NOT NULL REFERENCES users,
    purpose     text NOT NULL CHECK (purpose IN ('attachment', 'document', 'formAnswer')),
    state       text NOT NULL DEFAULT 'uploading' CHECK (state IN ('uploading', 'stored')),
    media_type  text, -- what it was found to be
    bytes       bigint CHECK (bytes >= 0),
    key_id      uuid REFERENCES data_keys, -- the client's
    sealed      bytea, -- JSON: name, SHA-256 of the content
    created_at  timestamptz NOT NULL,
    used_at     timestamptz, -- NULL: nothing refers to it yet; it goes after a day
    CHECK (state = 'uploading' OR num_nulls(media_type, bytes, key_id, sealed) = 0)
);
CREATE INDEX objects_client ON objects (client_id);
CREATE INDEX objects_uploader ON objects (uploader_id, created_at);
CREATE INDEX objects_unused ON objects (created_at) WHERE used_at IS NULL;

-- Content that nothing refers to any more, until it is gone from the store.
CREATE TABLE object_removals (
    location uuid PRIMARY KEY,
    due_at   timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON objects, object_removals TO carehub_service;
