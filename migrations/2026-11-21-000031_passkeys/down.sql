DROP TABLE passkey_ceremonies, passkeys;
