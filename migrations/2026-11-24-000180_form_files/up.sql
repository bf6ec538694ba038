-- Files that clients add to what they fill in: from the upload on, while they write, and with what they submitted.
CREATE TABLE form_files (
    object_id     uuid PRIMARY KEY REFERENCES objects,
    assignment_id uuid NOT NULL REFERENCES form_assignments,
    field         text NOT NULL, -- the key of the field that asks for it
    added_at      timestamptz NOT NULL
);
CREATE INDEX form_files_assignment ON form_files (assignment_id);
GRANT SELECT, INSERT, DELETE ON form_files TO carehub_service;
REVOKE UPDATE ON form_files FROM carehub_service;
