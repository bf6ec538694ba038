DELETE FROM stripe_events WHERE id LIKE 'evt\_known\_%';
DROP TABLE stripe_disputes;
