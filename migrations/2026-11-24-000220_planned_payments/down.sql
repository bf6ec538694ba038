DROP TABLE planned_payment_tries, planned_payments, payment_plan_parts, payment_plans, autopay_choices;
