-- Files beside messages, written in the commit of the message.
CREATE TABLE attachments (
    object_id uuid PRIMARY KEY REFERENCES objects,
    thread_id uuid NOT NULL REFERENCES threads,
    seq       bigint NOT NULL, -- of the entry
    position  smallint NOT NULL
);
CREATE INDEX attachments_entry ON attachments (thread_id, seq);
GRANT SELECT, INSERT, DELETE ON attachments TO carehub_service;
REVOKE UPDATE ON attachments FROM carehub_service;
