DROP INDEX sign_in_sessions_history;
DROP TABLE refresh_tokens;
