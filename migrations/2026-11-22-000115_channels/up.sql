-- The outbox serves text messages and web push, too; urgent rows have a lane of their own; what becomes of a message
-- after a provider took it is kept.

ALTER TABLE outbox DROP CONSTRAINT outbox_channel_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_channel_check CHECK (channel IN ('email', 'sms', 'push'));
ALTER TABLE outbox DROP CONSTRAINT outbox_state_check;
-- sent: a provider took it; delivered: the provider says that it arrived; failed: given up; bounced: the address is none.
ALTER TABLE outbox ADD CONSTRAINT outbox_state_check
    CHECK (state IN ('waiting', 'sent', 'delivered', 'failed', 'bounced', 'cancelled'));

ALTER TABLE outbox
    ADD COLUMN urgent      boolean NOT NULL DEFAULT false,
    ADD COLUMN expires_at  timestamptz, -- from when on it is of no use
    ADD COLUMN settled_at  timestamptz, -- when it reached a state that it does not leave by itself
    ADD COLUMN provider_id text; -- what the provider calls it

DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (urgent, due_at) WHERE state = 'waiting';
CREATE INDEX outbox_recipient ON outbox (recipient_id, created_at);
CREATE INDEX outbox_undelivered ON outbox (practice_id, id) WHERE state IN ('failed', 'bounced');
-- What a given-up row says is kept for a while, so that it can be sent again.
CREATE INDEX outbox_kept ON outbox (settled_at) WHERE state IN ('sent', 'failed', 'bounced') AND sealed <> '';
