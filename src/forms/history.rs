//! What happened to a form that a client was given, and to the same form before: given, kept, submitted, reviewed, taken
//! back.

use super::assignments::{Assigned, person};
use crate::{
    accounts::Person,
    db::statement,
    error::Result,
    ids::{FormSubmissionId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;

/// The most that is told.
const MOST: i64 = 200;

/// One thing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormHappening)]
pub struct Happening {
    pub at: DateTime<Utc>,
    /// `assigned`, `saved`, `submitted`, `reviewed`, `withdrawn`.
    pub what: String,
    /// Null: the practice.
    pub by: Option<Person>,
    pub version: i32,
    pub submission: Option<FormSubmissionId>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = sql::Text)]
    what: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    by: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    name: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    role: Option<String>,
    #[diesel(sql_type = sql::Integer)]
    version: i32,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    submission: Option<FormSubmissionId>,
}

/// All of it, newest first.
pub async fn of(conn: &mut AsyncPgConnection, assigned: &Assigned) -> Result<Vec<Happening>> {
    let rows: Vec<Row> = statement(
        "WITH given AS (SELECT * FROM form_assignments WHERE client_id = $1 AND form_id = $2),
        happened AS (
            SELECT assigned_at AS at, 'assigned' AS what, assigned_by AS by, version, NULL::uuid AS submission FROM given
            UNION ALL SELECT withdrawn_at, 'withdrawn', NULL, version, NULL FROM given WHERE withdrawn_at IS NOT NULL
            UNION ALL SELECT d.saved_at, 'saved', d.client_id, g.version, NULL
                FROM form_drafts d JOIN given g ON g.id = d.assignment_id
            UNION ALL SELECT s.submitted_at, 'submitted', s.client_id, g.version, s.id
                FROM form_submissions s JOIN given g ON g.id = s.assignment_id
            UNION ALL SELECT r.reviewed_at, 'reviewed', r.reviewed_by, g.version, s.id
                FROM form_reviews r JOIN form_submissions s ON s.id = r.submission_id JOIN given g ON g.id = s.assignment_id)
        SELECT h.at, h.what, h.by, u.name, u.role, h.version, h.submission
        FROM happened h LEFT JOIN users u ON u.id = h.by ORDER BY h.at DESC, h.what LIMIT $3",
    )
    .bind::<sql::Uuid, _>(assigned.access.client())
    .bind::<sql::Uuid, _>(assigned.form)
    .bind::<sql::BigInt, _>(MOST)
    .load(conn)
    .await?;
    let happening = |row: Row| Happening {
        at: row.at,
        what: row.what,
        by: person(row.by, row.name, row.role.as_deref()),
        version: row.version,
        submission: row.submission,
    };
    Ok(rows.into_iter().map(happening).collect())
}
