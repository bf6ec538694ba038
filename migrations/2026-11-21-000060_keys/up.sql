-- Keys that change while hubs run: data keys that are destroyed, signing keys that follow each other, and which hub
-- holds which master key.

-- A destroyed key leaves its row, so that what it sealed is known to be gone rather than damaged.
ALTER TABLE data_keys ADD COLUMN erased_at timestamptz;
ALTER TABLE data_keys ADD CONSTRAINT data_keys_erased CHECK ((erased_at IS NULL) = (length(wrapped) > 0));
CREATE INDEX data_keys_erased ON data_keys (erased_at) WHERE erased_at IS NOT NULL;
CREATE INDEX data_keys_master ON data_keys (master_key_id) WHERE erased_at IS NULL;
-- What an update leaves behind is cleared away within minutes, not when a fifth of the table changed.
ALTER TABLE data_keys SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);

-- Holds no secret: a signing key is derived from its master key and its id.
CREATE TABLE signing_keys (
    id            text PRIMARY KEY, -- the `kid` of access tokens
    master_key_id text NOT NULL,
    active_from   timestamptz NOT NULL, -- signs from then on; the one before it verifies for a while longer
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- Hubs that run, and the master keys they hold. Nothing is rewrapped for a key that one of them lacks.
CREATE UNLOGGED TABLE key_holders (
    node           uuid PRIMARY KEY,
    master_key_ids text[] NOT NULL,
    seen_at        timestamptz NOT NULL DEFAULT now()
);
