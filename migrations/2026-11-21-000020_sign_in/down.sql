DROP TABLE sign_in_tickets;
ALTER TABLE sign_in_sessions DROP COLUMN address, DROP COLUMN user_agent, DROP COLUMN reauthenticated_at;
