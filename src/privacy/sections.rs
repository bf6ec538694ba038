//! The parts of an export that are rows of one table each. What is sealed in a row is opened with the client's key. A
//! table that holds something of a client and is not here is written by [`super::export`] itself, or holds nothing that
//! says more than these do.

use crate::{
    crypto::{DataKey, Place},
    error::Result,
    ids::UserId,
};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use uuid::Uuid;

/// Rows of one read.
const ROWS_AT_ONCE: i64 = 500;

/// A part of an export.
pub struct Section {
    pub name: &'static str,
    /// Not part of what a client gets.
    pub staff_only: bool,
    /// Gives `id` and `row` (JSON) of client `$1` after id `$2`, in the order of ids, `$3` of them.
    text: &'static str,
    /// Where the member `sealed` of a row, in hexadecimal, opens.
    place: Option<fn(Uuid) -> Place>,
}

/// All of them.
pub const SECTIONS: &[Section] = &[
    Section {
        name: "account",
        staff_only: false,
        text: "SELECT id, jsonb_build_object('id', id, 'name', name, 'email', email, 'timeZone', time_zone,
            'language', language, 'showsPresence', shows_presence, 'status', status, 'createdAt', created_at)::text AS row
            FROM users WHERE id = $1 AND id > $2 LIMIT $3",
        place: None,
    },
    Section {
        name: "telephone",
        staff_only: false,
        text: "SELECT id, jsonb_build_object('verifiedAt', verified_at, 'optedOutAt', opted_out_at,
            'sealed', encode(sealed, 'hex'))::text AS row
            FROM contact_points WHERE user_id = $1 AND channel = 'sms' AND id > $2 ORDER BY id LIMIT $3",
        place: Some(|id| Place::ContactPoint { id: crate::ids::ContactPointId(id) }),
    },
    Section {
        name: "profile",
        staff_only: false,
        text: "SELECT client_id AS id, jsonb_build_object('changedAt', changed_at,
            'sealed', encode(sealed, 'hex'))::text AS row
            FROM client_demographics WHERE client_id = $1 AND client_id > $2 LIMIT $3",
        place: Some(|id| Place::Demographics { client: UserId(id) }),
    },
    Section {
        name: "consents",
        staff_only: false,
        text: "SELECT id, jsonb_build_object('kind', kind, 'version', version, 'granted', granted, 'at', at)::text AS row
            FROM consents WHERE client_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        place: None,
    },
    Section {
        name: "documents",
        staff_only: false,
        text: "SELECT d.id, jsonb_build_object('id', d.id, 'category', d.category, 'addedBy', u.name,
            'addedAt', d.added_at, 'sharedAt', d.shared_at, 'versions', d.latest,
            'sealed', encode(d.title_sealed, 'hex'))::text AS row
            FROM documents d JOIN users u ON u.id = d.added_by
            WHERE d.client_id = $1 AND d.id > $2 AND d.shared_at IS NOT NULL ORDER BY d.id LIMIT $3",
        place: Some(|id| Place::DocumentTitle { id: crate::ids::DocumentId(id) }),
    },
    Section {
        name: "documentsNotShared",
        staff_only: true,
        text: "SELECT d.id, jsonb_build_object('id', d.id, 'category', d.category, 'addedBy', u.name,
            'addedAt', d.added_at, 'versions', d.latest, 'sealed', encode(d.title_sealed, 'hex'))::text AS row
            FROM documents d JOIN users u ON u.id = d.added_by
            WHERE d.client_id = $1 AND d.id > $2 AND d.shared_at IS NULL ORDER BY d.id LIMIT $3",
        place: Some(|id| Place::DocumentTitle { id: crate::ids::DocumentId(id) }),
    },
    Section {
        name: "documentSignatures",
        staff_only: false,
        text: "SELECT s.id, jsonb_build_object('document', s.document_id, 'version', s.version,
            'signedAt', s.signed_at, 'hash', encode(s.hash, 'hex'), 'sealed', encode(s.sealed, 'hex'))::text AS row
            FROM document_signatures s WHERE s.signed_by = $1 AND s.id > $2 ORDER BY s.id LIMIT $3",
        place: Some(|id| Place::DocumentSignature { id: crate::ids::SignatureId(id) }),
    },
    Section {
        name: "files",
        staff_only: false,
        text: "SELECT o.id, jsonb_build_object('id', o.id, 'mediaType', o.media_type, 'bytes', o.bytes,
            'purpose', o.purpose, 'at', o.created_at, 'sealed', encode(o.sealed, 'hex'))::text AS row
            FROM objects o WHERE o.client_id = $1 AND o.id > $2 AND o.state = 'stored' AND o.used_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM document_versions v JOIN documents d ON d.id = v.document_id
                WHERE v.object_id = o.id AND d.shared_at IS NULL) ORDER BY o.id LIMIT $3",
        place: Some(|id| Place::Object { id: crate::ids::ObjectId(id) }),
    },
    Section {
        name: "signIns",
        staff_only: false,
        text: "SELECT id, jsonb_build_object('startedAt', created_at, 'lastActiveAt', last_active_at, 'endedAt', ended_at,
            'endedBecause', ended_because, 'address', host(address), 'userAgent', user_agent)::text AS row
            FROM sign_in_sessions WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        place: None,
    },
    Section {
        name: "careTeam",
        staff_only: false,
        text: "SELECT u.id, jsonb_build_object('id', u.id, 'name', u.name, 'role', u.role, 'since', c.added_at)::text AS row
            FROM client_care c JOIN users u ON u.id = c.user_id
            WHERE c.client_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3",
        place: None,
    },
    Section {
        name: "emergencyAccess",
        staff_only: false,
        text: "SELECT b.id, jsonb_build_object('by', u.name, 'from', b.started_at, 'until', b.expires_at,
            'sealed', encode(b.reason_sealed, 'hex'))::text AS row
            FROM break_glass b JOIN users u ON u.id = b.user_id
            WHERE b.client_id = $1 AND b.id > $2 ORDER BY b.id LIMIT $3",
        place: Some(|id| Place::BreakGlass { id: crate::ids::BreakGlassId(id) }),
    },
    Section {
        name: "assessmentPlans",
        staff_only: false,
        text: "SELECT p.id, jsonb_build_object('id', p.id, 'instrument', p.instrument, 'recurrence', p.recurrence,
            'weeks', p.weeks, 'daysBefore', p.days_before, 'by', u.name, 'from', p.made_at, 'until', p.ended_at)::text AS row
            FROM assessment_plans p JOIN users u ON u.id = p.made_by
            WHERE p.client_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3",
        place: None,
    },
    Section {
        name: "assessments",
        staff_only: false,
        text: "SELECT id, jsonb_build_object('id', id, 'instrument', instrument, 'version', version, 'state', state,
            'assignedAt', assigned_at, 'dueAt', due_at, 'startedAt', started_at, 'closedAt', closed_at,
            'sealed', encode(sealed, 'hex'))::text AS row
            FROM assessments WHERE client_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        place: Some(|id| Place::Assessment { id: crate::ids::AssessmentId(id) }),
    },
    Section {
        name: "notifications",
        staff_only: false,
        text: "SELECT id, jsonb_build_object('kind', kind, 'toldAt', told_at, 'readAt', read_at)::text AS row
            FROM notifications WHERE user_id = $1 AND id > $2 AND told IS NOT NULL ORDER BY id LIMIT $3",
        place: None,
    },
    Section {
        name: "appointments",
        staff_only: false,
        text: "SELECT a.id, jsonb_build_object('id', a.id, 'state', a.state, 'mode', a.mode, 'from', lower(a.during),
            'until', upper(a.during), 'proposedFrom', lower(a.proposed), 'with', u.name, 'madeAt', a.made_at, 'sealed', encode(a.note_sealed, 'hex'))::text AS row
            FROM appointments a JOIN users u ON u.id = a.clinician_id
            WHERE a.client_id = $1 AND a.state <> 'held' AND a.id > $2 ORDER BY a.id LIMIT $3",
        place: Some(|id| Place::AppointmentNote { id: crate::ids::AppointmentId(id) }),
    },
    Section {
        name: "appointmentFees",
        staff_only: false,
        text: "SELECT id, jsonb_build_object('appointment', appointment_id, 'because', because, 'amount', amount,
            'currency', currency, 'acceptedAt', accepted_at)::text AS row
            FROM appointment_fees WHERE client_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        place: None,
    },
    Section {
        name: "charges",
        staff_only: false,
        text: "SELECT c.id, jsonb_build_object('id', c.id, 'kind', c.kind, 'by', u.name, 'appointment', c.appointment_id,
            'units', c.units, 'amount', c.amount, 'currency', c.currency, 'serviceOn', c.service_on, 'addedAt', c.added_at,
            'voidedAt', v.voided_at, 'sealed', encode(c.sealed, 'hex'))::text AS row
            FROM charges c LEFT JOIN users u ON u.id = c.clinician_id LEFT JOIN charge_voids v ON v.charge_id = c.id
            WHERE c.client_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3",
        place: Some(|id| Place::Charge { id: crate::ids::ChargeId(id) }),
    },
    Section {
        name: "invoices",
        staff_only: false,
        text: "SELECT i.id, jsonb_build_object('id', i.id, 'number', i.number, 'currency', i.currency,
            'issuedOn', i.issued_on, 'dueOn', i.due_on, 'voidedAt', v.voided_at,
            'charges', (SELECT jsonb_agg(l.charge_id) FROM invoice_lines l WHERE l.invoice_id = i.id))::text AS row
            FROM invoices i LEFT JOIN invoice_voids v ON v.invoice_id = i.id
            WHERE i.client_id = $1 AND i.id > $2 ORDER BY i.id LIMIT $3",
        place: None,
    },
    Section {
        name: "payments",
        staff_only: false,
        text: "SELECT p.id, jsonb_build_object('id', p.id, 'amount', p.amount, 'currency', p.currency, 'method', p.method,
            'cardBrand', p.card_brand, 'cardLast4', p.card_last4, 'invoice', p.invoice_id, 'occurredAt', p.occurred_at,
            'recordedAt', p.recorded_at)::text AS row
            FROM payments p WHERE p.client_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3",
        place: None,
    },
    Section {
        name: "paymentAttempts",
        staff_only: false,
        text: "SELECT a.id, jsonb_build_object('id', a.id, 'purpose', a.purpose, 'invoice', a.invoice_id,
            'amount', a.amount, 'currency', a.currency, 'cardBrand', a.brand, 'cardLast4', a.last4, 'state', a.state,
            'failure', a.failure, 'createdAt', a.created_at, 'settledAt', a.settled_at)::text AS row
            FROM payment_attempts a WHERE a.client_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3",
        place: None,
    },
    Section {
        name: "cardRefunds",
        staff_only: false,
        text: "SELECT r.id, jsonb_build_object('id', r.id, 'payment', r.payment_id, 'amount', r.amount,
            'currency', r.currency, 'state', r.state, 'failure', r.failure, 'createdAt', r.created_at,
            'settledAt', r.settled_at)::text AS row FROM stripe_refunds r WHERE r.client_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3",
        place: None,
    },
    Section {
        name: "disputes",
        staff_only: false,
        text: "SELECT d.id, jsonb_build_object('id', d.id, 'payment', d.payment_id, 'dispute', d.dispute, 'amount', d.amount,
            'reason', d.reason, 'state', d.state, 'toldAt', d.told_at, 'closedAt', d.closed_at)::text AS row
            FROM stripe_disputes d WHERE d.client_id = $1 AND d.id > $2 ORDER BY d.id LIMIT $3",
        place: None,
    },
    Section {
        name: "stripeCustomer",
        staff_only: false,
        text: "SELECT c.client_id AS id, jsonb_build_object('customer', c.customer, 'madeAt', c.made_at)::text AS row
            FROM stripe_customers c WHERE c.client_id = $1 AND c.client_id > $2 ORDER BY c.client_id LIMIT $3",
        place: None,
    },
    Section {
        name: "ledger",
        staff_only: false,
        text: "SELECT t.id, jsonb_build_object('kind', t.kind, 'cause', t.cause_id, 'amount', p.amount,
            'currency', t.currency, 'occurredAt', t.occurred_at, 'recordedAt', t.recorded_at)::text AS row
            FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.id AND p.account = 'receivable'
            WHERE t.client_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3",
        place: None,
    },
    Section {
        name: "billingNotes",
        staff_only: true,
        text: "SELECT p.id, jsonb_build_object('payment', p.id, 'sealed', encode(p.note_sealed, 'hex'))::text AS row
            FROM payments p WHERE p.client_id = $1 AND p.id > $2 AND p.note_sealed IS NOT NULL ORDER BY p.id LIMIT $3",
        place: Some(|id| Place::PaymentNote { id: crate::ids::PaymentId(id) }),
    },
    Section {
        name: "adjustmentReasons",
        staff_only: true,
        text: "SELECT a.id, jsonb_build_object('adjustment', a.id, 'sealed', encode(a.reason_sealed, 'hex'))::text AS row
            FROM adjustments a WHERE a.client_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3",
        place: Some(|id| Place::Adjustment { id: crate::ids::AdjustmentId(id) }),
    },
    Section {
        name: "refundReasons",
        staff_only: true,
        text: "SELECT r.id, jsonb_build_object('refund', r.id, 'payment', r.payment_id, 'amount', r.amount,
            'sealed', encode(r.reason_sealed, 'hex'))::text AS row
            FROM refunds r JOIN payments p ON p.id = r.payment_id
            WHERE p.client_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3",
        place: Some(|id| Place::Refund { id: crate::ids::RefundId(id) }),
    },
    Section {
        name: "voidedCharges",
        staff_only: true,
        text: "SELECT v.charge_id AS id, jsonb_build_object('charge', v.charge_id, 'voidedAt', v.voided_at,
            'sealed', encode(v.reason_sealed, 'hex'))::text AS row
            FROM charge_voids v JOIN charges c ON c.id = v.charge_id
            WHERE c.client_id = $1 AND v.charge_id > $2 ORDER BY v.charge_id LIMIT $3",
        place: Some(|id| Place::ChargeVoid { id: crate::ids::ChargeId(id) }),
    },
    Section {
        name: "voidedInvoices",
        staff_only: true,
        text: "SELECT v.invoice_id AS id, jsonb_build_object('invoice', v.invoice_id, 'voidedAt', v.voided_at,
            'sealed', encode(v.reason_sealed, 'hex'))::text AS row
            FROM invoice_voids v JOIN invoices i ON i.id = v.invoice_id
            WHERE i.client_id = $1 AND v.invoice_id > $2 ORDER BY v.invoice_id LIMIT $3",
        place: Some(|id| Place::InvoiceVoid { id: crate::ids::InvoiceId(id) }),
    },
    Section {
        name: "autopay",
        staff_only: false,
        text: "SELECT id, jsonb_build_object('on', is_on, 'method', method_name, 'agreedTo', consent,
            'at', chosen_at)::text AS row
            FROM autopay_choices WHERE client_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        place: None,
    },
    Section {
        name: "paymentPlans",
        staff_only: false,
        text: "SELECT p.id, jsonb_build_object('id', p.id, 'total', p.total, 'currency', p.currency, 'rhythm', p.rhythm,
            'method', p.method_name, 'agreedTo', p.consent, 'madeAt', p.made_at, 'endedAt', p.ended_at,
            'endedBecause', p.ended_because, 'parts', (SELECT jsonb_agg(jsonb_build_object('number', t.number,
                'dueOn', t.due_on, 'amount', t.amount, 'state', w.state) ORDER BY t.number)
                FROM payment_plan_parts t JOIN planned_payments w ON w.part_id = t.id WHERE t.plan_id = p.id))::text AS row
            FROM payment_plans p WHERE p.client_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3",
        place: None,
    },
    Section {
        name: "freeAppointments",
        staff_only: false,
        text: "SELECT f.appointment_id AS id, jsonb_build_object('appointment', f.appointment_id,
            'markedAt', f.marked_at)::text AS row
            FROM free_appointments f WHERE f.client_id = $1 AND f.appointment_id > $2 ORDER BY f.appointment_id LIMIT $3",
        place: None,
    },
    Section {
        name: "endedPlans",
        staff_only: true,
        text: "SELECT p.id, jsonb_build_object('plan', p.id, 'endedAt', p.ended_at,
            'sealed', encode(p.reason_sealed, 'hex'))::text AS row
            FROM payment_plans p WHERE p.client_id = $1 AND p.id > $2 AND p.reason_sealed IS NOT NULL
            ORDER BY p.id LIMIT $3",
        place: Some(|id| Place::PlanEnd { id: crate::ids::PaymentPlanId(id) }),
    },
    Section {
        name: "plannedPayments",
        staff_only: false,
        text: "SELECT y.id, jsonb_build_object('invoice', w.invoice_id, 'amount', y.amount, 'beganAt', y.began_at,
            'outcome', y.outcome)::text AS row
            FROM planned_payment_tries y JOIN planned_payments w ON w.id = y.planned_id
            WHERE w.client_id = $1 AND y.id > $2 ORDER BY y.id LIMIT $3",
        place: None,
    },
    Section {
        name: "waitlist",
        staff_only: false,
        text: "SELECT w.id, jsonb_build_object('for', u.name, 'from', w.from_at, 'until', w.until_at, 'since', w.made_at,
            'endedAt', w.ended_at)::text AS row
            FROM appointment_waitlist w JOIN users u ON u.id = w.clinician_id
            WHERE w.client_id = $1 AND w.id > $2 ORDER BY w.id LIMIT $3",
        place: None,
    },
    Section {
        name: "forms",
        staff_only: false,
        text: "SELECT a.id, jsonb_build_object('form', v.definition::jsonb, 'version', a.version, 'assignedAt', a.assigned_at,
            'dueOn', a.due_on, 'withdrawnAt', a.withdrawn_at, 'savedAt', d.saved_at,
            'sealed', encode(d.sealed, 'hex'))::text AS row
            FROM form_assignments a JOIN form_versions v ON v.form_id = a.form_id AND v.version = a.version
            LEFT JOIN form_drafts d ON d.assignment_id = a.id WHERE a.client_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3",
        place: Some(|id| Place::FormDraft { assignment: crate::ids::FormAssignmentId(id) }),
    },
    Section {
        name: "formSubmissions",
        staff_only: false,
        text: "SELECT id, jsonb_build_object('id', id, 'assignment', assignment_id, 'submittedAt', submitted_at,
            'seal', encode(seal, 'hex'), 'sealed', encode(sealed, 'hex'))::text AS row
            FROM form_submissions WHERE client_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        place: Some(|id| Place::FormSubmission { id: crate::ids::FormSubmissionId(id) }),
    },
    Section {
        name: "formReviews",
        staff_only: false,
        text: "SELECT r.submission_id AS id, jsonb_build_object('submission', r.submission_id, 'by', u.name,
            'reviewedAt', r.reviewed_at, 'sealed', encode(r.message_sealed, 'hex'))::text AS row
            FROM form_reviews r JOIN users u ON u.id = r.reviewed_by
            WHERE r.client_id = $1 AND r.submission_id > $2 ORDER BY r.submission_id LIMIT $3",
        place: Some(|id| Place::FormReviewMessage { id: crate::ids::FormSubmissionId(id) }),
    },
    Section {
        name: "formReviewNotes",
        staff_only: true,
        text: "SELECT submission_id AS id, jsonb_build_object('submission', submission_id,
            'sealed', encode(note_sealed, 'hex'))::text AS row
            FROM form_reviews WHERE client_id = $1 AND submission_id > $2 AND note_sealed IS NOT NULL
            ORDER BY submission_id LIMIT $3",
        place: Some(|id| Place::FormReviewNote { id: crate::ids::FormSubmissionId(id) }),
    },
    Section {
        name: "accessLog",
        staff_only: false,
        text: "SELECT e.id, jsonb_build_object('at', e.at, 'action', e.action, 'by', u.name, 'role', e.actor_role,
            'outcome', e.outcome, 'emergency', e.emergency)::text AS row
            FROM audit_events e LEFT JOIN users u ON u.id = e.actor_id
            WHERE e.client_id = $1 AND e.id > $2 ORDER BY e.id LIMIT $3",
        place: None,
    },
];

impl Section {
    /// The row, with what was sealed in it in words.
    pub(super) fn open(&self, key: &DataKey, (id, row): &(Uuid, Value)) -> Result<Value> {
        let mut row = row.clone();
        if let (Some(place), Some(members)) = (self.place, row.as_object_mut())
            && let Some(Value::String(sealed)) = members.remove("sealed")
        {
            let text = unhex(&sealed).and_then(|sealed| key.open(place(*id), &sealed).ok());
            let words = text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap_or(Value::String(text)));
            members.insert("words".into(), words);
        }
        Ok(row)
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The next rows of a section.
pub(super) async fn page(
    conn: &mut AsyncPgConnection,
    section: &Section,
    client: UserId,
    after: Uuid,
) -> Result<Vec<(Uuid, Value)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: Uuid,
        #[diesel(sql_type = sql::Text)]
        row: String,
    }
    let rows: Vec<Row> = crate::db::statement(section.text)
        .bind::<sql::Uuid, _>(client)
        .bind::<sql::Uuid, _>(after)
        .bind::<sql::BigInt, _>(ROWS_AT_ONCE)
        .load(conn)
        .await?;
    let read = |row: Row| Ok((row.id, serde_json::from_str(&row.row).map_err(anyhow::Error::from)?));
    rows.into_iter().map(read).collect()
}
