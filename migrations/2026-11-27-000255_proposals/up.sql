-- Another time that the practice proposes for an appointment that is confirmed. Until its client takes it the appointment
-- stays what it was, and both times are taken: by one row, so that one constraint goes on keeping everybody else away.
ALTER TABLE appointments
    ADD COLUMN proposed tstzrange,
    ADD COLUMN proposed_taken tstzrange, -- the same with the clinician's buffer after it
    ADD CONSTRAINT appointments_proposed CHECK ((proposed IS NULL) = (proposed_taken IS NULL)
        AND (proposed IS NULL OR state = 'confirmed')),
    ADD CONSTRAINT appointments_proposed_span CHECK (NOT isempty(proposed) AND NOT lower_inf(proposed)
        AND NOT upper_inf(proposed) AND lower_inc(proposed) AND NOT upper_inc(proposed)
        AND proposed <@ proposed_taken AND lower(proposed) = lower(proposed_taken)),
    ADD COLUMN claimed tstzmultirange NOT NULL GENERATED ALWAYS AS (tstzmultirange(taken)
        + CASE WHEN proposed_taken IS NULL THEN tstzmultirange() ELSE tstzmultirange(proposed_taken) END) STORED;
ALTER TABLE appointments DROP CONSTRAINT appointments_one_at_a_time;
ALTER TABLE appointments ADD CONSTRAINT appointments_one_at_a_time
    EXCLUDE USING gist (clinician_id WITH =, claimed WITH &&) WHERE (state <> 'cancelled');
CREATE INDEX appointments_proposed_of ON appointments (clinician_id) WHERE proposed IS NOT NULL;
