-- A backup may be restored into another database of the same server: that, too, is another history.
ALTER TABLE store_identity ADD COLUMN database_oid bigint;
UPDATE store_identity SET database_oid = (SELECT oid::bigint FROM pg_database WHERE datname = current_database());
