ALTER TABLE users DROP COLUMN shows_presence;
