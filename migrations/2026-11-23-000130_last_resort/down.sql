ALTER TABLE escalations DROP COLUMN last_resort_ids;
