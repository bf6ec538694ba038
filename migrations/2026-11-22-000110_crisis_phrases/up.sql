-- What a practice adds to the crisis phrases of the program, and where it sends clients in danger at once. Both only ever
-- inserted into: the highest version is the one that counts, and audit rows name the version that they were made by.

CREATE TABLE crisis_phrases (
    practice_id uuid NOT NULL REFERENCES practices,
    version     integer NOT NULL CHECK (version > 0),
    phrases     jsonb NOT NULL, -- id and words of each
    changed_by  uuid NOT NULL REFERENCES users,
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (practice_id, version)
);

CREATE TABLE crisis_resources (
    practice_id uuid NOT NULL REFERENCES practices,
    version     integer NOT NULL CHECK (version > 0),
    resources   jsonb NOT NULL, -- by language: name and contact of each
    changed_by  uuid NOT NULL REFERENCES users,
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (practice_id, version)
);

REVOKE UPDATE, DELETE ON crisis_phrases, crisis_resources FROM carehub_service;
