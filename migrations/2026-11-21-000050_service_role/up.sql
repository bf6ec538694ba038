-- The hub runs as a role of its own, which neither owns nor alters the schema, and which only adds to what is only ever
-- added to. Whoever runs the migrations owns the tables. Roles belong to the whole server: several databases share it.
DO $$ BEGIN
    CREATE ROLE carehub_service LOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role carehub_service is missing: let an administrator of PostgreSQL run CREATE ROLE carehub_service LOGIN PASSWORD ''…'', then migrate again';
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO carehub_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO carehub_service;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO carehub_service;

-- Tables that later steps add are granted by this; a step that adds one that is only ever added to takes rights away.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO carehub_service;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO carehub_service;

REVOKE UPDATE, DELETE ON audit_events, entries FROM carehub_service;
REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM carehub_service;
