DROP INDEX appointments_proposed_of;
ALTER TABLE appointments DROP CONSTRAINT appointments_one_at_a_time;
ALTER TABLE appointments ADD CONSTRAINT appointments_one_at_a_time
    EXCLUDE USING gist (clinician_id WITH =, taken WITH &&) WHERE (state <> 'cancelled');
ALTER TABLE appointments DROP COLUMN claimed, DROP COLUMN proposed_taken, DROP COLUMN proposed;
