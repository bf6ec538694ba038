DROP TABLE free_appointments;
ALTER TABLE payment_plans DROP COLUMN reason_sealed, DROP COLUMN key_id;
