CREATE UNIQUE INDEX notifications_thread ON notifications (user_id, about)
    WHERE kind = 'newMessage' AND read_at IS NULL AND cancelled_at IS NULL;
CREATE UNIQUE INDEX notifications_waiting ON notifications (user_id, about)
    WHERE kind = 'threadWaiting' AND read_at IS NULL AND cancelled_at IS NULL;
DROP INDEX notifications_of_thread;
