-- Staff are told once of a thread that nobody has taken, however many messages wait in it.
CREATE UNIQUE INDEX notifications_waiting ON notifications (user_id, about)
    WHERE kind = 'threadWaiting' AND read_at IS NULL AND cancelled_at IS NULL;
