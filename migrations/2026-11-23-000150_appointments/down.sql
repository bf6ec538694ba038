DROP TABLE calendar_feeds, appointment_offers, appointment_waitlist, appointment_fees, appointments, appointment_series,
    clinician_exceptions, clinician_hours, clinician_schedules, appointment_policies;
