-- A practice may end a client's payment plan, and says why.
ALTER TABLE payment_plans
    ADD COLUMN key_id uuid REFERENCES data_keys, -- the client's
    ADD COLUMN reason_sealed bytea, -- why the practice ended it; NULL: it did not
    ADD CHECK ((key_id IS NULL) = (reason_sealed IS NULL)),
    ADD CHECK (reason_sealed IS NULL OR ended_because = 'cancelled');

-- Appointments that took place and cost nothing. A row that is taken back goes; the audit log keeps both.
CREATE TABLE free_appointments (
    appointment_id uuid PRIMARY KEY REFERENCES appointments,
    practice_id    uuid NOT NULL REFERENCES practices,
    client_id      uuid NOT NULL REFERENCES users,
    marked_by      uuid NOT NULL REFERENCES users,
    marked_at      timestamptz NOT NULL
);
CREATE INDEX free_appointments_practice ON free_appointments (practice_id, marked_at);
CREATE INDEX free_appointments_client ON free_appointments (client_id);
