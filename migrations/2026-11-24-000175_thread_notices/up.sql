-- Of a thread somebody has one notice of a kind that is open, however many messages come: one rule for both kinds.
CREATE UNIQUE INDEX notifications_of_thread ON notifications (user_id, kind, about)
    WHERE kind IN ('newMessage', 'threadWaiting') AND read_at IS NULL AND cancelled_at IS NULL;
DROP INDEX notifications_thread;
DROP INDEX notifications_waiting;
