-- The practice takes somebody off its waitlist, too.
ALTER TABLE appointment_waitlist DROP CONSTRAINT appointment_waitlist_ended_because_check;
ALTER TABLE appointment_waitlist ADD CONSTRAINT appointment_waitlist_ended_because_check
    CHECK (ended_because IN ('taken', 'left', 'over', 'removed'));
