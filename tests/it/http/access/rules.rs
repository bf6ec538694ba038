//! One line for every call of the API: who may make it, what is sent, and how it is answered where everything in it is
//! the caller's own. `CONTRIBUTING.md` says how to add a line.

use carehub::accounts::Role::{self, Admin, Client, Clinician, Staff};

/// What is expected of a call.
pub struct Rule {
    /// Method and path, as in the route table.
    pub call: &'static str,
    /// Nobody: it takes no credential.
    pub who: &'static [Role],
    /// JSON, with `{thread}`, `{client}`, `{colleague}` … for ids of the caller's own; empty: none.
    pub body: &'static str,
    /// The status where everything is one's own; [`ELSEWHERE`]: another test shows that.
    pub own: u16,
    /// Whose things may be named in the path.
    pub reach: Reach,
    /// The scope of API keys that open it; empty: it is for people alone.
    pub scope: &'static str,
    /// The keys that the JSON of a client's GET may have, at whatever depth.
    pub shows: &'static str,
    /// Why it leaves no row in the audit log; empty: it leaves one.
    pub unrecorded: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One's own.
    Own,
    /// All of one's practice.
    Practice,
}

/// What has to go before cannot be said in one line.
pub const ELSEWHERE: u16 = 0;

const NOBODY: &[Role] = &[];
const CLIENTS: &[Role] = &[Client];
const WORKERS: &[Role] = &[Clinician, Staff, Admin];
const CARERS: &[Role] = &[Clinician, Admin];
const ADMINS: &[Role] = &[Admin];
const BILLERS: &[Role] = &[Staff, Admin];
const ALL: &[Role] = &[Client, Clinician, Staff, Admin];

/// Takes no credential.
const fn open(call: &'static str) -> Rule {
    Rule { call, who: NOBODY, body: "", own: ELSEWHERE, reach: Reach::Own, scope: "", shows: "", unrecorded: "" }
}

/// About things of the caller's own.
const fn own(call: &'static str, who: &'static [Role], body: &'static str, own: u16) -> Rule {
    Rule { call, who, body, own, reach: Reach::Own, scope: "", shows: "", unrecorded: "" }
}

/// About all things of the caller's practice.
const fn practice(call: &'static str, who: &'static [Role], body: &'static str, own: u16) -> Rule {
    Rule { call, who, body, own, reach: Reach::Practice, scope: "", shows: "", unrecorded: "" }
}

impl Rule {
    /// Programs whose API key has this scope may make it, too.
    const fn or_key(mut self, scope: &'static str) -> Self {
        self.scope = scope;
        self
    }

    /// It shows and changes nothing of any client's record, for this reason.
    const fn unrecorded(mut self, why: &'static str) -> Self {
        self.unrecorded = why;
        self
    }
}

const CREDENTIALS: &str = "how oneself signs in is no record of a client";
const COUNT: &str = "a number about one's own threads, which pages ask for again and again";
const MARK: &str = "how far one has read is kept with the thread, as its own row";
const NOTICES: &str = "codes and times about the caller; what they lead to is recorded where it is read";
const STANDING: &str = "how one's own emergency stands, which pages ask for again and again";
const PRACTICE: &str = "about the practice and those who work for it; no client is named";

/// A client reads of their own.
const fn shows(call: &'static str, shows: &'static str) -> Rule {
    Rule { call, who: CLIENTS, body: "", own: 200, reach: Reach::Own, scope: "", shows, unrecorded: "" }
}

const SUMMARIES: &str = "items next id subject client name assignee status priority head marks delivered read unread lastEntryAt \
    participants role canReply cannotReplyBecause lastEntry kind from preview at";
const THREAD: &str = "thread entries more id subject client name assignee status priority head marks delivered read unread \
    lastEntryAt participants role canReply cannotReplyBecause lastEntry kind from preview at seq body attachments replyTo";

const APPOINTMENTS: &str =
    "items next id state mode startsAt endsAt client clinician name role note until proposal series changedAt";

const AVAILABILITY: &str = r#"{"revision": 0, "timeZone": "America/Chicago", "sessionMinutes": 50, "bufferMinutes": 10,
    "stepMinutes": 60, "noticeMinutes": 60, "horizonDays": 60, "hours": [{"weekday": 1, "starts": "09:00", "ends": "17:00"}],
    "roomUrl": null}"#;

const APPOINTMENT_POLICY: &str = r#"{"revision": 0, "mayView": true, "mayRequest": true, "mayBook": false,
    "mayCancel": true, "windowMinutes": 1440, "late": "fee", "fee": {"amount": 7500, "currency": "USD"}, "phone": null,
    "reminderMinutes": [1440, 60]}"#;
const FORMS: &str =
    "items next id title kind version state assignedAt dueOn overdue savedAt submission submittedAt reviewedAt";
const FORM: &str = "id title kind version state assignedAt dueOn overdue savedAt submission submittedAt reviewedAt definition language \
    fields key label required type draft answers revision mood files";
const SUBMISSION: &str = "id assignment client name role title kind version state submittedAt definition language fields key label \
    required type answers mood signatures files seal intact review";
const NEW_FORM: &str = r#"{"revision": 1, "kind": "custom", "definition": {"title": "Mood", "intro": null, "language": "en",
    "fields": [{"key": "mood", "label": "How are you?", "type": "text"}]}}"#;
const ASSESSMENTS: &str = "items next id instrument name state assignedAt dueAt startedAt closedAt answered asked result score \
    most band bandName parts code dangers";
const QUESTIONNAIRE: &str = "id instrument name state assignedAt dueAt startedAt closedAt answered asked result score most band \
    bandName parts code dangers version language instruction items text note choices after afterAny counts danger answers \
    revision attribution crisis contact escalation";

/// Of the PHQ-9, without a problem.
const ANSWERS: &str = r#"{"answers": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0, "6": 0, "7": 0, "8": 0, "9": 0}}"#;

const POLICY: &str = r#"{"version": 0, "rounds": 1, "silenceSeconds": 600, "lastResort": {"phone": "+15125550100"},
    "steps": [{"target": "allClinicians", "channels": ["email"], "acknowledgeWithinSeconds": 60}]}"#;

const NEW_PASSKEY: &str =
    r#"{"ceremony": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "My phone", "credential": {}}"#;

const BROWSER: &str = r#"{"endpoint": "https://push.example.org/x", "keys": {"auth": "_ordMnz7uTCmrpBTeUV4Bw",
    "p256dh": "BLn9b-VR0ca83knDNZ32dCHGyjJp-1riX9ZTN40MqV8K_LpQmLqxC_DoHvqvFXO_nGdAB4W9dogZb_sM-uV4JbY"}}"#;

const DOCUMENTS: &str =
    "items next id client title category addedBy name addedAt sharedAt version file mediaType bytes signature";
const DOCUMENT: &str = "id client title category addedBy name addedAt sharedAt version file mediaType bytes signature versions number \
    signatures toSign toSignSince intent signedAt hash intact";

// One line each, however long.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    open("GET /healthz"),
    open("GET /readyz"),
    open("GET /metrics"),
    open("GET /api/openapi.json"),
    open("GET /api/v1/ws"),
    open("POST /api/v1/portal/auth/login"),
    open("POST /api/v1/portal/auth/logout"),
    open("POST /api/v1/ehr/auth/login"),
    open("POST /api/v1/ehr/auth/logout"),
    own("POST /api/v1/portal/auth/logout-everywhere", CLIENTS, "", 204),
    open("POST /api/v1/portal/auth/refresh-token"),
    own("POST /api/v1/portal/auth/reauthenticate", CLIENTS, r#"{"password": "correct horse battery staple"}"#, 204),
    shows("GET /api/v1/portal/auth/sessions", "items next id current createdAt lastActiveAt expiresAt address userAgent").unrecorded(CREDENTIALS),
    own("DELETE /api/v1/portal/auth/sessions/{session}", CLIENTS, "", 204),
    own("POST /api/v1/portal/messages/attachments", CLIENTS, "", 422),
    shows("GET /api/v1/portal/messages/attachments/{attachment}", "none: it is a file"),
    own("GET /api/v1/portal/messages/attachments/{attachment}/preview", CLIENTS, "", 422),
    own("GET /api/v1/ehr/messages/attachments/{attachment}/preview", WORKERS, "", 422),
    own("POST /api/v1/ehr/messages/attachments", WORKERS, "", 422),
    own("GET /api/v1/ehr/messages/attachments/{attachment}", WORKERS, "", 200),
    shows("GET /api/v1/portal/documents", DOCUMENTS),
    own("POST /api/v1/portal/documents", CLIENTS, "", 422),
    shows("GET /api/v1/portal/documents/{document}", DOCUMENT),
    shows("GET /api/v1/portal/documents/{document}/download", "url expiresAt"),
    own("GET /api/v1/portal/documents/{document}/content", CLIENTS, "", 403),
    own("GET /api/v1/portal/documents/{document}/preview", CLIENTS, "", 422),
    own("GET /api/v1/ehr/documents/{document}/preview", WORKERS, "", 422),
    own("POST /api/v1/portal/documents/{document}/sign", CLIENTS, r#"{"version": 1, "name": "Ada", "agree": true}"#, 409),
    own("GET /api/v1/ehr/clients/{client}/documents", WORKERS, "", 200),
    own("POST /api/v1/ehr/clients/{client}/documents", WORKERS, "", 422),
    own("GET /api/v1/ehr/documents/{document}", WORKERS, "", 200),
    own("PATCH /api/v1/ehr/documents/{document}", WORKERS, r#"{"title": "Our plan", "category": "consent"}"#, 200),
    own("GET /api/v1/ehr/documents/{document}/download", WORKERS, "", 200),
    own("GET /api/v1/ehr/documents/{document}/content", WORKERS, "", 403),
    own("POST /api/v1/ehr/documents/{document}/versions", WORKERS, "", 422),
    own("POST /api/v1/ehr/documents/{document}/share", WORKERS, "", 200),
    own("POST /api/v1/ehr/documents/{document}/unshare", WORKERS, "", 200),
    own("POST /api/v1/ehr/documents/{document}/request-signature", WORKERS, "", 200),
    own("POST /api/v1/ehr/auth/logout-everywhere", WORKERS, "", 204),
    open("POST /api/v1/ehr/auth/refresh-token"),
    own("POST /api/v1/ehr/auth/reauthenticate", WORKERS, r#"{"password": "correct horse battery staple"}"#, 204),
    own("GET /api/v1/ehr/auth/sessions", WORKERS, "", 200).unrecorded(CREDENTIALS),
    own("DELETE /api/v1/ehr/auth/sessions/{session}", WORKERS, "", 204),
    shows("GET /api/v1/portal/auth/mfa", "totp enrolledAt backupCodesLeft passkeys id name createdAt lastUsedAt required").unrecorded(CREDENTIALS),
    own("POST /api/v1/portal/auth/mfa/totp", CLIENTS, "", 200).unrecorded("a secret is proposed; nothing changes before a code of it is typed"),
    own("DELETE /api/v1/portal/auth/mfa/totp", CLIENTS, "", ELSEWHERE),
    own("POST /api/v1/portal/auth/mfa/totp/confirm", CLIENTS, r#"{"code": "123456"}"#, ELSEWHERE),
    own("POST /api/v1/portal/auth/mfa/backup-codes", CLIENTS, "", ELSEWHERE),
    open("POST /api/v1/portal/auth/mfa/verify"),
    open("POST /api/v1/portal/auth/mfa/enrol"),
    open("POST /api/v1/portal/auth/mfa/enrol/confirm"),
    shows("GET /api/v1/portal/auth/passkeys", "items next id name createdAt lastUsedAt").unrecorded(CREDENTIALS),
    own("DELETE /api/v1/portal/auth/passkeys/{passkey}", CLIENTS, "", 204),
    // The hub of these tests is reached at a bare address, which has no passkeys.
    own("POST /api/v1/portal/auth/passkeys/register/start", CLIENTS, "", 409),
    own("POST /api/v1/portal/auth/passkeys/register/finish", CLIENTS, NEW_PASSKEY, 422),
    open("POST /api/v1/portal/auth/passkeys/sign-in/start"),
    open("POST /api/v1/portal/auth/passkeys/sign-in/finish"),
    own("GET /api/v1/ehr/auth/mfa", WORKERS, "", 200).unrecorded(CREDENTIALS),
    own("POST /api/v1/ehr/auth/mfa/totp", WORKERS, "", 200).unrecorded("a secret is proposed; nothing changes before a code of it is typed"),
    own("DELETE /api/v1/ehr/auth/mfa/totp", WORKERS, "", ELSEWHERE),
    own("POST /api/v1/ehr/auth/mfa/totp/confirm", WORKERS, r#"{"code": "123456"}"#, ELSEWHERE),
    own("POST /api/v1/ehr/auth/mfa/backup-codes", WORKERS, "", ELSEWHERE),
    open("POST /api/v1/ehr/auth/mfa/verify"),
    open("POST /api/v1/ehr/auth/mfa/enrol"),
    open("POST /api/v1/ehr/auth/mfa/enrol/confirm"),
    own("GET /api/v1/ehr/auth/passkeys", WORKERS, "", 200).unrecorded(CREDENTIALS),
    own("DELETE /api/v1/ehr/auth/passkeys/{passkey}", WORKERS, "", 204),
    // The hub of these tests is reached at a bare address, which has no passkeys.
    own("POST /api/v1/ehr/auth/passkeys/register/start", WORKERS, "", 409),
    own("POST /api/v1/ehr/auth/passkeys/register/finish", WORKERS, NEW_PASSKEY, 422),
    open("POST /api/v1/ehr/auth/passkeys/sign-in/start"),
    open("POST /api/v1/ehr/auth/passkeys/sign-in/finish"),
    open("GET /api/v1/portal/auth/oidc"),
    open("GET /api/v1/portal/auth/oidc/{provider}"),
    open("GET /api/v1/portal/auth/oidc/{provider}/callback"),
    own("POST /api/v1/portal/auth/oidc/{provider}/link", CLIENTS, "", ELSEWHERE),
    own("DELETE /api/v1/portal/auth/oidc/{provider}/link", CLIENTS, "", ELSEWHERE),
    open("GET /api/v1/ehr/auth/oidc"),
    open("GET /api/v1/ehr/auth/oidc/{provider}"),
    open("GET /api/v1/ehr/auth/oidc/{provider}/callback"),
    own("POST /api/v1/ehr/auth/oidc/{provider}/link", WORKERS, "", ELSEWHERE),
    own("DELETE /api/v1/ehr/auth/oidc/{provider}/link", WORKERS, "", ELSEWHERE),
    practice("POST /api/v1/ehr/clients/{client}/reset-second-factor", WORKERS, "", 204),
    // One's own is not reset like this.
    practice("POST /api/v1/admin/users/{user}/reset-second-factor", ADMINS, "", ELSEWHERE),
    open("GET /api/v1/portal/auth/terms"),
    open("POST /api/v1/portal/auth/register"),
    open("POST /api/v1/portal/auth/verify-email"),
    open("POST /api/v1/portal/auth/resend-verification"),
    own("POST /api/v1/portal/profile/email", CLIENTS, r#"{"email": "new@example.org", "endOtherSessions": true}"#, 202),
    shows("GET /api/v1/portal/profile", "name email preferredName pronouns phone address line1 line2 city region postalCode"),
    own("PATCH /api/v1/portal/profile", CLIENTS, r#"{"preferredName": "x", "pronouns": "x", "phone": "5550100199", "address": {"city": "x"}}"#, 200),
    own("PUT /api/v1/portal/profile", CLIENTS, r#"{"preferredName": "x", "pronouns": "x", "phone": "5550100199", "address": {"city": "x"}}"#, 200),
    shows("GET /api/v1/portal/profile/emergency-contacts", "items next name relationship phone"),
    own("PUT /api/v1/portal/profile/emergency-contacts", CLIENTS, r#"{"items": [{"name": "x", "relationship": "x", "phone": "5550100199"}]}"#, 200),
    shows("GET /api/v1/portal/profile/settings", "language timeZone showsPresence").unrecorded("language and time zone"),
    own("PATCH /api/v1/portal/profile/settings", CLIENTS, r#"{"language": "es", "timeZone": "America/New_York", "showsPresence": true}"#, 200),
    own("PUT /api/v1/portal/profile/settings", CLIENTS, r#"{"language": "es", "timeZone": "America/New_York", "showsPresence": true}"#, 200),
    own("GET /api/v1/ehr/clients/{client}/profile", WORKERS, "", 200),
    own("POST /api/v1/ehr/clients", WORKERS, r#"{"name": "x", "email": "x@example.org", "dateOfBirth": "1990-02-28"}"#, ELSEWHERE),
    practice("POST /api/v1/ehr/clients/{client}/invitation", WORKERS, "", ELSEWHERE),
    open("POST /api/v1/ehr/auth/accept-invitation"),
    own("GET /api/v1/admin/invitations", ADMINS, "", 200).unrecorded(PRACTICE),
    own("POST /api/v1/admin/invitations", ADMINS, r#"{"email": "new.colleague@example.org", "role": "staff"}"#, 201),
    own("DELETE /api/v1/admin/invitations/{invitation}", ADMINS, "", 204),
    open("POST /api/v1/portal/auth/forgot-password"),
    open("POST /api/v1/portal/auth/reset-password"),
    own("POST /api/v1/portal/auth/change-password", CLIENTS, r#"{"currentPassword": "correct horse battery staple", "newPassword": "quiet orchard kettle", "endOtherSessions": true}"#, 204),
    open("POST /api/v1/ehr/auth/forgot-password"),
    open("POST /api/v1/ehr/auth/reset-password"),
    own("POST /api/v1/ehr/auth/change-password", WORKERS, r#"{"currentPassword": "correct horse battery staple", "newPassword": "quiet orchard kettle", "endOtherSessions": true}"#, 204),
    own("GET /api/v1/auth/me", ALL, "", 200).unrecorded(CREDENTIALS),
    shows("GET /api/v1/portal/messages", SUMMARIES),
    own("POST /api/v1/portal/messages", CLIENTS, r#"{"subject": "x", "body": "x", "priority": "urgent"}"#, 201),
    shows("GET /api/v1/portal/messages/unread-count", "unread threads").unrecorded(COUNT),
    shows("GET /api/v1/portal/messages/{thread}", THREAD),
    own("POST /api/v1/portal/messages/{thread}/reply", CLIENTS, r#"{"body": "x", "priority": "urgent", "replyTo": "{entry}"}"#, 201),
    own("POST /api/v1/portal/messages/{thread}/read", CLIENTS, r#"{"seq": 1}"#, 204).unrecorded(MARK),
    own("PUT /api/v1/portal/messages/{thread}/read", CLIENTS, r#"{"seq": 1}"#, 204).unrecorded(MARK),
    shows("GET /api/v1/portal/messages/{thread}/draft", "body subject kind pendingId revision updatedAt"),
    own("PUT /api/v1/portal/messages/{thread}/draft", CLIENTS, r#"{"body": "x"}"#, 200),
    own("DELETE /api/v1/portal/messages/{thread}/draft", CLIENTS, "", 204),
    shows("GET /api/v1/portal/account/phone", "number verifiedAt optedOutAt pending").unrecorded("the caller's own number"),
    // Text messages are not set up on the hub of these tests.
    own("PUT /api/v1/portal/account/phone", CLIENTS, r#"{"number": "+15125550123"}"#, 409),
    own("DELETE /api/v1/portal/account/phone", CLIENTS, "", 204).unrecorded("there is none to forget"),
    own("POST /api/v1/portal/account/phone/verify", CLIENTS, r#"{"code": "123456"}"#, 422),
    shows("GET /api/v1/portal/push-key", "publicKey").unrecorded("a key that everybody may know"),
    own("POST /api/v1/portal/push-subscriptions", CLIENTS, BROWSER, 201),
    own("DELETE /api/v1/portal/push-subscriptions", CLIENTS, r#"{"endpoint": "https://push.example.org/x"}"#, ELSEWHERE),
    own("GET /api/v1/ehr/account/phone", WORKERS, "", 200).unrecorded("the caller's own number"),
    own("PUT /api/v1/ehr/account/phone", WORKERS, r#"{"number": "+15125550123"}"#, 409),
    own("DELETE /api/v1/ehr/account/phone", WORKERS, "", 204).unrecorded("there is none to forget"),
    own("POST /api/v1/ehr/account/phone/verify", WORKERS, r#"{"code": "123456"}"#, 422),
    own("GET /api/v1/ehr/push-key", WORKERS, "", 200).unrecorded("a key that everybody may know"),
    own("POST /api/v1/ehr/push-subscriptions", WORKERS, BROWSER, 201),
    own("DELETE /api/v1/ehr/push-subscriptions", WORKERS, r#"{"endpoint": "https://push.example.org/x"}"#, ELSEWHERE),
    practice("GET /api/v1/admin/undelivered", ADMINS, "", 200),
    practice("POST /api/v1/admin/undelivered/{outbox}/resend", ADMINS, "", 202),
    shows("GET /api/v1/portal/messages/{thread}/emergency", "emergency").unrecorded(STANDING),
    own("POST /api/v1/ehr/threads/{thread}/escalate", WORKERS, "", 201),
    practice("GET /api/v1/ehr/escalations", WORKERS, "", 200),
    // One at a time.
    practice("POST /api/v1/ehr/escalations/drill", WORKERS, "", ELSEWHERE),
    // It takes a span of time.
    practice("GET /api/v1/ehr/escalations/report", WORKERS, "", 200).unrecorded(PRACTICE),
    practice("GET /api/v1/ehr/escalations/{escalation}", WORKERS, "", 200),
    practice("POST /api/v1/ehr/escalations/{escalation}/acknowledge", WORKERS, "", 200).unrecorded("the caller has it already"),
    practice("POST /api/v1/ehr/escalations/{escalation}/hand-over", WORKERS, r#"{"to": "{colleague}"}"#, 200),
    // The caller has it.
    practice("POST /api/v1/ehr/escalations/{escalation}/skip", WORKERS, "", 409),
    practice("POST /api/v1/ehr/escalations/{escalation}/resolve", WORKERS, r#"{"note": "x"}"#, 200),
    practice("GET /api/v1/ehr/alarms", WORKERS, "", 200).unrecorded(PRACTICE),
    open("GET /api/v1/ack/{token}"),
    open("POST /api/v1/ack/{token}"),
    own("POST /api/v1/portal/payments/process", CLIENTS, r#"{"amount": 100, "invoice": null, "method": "pm_1"}"#, ELSEWHERE),
    shows("GET /api/v1/portal/payments/attempts/{attempt}", "id state failure amount currency invoice createdAt authentication"),
    shows("GET /api/v1/portal/payments/methods", "items next id brand last4 expiresMonth expiresYear isDefault"),
    own("POST /api/v1/portal/payments/methods", CLIENTS, "", ELSEWHERE),
    own("DELETE /api/v1/portal/payments/methods/{card}", CLIENTS, "", ELSEWHERE),
    own("PUT /api/v1/portal/payments/methods/{card}/default", CLIENTS, "", ELSEWHERE),
    shows("GET /api/v1/portal/billing/balance", "balance currency overdue nextDue takesCards howToPay phone planLeft autopay underWay"),
    shows("GET /api/v1/portal/billing/charges", "items next id on kind code description clinician units amount open currency state invoice"),
    shows("GET /api/v1/portal/billing/invoices", "items next id number status issuedOn dueOn total paid open currency voidedAt"),
    shows("GET /api/v1/portal/billing/invoices/{invoice}", "id number status issuedOn dueOn total paid open currency voidedAt lines on kind code description clinician units amount state invoice"),
    own("GET /api/v1/portal/billing/invoices/{invoice}/pdf", CLIENTS, "", ELSEWHERE),
    shows("GET /api/v1/portal/billing/payments", "items next id at amount givenBack onItsWayBack currency method kind brand last4"),
    shows("GET /api/v1/portal/billing/statements", "items next month isOver currency opening added takenOff closing"),
    shows("GET /api/v1/portal/billing/statements/{month}", "month isOver currency opening added takenOff closing lines on kind what amount balance"),
    // Papers have no keys; tests/it/paying reads them.
    own("GET /api/v1/portal/billing/statements/{month}/pdf", CLIENTS, "", ELSEWHERE),
    own("GET /api/v1/portal/billing/superbill", CLIENTS, "", ELSEWHERE),
    shows("GET /api/v1/portal/payments/history", "items next id kind cause at occurredAt what reason method amount balance currency"),
    own("GET /api/v1/portal/payments/receipt/{payment}", CLIENTS, "", ELSEWHERE),
    shows("GET /api/v1/portal/payments/autopay", "on method methodName since consent asked given failing"),
    own("PUT /api/v1/portal/payments/autopay", CLIENTS, r#"{"on": false, "method": null, "consent": null}"#, 200),
    shows("GET /api/v1/portal/payments/plans", "items next id state total currency rhythm methodName consent madeAt endedAt endedByPractice parts number dueOn amount failures triedAgainAt"),
    own("POST /api/v1/portal/payments/plans", CLIENTS, r#"{"parts": 4, "rhythm": "monthly", "firstDueOn": "2026-12-01", "total": 10000, "method": "pm_1", "consent": "x"}"#, ELSEWHERE),
    own("GET /api/v1/portal/payments/plans/schedule", CLIENTS, "", ELSEWHERE),
    own("DELETE /api/v1/portal/payments/plans/{paymentplan}", CLIENTS, "", 204),
    practice("GET /api/v1/ehr/billing/failed-payments", BILLERS, "", 200),
    practice("GET /api/v1/ehr/billing/disputes", BILLERS, "", 200),
    practice("GET /api/v1/ehr/billing/clients/{client}/plans", BILLERS, "", 200),
    shows("GET /api/v1/portal/appointments", APPOINTMENTS),
    shows("GET /api/v1/portal/appointments/terms", "mayView mayRequest mayBook mayCancel windowMinutes late fee amount currency phone reminderMinutes clinicians id name role timeZone").unrecorded(PRACTICE),
    // What is free, and what has to be asked for first, is in tests/it/appointments.
    own("POST /api/v1/portal/appointments/hold", CLIENTS, r#"{"clinician": "{colleague}", "startsAt": "{soon}"}"#, ELSEWHERE),
    own("POST /api/v1/portal/appointments/request", CLIENTS, r#"{"clinician": "{colleague}", "startsAt": "{soon}"}"#, ELSEWHERE),
    shows("GET /api/v1/portal/appointments/feed", "madeAt showsNames").unrecorded("whether one made an address, and when; what it shows is recorded where it is read"),
    own("POST /api/v1/portal/appointments/feed", CLIENTS, r#"{"showsNames": false}"#, 201),
    own("DELETE /api/v1/portal/appointments/feed", CLIENTS, "", 204),
    shows("GET /api/v1/portal/appointments/waitlist", "items next id client name role clinician mode from until since"),
    own("POST /api/v1/portal/appointments/waitlist", CLIENTS, r#"{"clinician": "{colleague}", "from": "{soon}", "until": "{soon}"}"#, ELSEWHERE),
    own("DELETE /api/v1/portal/appointments/waitlist/{waiting}", CLIENTS, "", 204),
    shows("GET /api/v1/portal/appointments/{appointment}", APPOINTMENTS),
    own("PATCH /api/v1/portal/appointments/{appointment}/cancel", CLIENTS, "", 200),
    own("PUT /api/v1/portal/appointments/{appointment}/cancel", CLIENTS, r#"{"acceptFee": false}"#, 200),
    own("PUT /api/v1/portal/appointments/{appointment}/reschedule", CLIENTS, r#"{"startsAt": "{soon}"}"#, ELSEWHERE),
    own("POST /api/v1/portal/appointments/{appointment}/accept", CLIENTS, "", ELSEWHERE),
    own("POST /api/v1/portal/appointments/{appointment}/decline", CLIENTS, "", ELSEWHERE),
    own("GET /api/v1/portal/appointments/{appointment}/join", CLIENTS, "", ELSEWHERE),
    own("GET /api/v1/portal/appointments/{appointment}/calendar.ics", CLIENTS, "", ELSEWHERE),
    own("GET /api/v1/portal/slots", CLIENTS, "", ELSEWHERE),
    open("GET /api/v1/portal/calendar/{secret}.ics"),
    own("GET /api/v1/ehr/appointments", WORKERS, "", 200),
    own("POST /api/v1/ehr/appointments", WORKERS, r#"{"client": "{client}", "clinician": "{user}", "startsAt": "{soon}"}"#, 201),
    own("GET /api/v1/ehr/appointments/waitlist", WORKERS, "", 200),
    own("PUT /api/v1/ehr/appointments/waitlist/{waiting}", WORKERS, r#"{"mode": "video", "from": "{soon}", "until": "{soon}"}"#, ELSEWHERE),
    own("DELETE /api/v1/ehr/appointments/waitlist/{waiting}", WORKERS, "", 204),
    own("POST /api/v1/ehr/appointments/waitlist/{waiting}/offer", WORKERS, r#"{"startsAt": "{soon}"}"#, ELSEWHERE),
    own("GET /api/v1/ehr/appointments/{appointment}", WORKERS, "", 200),
    own("POST /api/v1/ehr/appointments/{appointment}/confirm", WORKERS, "", ELSEWHERE),
    own("POST /api/v1/ehr/appointments/{appointment}/propose", WORKERS, r#"{"startsAt": "{soon}"}"#, 200),
    own("POST /api/v1/ehr/appointments/{appointment}/withdraw", WORKERS, "", ELSEWHERE),
    own("PUT /api/v1/ehr/appointments/{appointment}/reschedule", WORKERS, r#"{"startsAt": "{soon}"}"#, 200),
    own("POST /api/v1/ehr/appointments/{appointment}/check-in", WORKERS, "", ELSEWHERE),
    own("POST /api/v1/ehr/appointments/{appointment}/complete", WORKERS, "", ELSEWHERE),
    own("POST /api/v1/ehr/appointments/{appointment}/no-show", WORKERS, "", ELSEWHERE),
    own("POST /api/v1/ehr/appointments/{appointment}/cancel", WORKERS, "", 200),
    own("PUT /api/v1/ehr/appointments/{appointment}/series", WORKERS, r#"{"scope": "all", "startsAt": "{soon}", "mode": "video", "leaveTaken": false}"#, ELSEWHERE),
    own("POST /api/v1/ehr/appointments/{appointment}/series/cancel", WORKERS, r#"{"scope": "all"}"#, ELSEWHERE),
    own("GET /api/v1/ehr/appointments/{appointment}/join", WORKERS, "", ELSEWHERE),
    own("GET /api/v1/ehr/slots", WORKERS, "", ELSEWHERE),
    own("GET /api/v1/ehr/availability", WORKERS, "", 200).unrecorded(PRACTICE),
    own("PUT /api/v1/ehr/availability", WORKERS, AVAILABILITY, 200),
    own("POST /api/v1/ehr/availability/exceptions", WORKERS, r#"{"open": false, "startsAt": "2026-01-01T00:00:00Z", "endsAt": "{soon}"}"#, ELSEWHERE),
    own("DELETE /api/v1/ehr/availability/exceptions/{exception}", WORKERS, "", 204),
    practice("GET /api/v1/admin/appointment-policy", ADMINS, "", 200).unrecorded(PRACTICE),
    practice("PUT /api/v1/admin/appointment-policy", ADMINS, APPOINTMENT_POLICY, 200),
    practice("GET /api/v1/ehr/billing/settings", BILLERS, "", 200).unrecorded(PRACTICE),
    practice("PUT /api/v1/ehr/billing/settings", BILLERS, r#"{"revision": 0, "currency": "USD", "dueDays": 30, "howToPay": null, "taxId": null, "address": [], "phone": null, "fees": []}"#, ELSEWHERE),
    practice("GET /api/v1/ehr/billing/clinicians", BILLERS, "", 200).unrecorded(PRACTICE),
    practice("PUT /api/v1/ehr/billing/clinicians/{colleague}", BILLERS, r#"{"npi": "1234567893", "licence": "x", "credentials": "PhD"}"#, 200),
    // Of a plan that runs, an appointment that took place, an invoice that is not paid: tests/it/billing.
    practice("POST /api/v1/ehr/billing/plans/{paymentplan}/cancel", BILLERS, r#"{"reason": "x"}"#, 204),
    practice("GET /api/v1/ehr/billing/free", BILLERS, "", 200),
    practice("PUT /api/v1/ehr/billing/appointments/{appointment}/free", BILLERS, "", ELSEWHERE),
    practice("DELETE /api/v1/ehr/billing/appointments/{appointment}/free", BILLERS, "", ELSEWHERE),
    practice("GET /api/v1/ehr/billing/aging", BILLERS, "", 200),
    practice("GET /api/v1/ehr/billing/to-charge", BILLERS, "", 200),
    practice("POST /api/v1/ehr/billing/to-charge", BILLERS, "", 200),
    // It takes days.
    practice("GET /api/v1/ehr/billing/export", BILLERS, "", 422),
    practice("GET /api/v1/ehr/billing/clients/{client}", BILLERS, "", 200),
    practice("GET /api/v1/ehr/billing/clients/{client}/history", BILLERS, "", 200),
    practice("GET /api/v1/ehr/billing/clients/{client}/statements", BILLERS, "", 200),
    practice("GET /api/v1/ehr/billing/clients/{client}/statements/{month}", BILLERS, "", ELSEWHERE),
    practice("GET /api/v1/ehr/billing/clients/{client}/statements/{month}/pdf", BILLERS, "", ELSEWHERE),
    practice("GET /api/v1/ehr/billing/clients/{client}/superbill", BILLERS, "", ELSEWHERE),
    practice("GET /api/v1/ehr/billing/payments/{payment}/receipt", BILLERS, "", 200),
    practice("GET /api/v1/ehr/billing/clients/{client}/charges", BILLERS, "", 200),
    practice("POST /api/v1/ehr/billing/clients/{client}/charges", BILLERS, r#"{"code": "90834", "description": "x", "modifiers": [], "place": "11", "diagnoses": ["F41.1"], "units": 1, "unitAmount": 100, "serviceOn": null, "clinician": null, "appointment": null, "further": false}"#, 201),
    practice("POST /api/v1/ehr/billing/clients/{client}/adjustments", BILLERS, r#"{"amount": 100, "reason": "x", "charge": null}"#, 201),
    practice("GET /api/v1/ehr/billing/clients/{client}/payments", BILLERS, "", 200),
    // What is paid has to be owed first, and what is billed charged: tests/it/billing.
    practice("POST /api/v1/ehr/billing/clients/{client}/payments", BILLERS, r#"{"amount": 100, "method": "cash"}"#, ELSEWHERE),
    practice("GET /api/v1/ehr/billing/clients/{client}/invoices", BILLERS, "", 200),
    practice("POST /api/v1/ehr/billing/clients/{client}/invoices", BILLERS, "{}", ELSEWHERE),
    practice("POST /api/v1/ehr/billing/charges/{charge}/void", BILLERS, r#"{"reason": "x"}"#, 200),
    practice("POST /api/v1/ehr/billing/payments/{payment}/refunds", BILLERS, r#"{"amount": 100, "reason": "x"}"#, 201),
    practice("GET /api/v1/ehr/billing/invoices", BILLERS, "", 200),
    practice("GET /api/v1/ehr/billing/invoices/{invoice}", BILLERS, "", 200),
    practice("GET /api/v1/ehr/billing/invoices/{invoice}/pdf", BILLERS, "", 200),
    practice("POST /api/v1/ehr/billing/invoices/{invoice}/send-again", BILLERS, "", 204),
    practice("POST /api/v1/ehr/billing/invoices/{invoice}/void", BILLERS, r#"{"reason": "x"}"#, 200),
    own("GET /api/v1/ehr/billing/appointments/{appointment}/charges", WORKERS, "", 200),
    shows("GET /api/v1/portal/assessments", ASSESSMENTS),
    shows("GET /api/v1/portal/assessments/history", ASSESSMENTS),
    // It takes an instrument.
    own("GET /api/v1/portal/assessments/trends", CLIENTS, "", 422),
    shows("GET /api/v1/portal/assessments/emergency", "emergency").unrecorded(STANDING),
    shows("GET /api/v1/portal/assessments/{assessment}", QUESTIONNAIRE),
    own("POST /api/v1/portal/assessments/{assessment}/start", CLIENTS, "", 200),
    own("PUT /api/v1/portal/assessments/{assessment}/answers", CLIENTS, r#"{"answers": {"1": 2}, "revision": 0}"#, 200),
    own("PATCH /api/v1/portal/assessments/{assessment}/answers", CLIENTS, r#"{"answers": {"1": 2}, "revision": 0}"#, 200),
    own("POST /api/v1/portal/assessments/{assessment}/submit", CLIENTS, ANSWERS, 201),
    own("GET /api/v1/ehr/assessments/instruments", CARERS, "", 200).unrecorded(PRACTICE),
    own("GET /api/v1/ehr/appointments/{appointment}/assessments", CARERS, "", 200),
    own("GET /api/v1/ehr/assessments/overdue", CARERS, "", 200),
    own("GET /api/v1/ehr/assessments/{assessment}", CARERS, "", 200),
    own("GET /api/v1/ehr/clients/{client}/assessments", CARERS, "", 200),
    own("POST /api/v1/ehr/clients/{client}/assessments", CARERS, r#"{"instrument": "phq-9", "recurrence": {"kind": "once"}, "dueInDays": 7}"#, 201),
    own("GET /api/v1/ehr/clients/{client}/assessments/trends", CARERS, "", 422),
    own("GET /api/v1/ehr/clients/{client}/assessment-plans", CARERS, "", 200),
    own("DELETE /api/v1/ehr/clients/{client}/assessment-plans/{plan}", CARERS, "", 204),
    shows("GET /api/v1/portal/privacy/access-log", "items next id at action outcome by name role emergency thread"),
    shows("GET /api/v1/portal/privacy/break-glass", "items next id startedAt expiresAt by name role"),
    own("GET /api/v1/ehr/clients", WORKERS, "", 200).or_key("findPeople"),
    own("GET /api/v1/ehr/clients/{client}/care-team", WORKERS, "", 200),
    own("POST /api/v1/ehr/clients/{client}/care-team", WORKERS, r#"{"user": "{colleague}"}"#, 204),
    own("DELETE /api/v1/ehr/clients/{client}/care-team/{user}", WORKERS, "", 204),
    practice("POST /api/v1/ehr/clients/{client}/break-glass", CARERS, r#"{"reason": "She called in distress."}"#, ELSEWHERE),
    practice("GET /api/v1/admin/break-glass", ADMINS, "", 200).or_key("readAudit"),
    practice("GET /api/v1/admin/api-keys", ADMINS, "", 200).unrecorded(PRACTICE),
    practice("POST /api/v1/admin/api-keys", ADMINS, r#"{"name": "x", "scopes": ["findPeople"], "expiresAt": "{soon}"}"#, 201),
    practice("DELETE /api/v1/admin/api-keys/{key}", ADMINS, "", 204),
    practice("GET /api/v1/admin/clients/{client}/legal-hold", ADMINS, "", ELSEWHERE),
    practice("PUT /api/v1/admin/clients/{client}/legal-hold", ADMINS, r#"{"reason": "x"}"#, 200),
    practice("DELETE /api/v1/admin/clients/{client}/legal-hold", ADMINS, "", ELSEWHERE),
    practice("POST /api/v1/admin/clients/{client}/erasure", ADMINS, r#"{"reason": "x", "confirm": "x"}"#, ELSEWHERE),
    practice("GET /api/v1/admin/clients/{client}/export", ADMINS, "", 200),
    practice("GET /api/v1/admin/retention", ADMINS, "", 200).unrecorded(PRACTICE),
    practice("PUT /api/v1/admin/retention", ADMINS, r#"{"rules": [{"kind": "drafts", "days": 30}]}"#, 200),
    shows("GET /api/v1/portal/privacy/consents", "items next kind version title text granted history at"),
    own("POST /api/v1/portal/privacy/consents", CLIENTS, r#"{"kind": "telehealth", "version": "2026-11", "granted": true}"#, 201),
    own("POST /api/v1/portal/privacy/export", CLIENTS, "", 200),
    practice("GET /api/v1/admin/crisis-phrases", ADMINS, "", 200).unrecorded(PRACTICE),
    practice("PUT /api/v1/admin/crisis-phrases", ADMINS, r#"{"version": 0, "phrases": ["the purple door"]}"#, 200),
    practice("POST /api/v1/admin/crisis-phrases/try", ADMINS, r#"{"text": "x"}"#, 200).unrecorded("a text is looked at and forgotten"),
    practice("GET /api/v1/admin/crisis-resources", ADMINS, "", 200).unrecorded(PRACTICE),
    practice("PUT /api/v1/admin/crisis-resources", ADMINS, r#"{"version": 0, "resources": {}}"#, 200),
    practice("GET /api/v1/admin/erasures", ADMINS, "", 200),
    practice("GET /api/v1/admin/erasures/{erasure}", ADMINS, "", 200),
    practice("GET /api/v1/admin/users", ADMINS, "", 200).or_key("readUsers"),
    practice("GET /api/v1/admin/audit", ADMINS, "", 200).or_key("readAudit"),
    practice("PATCH /api/v1/admin/users/{user}", ADMINS, r#"{"role": "staff", "status": "active", "name": "Kim"}"#, 200),
    practice("POST /api/v1/admin/users/{user}/lock", ADMINS, "", 200),
    practice("POST /api/v1/admin/users/{user}/unlock", ADMINS, "", 200),
    practice("POST /api/v1/admin/users/{user}/end-sessions", ADMINS, "", 200),
    practice("GET /api/v1/ehr/colleagues", WORKERS, "", 200).or_key("findPeople").unrecorded(PRACTICE),
    practice("GET /api/v1/ehr/on-call", WORKERS, "", 200).unrecorded(PRACTICE),
    practice("PUT /api/v1/ehr/on-call", ADMINS, r#"{"revision": 0, "shifts": [{"layer": "onCall", "user": "{colleague}", "weekday": 1, "starts": "08:00", "ends": "08:00"}]}"#, 200),
    practice("GET /api/v1/ehr/on-call/now", WORKERS, "", 200).unrecorded(PRACTICE),
    practice("GET /api/v1/ehr/on-call/coverage", WORKERS, "", 200).unrecorded(PRACTICE),
    practice("POST /api/v1/ehr/on-call/overrides", WORKERS, r#"{"kind": "leave", "layer": null, "user": "{colleague}", "startsAt": "2026-01-01T00:00:00Z", "endsAt": "{soon}"}"#, 201),
    practice("DELETE /api/v1/ehr/on-call/overrides/{override}", WORKERS, "", 204),
    practice("GET /api/v1/admin/escalation-policy", ADMINS, "", 200).unrecorded(PRACTICE),
    practice("PUT /api/v1/admin/escalation-policy", ADMINS, POLICY, ELSEWHERE),
    practice("POST /api/v1/admin/escalation-policy/check", ADMINS, POLICY, 200).unrecorded(PRACTICE),
    own("GET /api/v1/ehr/inbox", WORKERS, "", 200),
    own("GET /api/v1/ehr/messages/unread-count", WORKERS, "", 200).unrecorded(COUNT),
    own("POST /api/v1/ehr/threads", WORKERS, r#"{"client": "{client}", "subject": "x", "body": "x", "priority": "normal"}"#, 201),
    own("GET /api/v1/ehr/threads/{thread}", WORKERS, "", 200),
    own("POST /api/v1/ehr/threads/{thread}/reply", WORKERS, r#"{"body": "x", "priority": "normal", "replyTo": "{entry}"}"#, 201),
    own("POST /api/v1/ehr/threads/{thread}/read", WORKERS, r#"{"seq": 1}"#, 204).unrecorded(MARK),
    own("PUT /api/v1/ehr/threads/{thread}/read", WORKERS, r#"{"seq": 1}"#, 204).unrecorded(MARK),
    own("GET /api/v1/ehr/threads/{thread}/draft", WORKERS, "", 200),
    own("PUT /api/v1/ehr/threads/{thread}/draft", WORKERS, r#"{"body": "x"}"#, 200),
    own("DELETE /api/v1/ehr/threads/{thread}/draft", WORKERS, "", 204),
    own("GET /api/v1/ehr/messages/{thread}/draft", WORKERS, "", 200),
    own("PUT /api/v1/ehr/messages/{thread}/draft", WORKERS, r#"{"body": "x"}"#, 200),
    own("DELETE /api/v1/ehr/messages/{thread}/draft", WORKERS, "", 204),
    own("POST /api/v1/ehr/threads/{thread}/notes", WORKERS, r#"{"body": "x"}"#, 201),
    own("POST /api/v1/ehr/threads/{thread}/entries/{entry}/correction", WORKERS, r#"{"body": "x"}"#, 201),
    own("POST /api/v1/ehr/threads/{thread}/entries/{entry}/retraction", WORKERS, r#"{"reason": "x"}"#, 201),
    // Who lost a race for a thread of their practice is told to whom.
    practice("POST /api/v1/ehr/threads/{thread}/claim", WORKERS, "", 200),
    own("POST /api/v1/ehr/threads/{thread}/assign", WORKERS, r#"{"assignee": "{colleague}"}"#, 200),
    own("POST /api/v1/ehr/threads/{thread}/hand-over", WORKERS, r#"{"to": "{colleague}", "note": "x"}"#, 200),
    own("POST /api/v1/ehr/threads/{thread}/close", WORKERS, r#"{"note": "x"}"#, 200),
    own("POST /api/v1/ehr/threads/{thread}/reopen", WORKERS, "", 200),
    shows("GET /api/v1/portal/forms", FORMS),
    shows("GET /api/v1/portal/forms/submissions", "items next id assignment client name role title kind version state submittedAt"),
    shows("GET /api/v1/portal/forms/submissions/{submission}", SUBMISSION),
    shows("GET /api/v1/portal/forms/submissions/{submission}/pdf", "nothing"),
    shows("GET /api/v1/portal/forms/{assignment}", FORM),
    own("PATCH /api/v1/portal/forms/{assignment}/save-draft", CLIENTS, r#"{"revision": 0, "answers": {"mood": "x"}}"#, 200),
    own("POST /api/v1/portal/forms/{assignment}/submit", CLIENTS, r#"{"revision": 0, "answers": {"mood": "x"}}"#, 201),
    own("POST /api/v1/portal/forms/{assignment}/files", CLIENTS, "", 422),
    shows("GET /api/v1/portal/forms/{assignment}/files/{file}", "none: it is a file"),
    own("GET /api/v1/portal/forms/{assignment}/files/{file}/preview", CLIENTS, "", 422),
    own("GET /api/v1/ehr/submissions/{submission}/files/{file}", WORKERS, "", 200),
    own("GET /api/v1/ehr/submissions/{submission}/files/{file}/preview", WORKERS, "", 422),
    shows("GET /api/v1/portal/forms/{assignment}/history", "items next at what by id name role version submission"),
    practice("GET /api/v1/ehr/forms", WORKERS, "", 200).unrecorded(PRACTICE),
    practice("POST /api/v1/ehr/forms", WORKERS, NEW_FORM, 201),
    practice("GET /api/v1/ehr/forms/{form}", WORKERS, "", 200).unrecorded(PRACTICE),
    practice("PUT /api/v1/ehr/forms/{form}", WORKERS, NEW_FORM, 200),
    practice("POST /api/v1/ehr/forms/{form}/publish", WORKERS, r#"{"revision": 1}"#, 200),
    practice("POST /api/v1/ehr/forms/{form}/retire", WORKERS, "", 200),
    practice("PUT /api/v1/ehr/forms/{form}/new-clients", WORKERS, r#"{"on": true, "dueDays": 7}"#, 200),
    own("POST /api/v1/ehr/forms/{form}/assignments", WORKERS, r#"{"client": "{client}", "dueOn": null}"#, 201),
    own("DELETE /api/v1/ehr/form-assignments/{assignment}", WORKERS, "", 204),
    own("GET /api/v1/ehr/clients/{client}/forms", WORKERS, "", 200),
    own("GET /api/v1/ehr/submissions", WORKERS, "", 200),
    own("GET /api/v1/ehr/submissions/{submission}", WORKERS, "", 200),
    own("GET /api/v1/ehr/submissions/{submission}/pdf", WORKERS, "", 200),
    own("POST /api/v1/ehr/submissions/{submission}/review", WORKERS, r#"{"note": "x", "message": "x"}"#, 200),
    shows("GET /api/v1/portal/notifications", "items next id kind title link at read").unrecorded(NOTICES),
    shows("GET /api/v1/portal/notifications/unread-count", "unread").unrecorded(NOTICES),
    own("POST /api/v1/portal/notifications/read-all", CLIENTS, "", 204).unrecorded(NOTICES),
    own("POST /api/v1/portal/notifications/{notification}/read", CLIENTS, "", 204).unrecorded(NOTICES),
    shows("GET /api/v1/portal/account/notifications", "timeZone language quietHours digest kinds kind channels choices urgent reachable email sms push from until at days").unrecorded(NOTICES),
    own("PUT /api/v1/portal/account/notifications", CLIENTS, r#"{"timeZone": "Europe/Madrid", "language": "es", "quietHours": null, "digest": null, "channels": {}}"#, 200),
    own("GET /api/v1/ehr/notifications", WORKERS, "", 200).unrecorded(NOTICES),
    own("GET /api/v1/ehr/notifications/unread-count", WORKERS, "", 200).unrecorded(NOTICES),
    own("POST /api/v1/ehr/notifications/read-all", WORKERS, "", 204).unrecorded(NOTICES),
    own("POST /api/v1/ehr/notifications/{notification}/read", WORKERS, "", 204).unrecorded(NOTICES),
    own("GET /api/v1/ehr/account/notifications", WORKERS, "", 200).unrecorded(NOTICES),
    own("PUT /api/v1/ehr/account/notifications", WORKERS, r#"{"timeZone": "Europe/Madrid", "language": "es", "quietHours": null, "digest": null, "channels": {}}"#, 200),
    open("POST /api/v1/push-confirmations"),
];
