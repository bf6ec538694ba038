ALTER TABLE store_identity DROP COLUMN database_oid;
