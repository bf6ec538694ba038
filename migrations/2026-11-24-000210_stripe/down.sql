DROP TABLE stripe_events, stripe_refunds, payment_attempts, stripe_customers;
