-- Whether others are shown that somebody is online, and that they are writing. Everybody is, until they choose otherwise.

ALTER TABLE users ADD COLUMN shows_presence boolean NOT NULL DEFAULT true;
