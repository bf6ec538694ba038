DROP TABLE key_holders, signing_keys;
ALTER TABLE data_keys RESET (autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor);
DROP INDEX data_keys_master;
ALTER TABLE data_keys DROP COLUMN erased_at;
