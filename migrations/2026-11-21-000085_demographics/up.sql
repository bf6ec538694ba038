-- What clients say about themselves: how they are called, where to reach them, whom to call in an emergency.

CREATE TABLE client_demographics (
    client_id  uuid PRIMARY KEY REFERENCES users,
    key_id     uuid NOT NULL REFERENCES data_keys, -- the client's
    sealed     bytea NOT NULL, -- JSON
    changed_at timestamptz NOT NULL DEFAULT now()
);
