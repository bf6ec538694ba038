-- What was sent to the practice's own telephone when nobody came, so that taking the emergency takes back what waits.
ALTER TABLE escalations ADD COLUMN last_resort_ids uuid[] NOT NULL DEFAULT '{}';
