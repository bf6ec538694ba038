DROP INDEX outbox_kept, outbox_recipient, outbox_undelivered, outbox_due;
DELETE FROM outbox WHERE channel <> 'email';
UPDATE outbox SET state = CASE state WHEN 'delivered' THEN 'sent' ELSE 'failed' END
    WHERE state NOT IN ('waiting', 'sent', 'failed');
ALTER TABLE outbox DROP COLUMN urgent, DROP COLUMN expires_at, DROP COLUMN settled_at, DROP COLUMN provider_id;
ALTER TABLE outbox DROP CONSTRAINT outbox_state_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_state_check CHECK (state IN ('waiting', 'sent', 'failed'));
ALTER TABLE outbox DROP CONSTRAINT outbox_channel_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_channel_check CHECK (channel IN ('email'));
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';
