//! Where something of a client lies, table by table, and what becomes of it when the client is erased. A test compares
//! this list with the schema: a column that leads to people and is missing here fails it.

/// What erasing a client does to a table. `$1` is the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Erase {
    /// These statements run, in the order of the list.
    Run(&'static str),
    /// Its words are sealed with the client's key; without it they are noise.
    Shredded,
    /// It holds ids, times and codes that have to be kept: proof of what was done.
    Kept(&'static str),
}

/// A table that holds something of clients, or of people who may be clients.
#[derive(Clone, Copy, Debug)]
pub struct Holding {
    pub table: &'static str,
    /// The columns that lead to a person.
    pub columns: &'static [&'static str],
    pub erase: Erase,
}

use Erase::{Kept, Run, Shredded};

const fn holding(table: &'static str, columns: &'static [&'static str], erase: Erase) -> Holding {
    Holding { table, columns, erase }
}

/// All of them.
pub const ALL: &[Holding] = &[
    // Everybody leaves the client's threads: nobody sees them any more, on any hub.
    holding(
        "participants",
        &["user_id"],
        Run("UPDATE participants SET left_at = COALESCE(left_at, now()), changed_xid = pg_current_xact_id()
            WHERE thread_id IN (SELECT id FROM threads WHERE client_id = $1)"),
    ),
    holding(
        "threads",
        &["client_id", "assignee_id"],
        Run("UPDATE threads SET status = 'closed', assignee_id = NULL, version = version + 1,
            changed_xid = pg_current_xact_id() WHERE client_id = $1"),
    ),
    holding("entries", &["sender_id"], Shredded),
    holding(
        "drafts",
        &["user_id"],
        Run("DELETE FROM drafts WHERE user_id = $1
            OR thread_id IN (SELECT id FROM threads WHERE client_id = $1)"),
    ),
    holding(
        "attachments",
        &[],
        Run("DELETE FROM attachments WHERE object_id IN (SELECT id FROM objects WHERE client_id = $1)"),
    ),
    holding(
        "form_files",
        &[],
        Run("DELETE FROM form_files WHERE object_id IN (SELECT id FROM objects WHERE client_id = $1)"),
    ),
    // Versions and signatures go with their document.
    holding(
        "documents",
        &["client_id", "added_by", "shared_by", "to_sign_for"],
        Run("DELETE FROM documents WHERE client_id = $1"),
    ),
    holding("document_versions", &["added_by"], Shredded),
    holding("document_signatures", &["signed_by"], Shredded),
    // What they said goes from the store at once, not only its key.
    holding(
        "objects",
        &["client_id", "uploader_id"],
        Run("WITH gone AS (DELETE FROM objects WHERE client_id = $1 RETURNING location)
            INSERT INTO object_removals (location, due_at) SELECT location, now() FROM gone"),
    ),
    holding("form_drafts", &["client_id"], Run("DELETE FROM form_drafts WHERE client_id = $1")),
    holding(
        "form_assignments",
        &["client_id", "assigned_by"],
        Run("UPDATE form_assignments SET withdrawn_at = COALESCE(withdrawn_at, now()), closed_at = COALESCE(closed_at, now())
            WHERE client_id = $1 AND closed_at IS NULL"),
    ),
    holding("form_submissions", &["client_id"], Shredded),
    holding("form_reviews", &["client_id", "reviewed_by"], Shredded),
    holding("forms", &["created_by"], Kept("of the practice")),
    holding("form_versions", &["published_by"], Kept("of the practice")),
    // Kinds, ids and times; what was planned goes with them.
    holding("notifications", &["user_id"], Run("DELETE FROM notifications WHERE user_id = $1")),
    holding("notification_preferences", &["user_id"], Run("DELETE FROM notification_preferences WHERE user_id = $1")),
    holding("reminders", &["user_id"], Run("DELETE FROM reminders WHERE user_id = $1")),
    // The practice's key seals these: they hold an address.
    holding("outbox", &["recipient_id"], Run("DELETE FROM outbox WHERE recipient_id = $1")),
    holding("contact_points", &["user_id"], Run("DELETE FROM contact_points WHERE user_id = $1")),
    holding("sign_in_tickets", &["user_id"], Run("DELETE FROM sign_in_tickets WHERE user_id = $1")),
    holding(
        "sign_in_sessions",
        &["user_id"],
        Run(
            "UPDATE sign_in_sessions SET cookie_hash = NULL, address = NULL, user_agent = NULL,
            ended_at = COALESCE(ended_at, now()), ended_because = COALESCE(ended_because, 'erased') WHERE user_id = $1",
        ),
    ),
    holding("totp_authenticators", &["user_id"], Run("DELETE FROM totp_authenticators WHERE user_id = $1")),
    holding("backup_codes", &["user_id"], Run("DELETE FROM backup_codes WHERE user_id = $1")),
    holding("passkeys", &["user_id"], Run("DELETE FROM passkeys WHERE user_id = $1")),
    holding("passkey_ceremonies", &["user_id"], Run("DELETE FROM passkey_ceremonies WHERE user_id = $1")),
    holding("external_identities", &["user_id"], Run("DELETE FROM external_identities WHERE user_id = $1")),
    holding("client_files", &["client_id"], Run("DELETE FROM client_files WHERE client_id = $1")),
    holding("client_demographics", &["client_id"], Run("DELETE FROM client_demographics WHERE client_id = $1")),
    holding("assessments", &["client_id"], Run("DELETE FROM assessments WHERE client_id = $1")),
    holding(
        "assessment_plans",
        &["client_id", "made_by", "ended_by"],
        Run("DELETE FROM assessment_plans WHERE client_id = $1"),
    ),
    holding("registrations", &["client_id"], Run("DELETE FROM registrations WHERE client_id = $1")),
    holding("registration_tries", &["client_id"], Run("DELETE FROM registration_tries WHERE client_id = $1")),
    // Links hang from invitations, and both hold an address.
    holding(
        "one_time_tokens",
        &["user_id"],
        Run("DELETE FROM one_time_tokens WHERE user_id = $1
            OR invitation_id IN (SELECT id FROM invitations WHERE client_id = $1)"),
    ),
    holding("invitations", &["client_id", "invited_by"], Run("DELETE FROM invitations WHERE client_id = $1")),
    holding("accepted_terms", &["user_id"], Kept("what was agreed to, and when")),
    holding("client_care", &["client_id", "user_id", "added_by"], Run("DELETE FROM client_care WHERE client_id = $1")),
    holding("break_glass", &["client_id", "user_id"], Shredded),
    holding("data_keys", &["owner_id"], Kept("the row of a destroyed key says that it was destroyed")),
    holding("legal_holds", &["client_id", "placed_by", "lifted_by"], Kept("that a record was held, and by whom")),
    holding("erasures", &["client_id", "erased_by"], Kept("the certificate")),
    holding("consents", &["client_id"], Kept("what was agreed to, and when")),
    holding("api_keys", &["created_by"], Kept("made by staff, for other systems")),
    holding("retention_rules", &["changed_by"], Kept("of the practice")),
    holding("escalation_policies", &["switched_on_by"], Kept("of the practice")),
    holding("on_call_rotas", &["changed_by"], Kept("of the practice")),
    holding("on_call_shifts", &["user_id"], Kept("of staff")),
    holding("on_call_overrides", &["user_id", "made_by", "removed_by"], Kept("of staff")),
    // What is still open is over: there is nobody left to reach.
    holding(
        "escalations",
        &["client_id", "raised_by", "acknowledged_by", "handed_to", "resolved_by"],
        Run("UPDATE escalations SET state = 'resolved', due_at = NULL, handed_to = NULL, finding = NULL,
            resolved_at = COALESCE(resolved_at, now()), version = version + 1
            WHERE client_id = $1 AND (state <> 'resolved' OR finding IS NOT NULL)"),
    ),
    holding("pages", &["user_id"], Kept("whom an emergency called, and when")),
    holding("ack_links", &["user_id"], Kept("digests of links that staff got")),
    // What is ahead frees the clinician's time; what it was about is sealed. That somebody came is part of the record.
    holding(
        "appointments",
        &["client_id", "clinician_id", "made_by"],
        Run("UPDATE appointments SET state = 'cancelled', cancelled_by = 'practice', tentative_until = NULL,
            proposed = NULL, proposed_taken = NULL, sequence = sequence + 1 WHERE client_id = $1 AND lower(during) > now() AND state <> 'cancelled'"),
    ),
    holding("appointment_series", &["client_id", "clinician_id", "made_by"], Kept("times, for the record")),
    holding("appointment_fees", &["client_id"], Kept("what was agreed to be paid")),
    // Amounts, days and ids have to be kept by the law of taxes; what they were for is sealed with the client's key.
    holding("free_appointments", &["client_id", "marked_by"], Kept("that nothing was to be paid, and who said so")),
    holding("charges", &["client_id", "clinician_id", "added_by"], Shredded),
    holding("charge_voids", &["voided_by"], Shredded),
    holding("payments", &["client_id", "recorded_by"], Shredded),
    holding("refunds", &["recorded_by"], Shredded),
    // Stripe forgets the customer and the cards next.
    holding(
        "stripe_customers",
        &["client_id"],
        Run("UPDATE stripe_customers SET ended_at = now(), default_method = NULL WHERE client_id = $1"),
    ),
    holding(
        "payment_attempts",
        &["client_id"],
        Run("UPDATE payment_attempts SET method = NULL, brand = NULL, last4 = NULL
            WHERE client_id = $1 AND settled_at IS NOT NULL"),
    ),
    holding("stripe_refunds", &["client_id", "made_by"], Shredded),
    holding("stripe_disputes", &["client_id"], Kept("that a payment was disputed, and how it ended: of the practice's books")),
    holding("adjustments", &["client_id", "made_by"], Shredded),
    holding("invoice_voids", &["voided_by"], Shredded),
    holding("invoices", &["client_id", "issued_by"], Kept("numbers, days and amounts of the practice's books")),
    holding("ledger_transactions", &["client_id", "recorded_by"], Kept("the practice's books")),
    holding("billing_accounts", &["client_id"], Kept("a lock")),
    holding("billing_settings", &["changed_by"], Kept("of the practice")),
    holding("billing_clinicians", &["user_id", "changed_by"], Kept("of staff")),
    holding(
        "appointment_waitlist",
        &["client_id", "clinician_id"],
        Run("UPDATE appointment_waitlist SET ended_at = now(), ended_because = 'left'
            WHERE client_id = $1 AND ended_at IS NULL"),
    ),
    // Nothing more is taken from somebody who is gone; what was agreed to and taken is kept with the ledger.
    holding(
        "planned_payments",
        &["client_id"],
        Run("UPDATE planned_payments SET state = 'dropped', changed_at = now() WHERE client_id = $1 AND state = 'waiting'"),
    ),
    holding(
        "payment_plans",
        &["client_id", "ended_by"],
        Run("UPDATE payment_plans SET ended_at = now(), ended_because = 'cancelled'
            WHERE client_id = $1 AND ended_at IS NULL"),
    ),
    holding(
        "autopay_choices",
        &["client_id", "chosen_by"],
        Run("INSERT INTO autopay_choices (id, practice_id, client_id, is_on, chosen_by, chosen_at)
            SELECT gen_random_uuid(), practice_id, client_id, false, client_id, now() FROM (SELECT DISTINCT ON (client_id) *
                FROM autopay_choices WHERE client_id = $1 ORDER BY client_id, chosen_at DESC) c WHERE is_on"),
    ),
    holding("calendar_feeds", &["client_id"], Run("DELETE FROM calendar_feeds WHERE client_id = $1")),
    holding("appointment_policies", &["changed_by"], Kept("of the practice")),
    holding("clinician_schedules", &["user_id", "changed_by"], Kept("of staff")),
    holding("clinician_hours", &["user_id"], Kept("of staff")),
    holding("clinician_exceptions", &["user_id", "made_by"], Kept("of staff")),
    holding("crisis_phrases", &["changed_by"], Kept("of the practice")),
    holding("crisis_resources", &["changed_by"], Kept("of the practice")),
    holding("audit_events", &["actor_id", "client_id"], Kept("who did what to the record, for six years")),
    // Last: everything before it finds the client by it.
    holding(
        "users",
        &["id"],
        Run("UPDATE users SET status = 'erased', email = 'erased-' || id || '@erased.invalid', name = 'Erased client',
            password_hash = NULL, time_zone = 'UTC', language = 'en', failed_sign_ins = 0, locked_until = NULL,
            sends_per_minute = NULL WHERE id = $1"),
    ),
];
