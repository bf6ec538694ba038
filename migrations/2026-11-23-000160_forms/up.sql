-- Forms: what a practice asks its clients, what they are writing, and what they have signed.

CREATE TABLE forms (
    id              uuid PRIMARY KEY,
    practice_id     uuid NOT NULL REFERENCES practices,
    kind            text NOT NULL CHECK (kind IN ('initial', 'annualUpdate', 'symptomChecklist', 'custom')),
    definition      text NOT NULL, -- JSON: as it is being built
    revision        bigint NOT NULL DEFAULT 1, -- of what is being built: two who build at once are told
    for_new_clients boolean NOT NULL DEFAULT false,
    due_days        integer CHECK (due_days BETWEEN 0 AND 365), -- of new clients: so many days after they are on file
    created_by      uuid REFERENCES users,
    created_at      timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    retired_at      timestamptz
);
CREATE INDEX forms_practice ON forms (practice_id, id);

-- What clients were and are asked, word for word. Never changed.
CREATE TABLE form_versions (
    form_id      uuid NOT NULL REFERENCES forms,
    version      integer NOT NULL CHECK (version > 0),
    definition   text NOT NULL,
    digest       bytea NOT NULL, -- SHA-256 of its canonical form
    published_by uuid REFERENCES users,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (form_id, version)
);

CREATE TABLE form_assignments (
    id           uuid PRIMARY KEY,
    practice_id  uuid NOT NULL REFERENCES practices,
    form_id      uuid NOT NULL,
    version      integer NOT NULL,
    client_id    uuid NOT NULL REFERENCES users,
    assigned_by  uuid REFERENCES users, -- NULL: every new client gets it
    assigned_at  timestamptz NOT NULL,
    due_on       date,
    withdrawn_at timestamptz,
    -- Submitted or withdrawn.
    closed_at    timestamptz,
    FOREIGN KEY (form_id, version) REFERENCES form_versions
);
-- The same form once at a time.
CREATE UNIQUE INDEX form_assignments_open ON form_assignments (client_id, form_id) WHERE closed_at IS NULL;
CREATE INDEX form_assignments_client ON form_assignments (client_id, id);

-- What a client is writing.
CREATE TABLE form_drafts (
    assignment_id uuid PRIMARY KEY REFERENCES form_assignments,
    client_id     uuid NOT NULL REFERENCES users,
    key_id        uuid NOT NULL REFERENCES data_keys, -- the client's
    sealed        bytea NOT NULL, -- JSON
    revision      bigint NOT NULL DEFAULT 1,
    saved_at      timestamptz NOT NULL
);
CREATE INDEX form_drafts_client ON form_drafts (client_id);

-- What was submitted. Never changed.
CREATE TABLE form_submissions (
    id            uuid PRIMARY KEY,
    assignment_id uuid NOT NULL UNIQUE REFERENCES form_assignments,
    practice_id   uuid NOT NULL REFERENCES practices,
    client_id     uuid NOT NULL REFERENCES users,
    key_id        uuid NOT NULL REFERENCES data_keys, -- the client's
    sealed        bytea NOT NULL, -- JSON: answers, signatures, address and program
    seal          bytea NOT NULL, -- SHA-256 of what was signed
    sent_as       uuid NOT NULL, -- what its sender called it: sent twice, it is stored once
    submitted_at  timestamptz NOT NULL
);
CREATE INDEX form_submissions_client ON form_submissions (client_id, id);
CREATE INDEX form_submissions_practice ON form_submissions (practice_id, id);

CREATE TABLE form_reviews (
    submission_id  uuid PRIMARY KEY REFERENCES form_submissions,
    client_id      uuid NOT NULL REFERENCES users,
    reviewed_by    uuid NOT NULL REFERENCES users,
    reviewed_at    timestamptz NOT NULL,
    key_id         uuid NOT NULL REFERENCES data_keys, -- the client's
    note_sealed    bytea, -- for those who work for the practice
    message_sealed bytea  -- for the client, too
);
CREATE INDEX form_reviews_client ON form_reviews (client_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON forms, form_assignments, form_drafts TO carehub_service;
GRANT SELECT, INSERT ON form_versions, form_submissions, form_reviews TO carehub_service;
REVOKE UPDATE, DELETE ON form_versions, form_submissions, form_reviews FROM carehub_service;
