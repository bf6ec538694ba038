DROP TABLE backup_codes, totp_authenticators;
