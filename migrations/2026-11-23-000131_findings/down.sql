ALTER TABLE escalations DROP COLUMN finding;
