DROP TABLE store_identity, data_keys, sign_in_sessions, users, practices;
