-- Whose clients are whose, and access to a record without being responsible for it.

CREATE TABLE client_care (
    client_id uuid NOT NULL REFERENCES users,
    user_id   uuid NOT NULL REFERENCES users, -- of the client's practice, never a client
    added_by  uuid REFERENCES users, -- NULL: nobody in particular, such as an import
    added_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client_id, user_id)
);
CREATE INDEX client_care_user ON client_care (user_id);

-- Emergency access: granted by whoever needs it, with a reason, for an hour. Rows stay.
CREATE TABLE break_glass (
    id            uuid PRIMARY KEY,
    practice_id   uuid NOT NULL REFERENCES practices,
    client_id     uuid NOT NULL REFERENCES users,
    user_id       uuid NOT NULL REFERENCES users,
    key_id        uuid NOT NULL REFERENCES data_keys, -- the client's
    reason_sealed bytea NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL
);
CREATE INDEX break_glass_client ON break_glass (client_id, id);
CREATE INDEX break_glass_user ON break_glass (user_id, client_id, expires_at);
CREATE INDEX break_glass_practice ON break_glass (practice_id, id);
