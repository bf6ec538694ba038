-- The role stays: other databases of this server may use it.
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM carehub_service;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM carehub_service;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM carehub_service;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM carehub_service;
