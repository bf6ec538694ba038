DROP INDEX notifications_waiting;
