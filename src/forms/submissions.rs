//! What was submitted, for the client and for those who look after them. Every reading checks the seal; whether it holds
//! is part of what is shown.

use super::{
    answers::Answers,
    assignments::{State, person},
    definition::{Definition, FormKind},
    files::{self, FormFile},
    seal,
    submit::{Sealed, Signed},
};
use crate::{
    accounts::{
        Person, Role,
        access::{ClientAccess, Viewer, find_client_access},
    },
    audit::{self, Actor, Event},
    crypto::{DataKey, Keyring, Place, WrappedKey},
    db::statement,
    error::{Error, Result},
    ids::{DataKeyId, FormAssignmentId, FormSubmissionId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// A submission in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormSubmissionSummary)]
pub struct Summary {
    pub id: FormSubmissionId,
    pub assignment: FormAssignmentId,
    pub client: Person,
    pub title: String,
    pub kind: FormKind,
    pub version: i32,
    pub state: State,
    pub submitted_at: DateTime<Utc>,
}

/// A submission.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormSubmission)]
pub struct Submission {
    #[serde(flatten)]
    pub summary: Summary,
    /// What was asked.
    pub definition: Definition,
    /// By the keys of their fields.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub answers: Answers,
    pub signatures: Vec<Signed>,
    pub files: Vec<FormFile>,
    /// SHA-256, in hexadecimal.
    pub seal: String,
    /// Nothing was changed since it was submitted.
    pub intact: bool,
    pub review: Option<Review>,
}

/// What came of looking at it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormReview)]
pub struct Review {
    pub by: Option<Person>,
    pub at: DateTime<Utc>,
    /// For those who work for the practice; a client has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// For the client.
    pub message: Option<String>,
}

/// A submission with the proof that its reader may see it.
pub struct Opened {
    pub access: ClientAccess,
    pub submission: Submission,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: FormSubmissionId,
    #[diesel(sql_type = sql::Uuid)]
    assignment_id: FormAssignmentId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Text)]
    client_name: String,
    #[diesel(sql_type = sql::Text)]
    title: String,
    #[diesel(sql_type = sql::Text)]
    kind: String,
    #[diesel(sql_type = sql::Integer)]
    version: i32,
    #[diesel(sql_type = sql::Timestamptz)]
    submitted_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    reviewed_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = sql::Text)]
    definition: String,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
    #[diesel(sql_type = sql::Bytea)]
    sealed: Vec<u8>,
    #[diesel(sql_type = sql::Bytea)]
    seal: Vec<u8>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    note_sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    message_sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    reviewed_by: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    reviewer_name: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    reviewer_role: Option<String>,
}

macro_rules! submissions {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.assignment_id, s.client_id, c.name AS client_name, v.definition::json->>'title' AS title, f.kind,
                a.version, s.submitted_at, r.reviewed_at
            FROM form_submissions s JOIN form_assignments a ON a.id = s.assignment_id JOIN forms f ON f.id = a.form_id
            JOIN form_versions v ON v.form_id = a.form_id AND v.version = a.version JOIN users c ON c.id = s.client_id
            LEFT JOIN form_reviews r ON r.submission_id = s.id ",
            $rest
        )
    };
}

impl Row {
    fn summary(self) -> Result<Summary> {
        Ok(Summary {
            id: self.id,
            assignment: self.assignment_id,
            client: Person { id: self.client_id, name: self.client_name, role: Role::Client },
            title: self.title,
            kind: FormKind::parse(&self.kind)?,
            version: self.version,
            state: if self.reviewed_at.is_some() { State::Reviewed } else { State::Submitted },
            submitted_at: self.submitted_at,
        })
    }
}

/// Which of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// None: reviewed or not.
    pub reviewed: Option<bool>,
    /// None: of all.
    pub client: Option<UserId>,
    pub limit: i64,
    pub before: Option<Uuid>,
}

/// What clients of the viewer submitted, or the viewer did, newest first; one more than the limit, if there is one more.
pub async fn list(conn: &mut AsyncPgConnection, viewer: Viewer, wanted: Wanted) -> Result<Vec<Summary>> {
    let rows: Vec<Row> = statement(submissions!(
        "WHERE s.practice_id = $2 AND ($3 IS NULL OR s.client_id = $3) AND ($4 IS NULL OR (r.submission_id IS NOT NULL) = $4)
            AND ($5 IS NULL OR s.id < $5)
            AND (s.client_id = $1 OR EXISTS (SELECT FROM client_care w WHERE w.client_id = s.client_id AND w.user_id = $1)
                OR EXISTS (SELECT FROM break_glass b
                    WHERE b.client_id = s.client_id AND b.user_id = $1 AND b.expires_at > now()))
        ORDER BY s.id DESC LIMIT $6"
    ))
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Uuid, _>(viewer.practice)
    .bind::<sql::Nullable<sql::Uuid>, _>(wanted.client)
    .bind::<sql::Nullable<sql::Bool>, _>(wanted.reviewed)
    .bind::<sql::Nullable<sql::Uuid>, _>(wanted.before)
    .bind::<sql::BigInt, _>(wanted.limit + 1)
    .load(conn)
    .await?;
    rows.into_iter().map(Row::summary).collect()
}

/// A submission, where the viewer may see it.
///
/// # Errors
/// `notFound`; when it does not open, which goes into the audit log.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    id: FormSubmissionId,
) -> Result<Opened> {
    let row: Option<Row> =
        statement(submissions!("WHERE s.id = $1")).bind::<sql::Uuid, _>(id).get_result(conn).await.optional()?;
    // As for what was given: another's takes as long as what does not exist.
    let access = find_client_access(conn, viewer, row.as_ref().map_or(UserId(id.0), |row| row.client_id)).await?;
    let (Some(row), Some(access)) = (row, access) else { return Err(Error::NotFound) };
    let kept: Kept = statement(
        "SELECT v.definition, k.id AS key_id, k.wrapped, s.sealed, s.seal, r.note_sealed, r.message_sealed, r.reviewed_by,
            u.name AS reviewer_name, u.role AS reviewer_role
        FROM form_submissions s JOIN form_assignments a ON a.id = s.assignment_id
        JOIN form_versions v ON v.form_id = a.form_id AND v.version = a.version JOIN data_keys k ON k.id = s.key_id
        LEFT JOIN form_reviews r ON r.submission_id = s.id LEFT JOIN users u ON u.id = r.reviewed_by WHERE s.id = $1",
    )
    .bind::<sql::Uuid, _>(id)
    .get_result(conn)
    .await?;
    let key = keyring.unwrap(&WrappedKey { id: kept.key_id, wrapped: kept.wrapped.clone() });
    let key = key.map_err(anyhow::Error::from)?;
    let Some(sealed) = open(&key, id, &kept.sealed) else { return Err(broken(conn, id, &access).await?) };
    let definition = Definition::read(&kept.definition)?;
    let files =
        if sealed.files.is_empty() { Vec::new() } else { files::list(conn, keyring, row.assignment_id).await? };
    let intact = holds(&sealed, &kept.seal, &definition, &row) && files::are(&files, &sealed.files);
    if !intact {
        broken(conn, id, &access).await?;
    }
    let reviewed_at = row.reviewed_at;
    let review = reviewed_at.map(|at| review(&key, id, at, &kept, viewer.role));
    let submission = Submission {
        definition,
        answers: sealed.answers,
        signatures: sealed.signatures,
        files: sealed.files,
        seal: seal::hex(&kept.seal),
        intact,
        review,
        summary: row.summary()?,
    };
    Ok(Opened { access, submission })
}

fn open(key: &Arc<DataKey>, id: FormSubmissionId, sealed: &[u8]) -> Option<Sealed> {
    let text = key.open(Place::FormSubmission { id }, sealed).ok()?;
    serde_json::from_str(&text).ok()
}

/// Whether answers, signatures and questions are what was sealed, and the columns beside them say the same.
fn holds(sealed: &Sealed, stored: &[u8], definition: &Definition, row: &Row) -> bool {
    let questions = seal::hex(&seal::of(&json!(definition)));
    seal::of(&json!(sealed)) == stored
        && sealed.definition == questions
        && (sealed.client, sealed.version) == (row.client_id.0, row.version)
        && sealed.submitted_at == row.submitted_at
}

fn review(key: &Arc<DataKey>, id: FormSubmissionId, at: DateTime<Utc>, kept: &Kept, reader: Role) -> Review {
    let note = kept.note_sealed.as_ref().filter(|_| reader.is_staff());
    let message = kept.message_sealed.as_ref();
    Review {
        by: person(kept.reviewed_by, kept.reviewer_name.clone(), kept.reviewer_role.as_deref()),
        at,
        note: note.and_then(|sealed| key.open(Place::FormReviewNote { id }, sealed).ok()),
        message: message.and_then(|sealed| key.open(Place::FormReviewMessage { id }, sealed).ok()),
    }
}

/// Tells the operator and the audit log.
async fn broken(conn: &mut AsyncPgConnection, id: FormSubmissionId, access: &ClientAccess) -> Result<Error> {
    tracing::error!(submission = %id, "integrity failure: a submitted form is not what was sealed");
    metrics::counter!("carehub_integrity_failures_total", "kind" => "formSubmission").increment(1);
    let actor = Actor::hub();
    let event = Event::new(&actor, "integrity.failure").failed().on("formSubmission", id);
    audit::record(conn, event.of_client(access.client()).in_practice(access.practice())).await?;
    Ok(Error::Internal(crate::crypto::Unsealable.into()))
}

impl Opened {
    /// An event of the audit log about it.
    pub fn event<'a>(&self, actor: &'a Actor, action: &'static str) -> Event<'a> {
        self.access.event(actor, action).on("formSubmission", self.submission.summary.id)
    }
}
