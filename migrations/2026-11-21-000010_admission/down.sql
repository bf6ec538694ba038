DROP TABLE one_time_tokens, invitations, accepted_terms, registrations, registration_tries, client_files;
