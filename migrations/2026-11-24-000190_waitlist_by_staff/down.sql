UPDATE appointment_waitlist SET ended_because = 'left' WHERE ended_because = 'removed';
ALTER TABLE appointment_waitlist DROP CONSTRAINT appointment_waitlist_ended_because_check;
ALTER TABLE appointment_waitlist ADD CONSTRAINT appointment_waitlist_ended_because_check
    CHECK (ended_because IN ('taken', 'left', 'over'));
