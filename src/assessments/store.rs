//! Rows of `assessments`: reading, locking, opening what is sealed.

use super::{
    access::AssessmentAccess,
    instruments,
    model::{Assessment, AssessmentState, Kept},
};
use crate::{
    accounts::access::{ClientAccess, Viewer},
    audit::{self, Actor, Event},
    crypto::{DataKey, Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{AssessmentId, AssessmentPlanId, DataKeyId, EscalationId, UserId},
    keys::{self, Owner},
    threads::model::Named,
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::sync::Arc;
use uuid::Uuid;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: AssessmentId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    plan_id: AssessmentPlanId,
    #[diesel(sql_type = sql::Text)]
    instrument: String,
    #[diesel(sql_type = sql::Text)]
    version: String,
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Timestamptz)]
    assigned_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    due_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    started_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    closed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::BigInt)]
    revision: i64,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    escalation_id: Option<EscalationId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    key_id: Option<DataKeyId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    wrapped: Option<Vec<u8>>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.client_id, a.plan_id, a.instrument, a.version, a.state, a.assigned_at, a.due_at, ",
            "a.started_at, a.closed_at, a.revision, a.escalation_id, a.sealed, k.id AS key_id, k.wrapped ",
            "FROM assessments a LEFT JOIN data_keys k ON k.id = a.key_id ",
            $rest
        )
    };
}

impl Row {
    /// What is sealed in it, where there is something.
    fn open(&self, keyring: &Keyring) -> Result<Option<Kept>> {
        let (Some(sealed), Some(id), Some(wrapped)) = (&self.sealed, self.key_id, &self.wrapped) else {
            return Ok(None);
        };
        let key = keyring.unwrap(&WrappedKey { id, wrapped: wrapped.clone() }).map_err(anyhow::Error::from)?;
        let text = key.open(Place::Assessment { id: self.id }, sealed).map_err(anyhow::Error::from)?;
        Ok(Some(serde_json::from_str(&text).map_err(|_| anyhow::anyhow!("a stored assessment cannot be read"))?))
    }

    fn with(self, kept: Option<Kept>) -> Result<Assessment> {
        let unknown = || Error::Internal(anyhow::anyhow!("an assessment of an unknown kind"));
        Ok(Assessment {
            id: self.id,
            client: self.client_id,
            plan: self.plan_id,
            instrument: instruments::find(&self.instrument, &self.version).ok_or_else(unknown)?,
            state: AssessmentState::parse(&self.state).ok_or_else(unknown)?,
            assigned_at: self.assigned_at,
            due_at: self.due_at,
            started_at: self.started_at,
            closed_at: self.closed_at,
            revision: self.revision,
            escalation: self.escalation_id,
            kept,
        })
    }
}

/// The one that the proof is about.
///
/// # Errors
/// When what is sealed in it does not open, which goes into the audit log.
pub async fn find(conn: &mut AsyncPgConnection, keyring: &Keyring, access: &AssessmentAccess) -> Result<Assessment> {
    let row: Row = db::statement(select!("WHERE a.id = $1")).bind::<sql::Uuid, _>(access.id()).get_result(conn).await?;
    read(conn, keyring, access.client(), row).await
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// As those of [`find`].
pub async fn lock(conn: &mut AsyncPgConnection, keyring: &Keyring, access: &AssessmentAccess) -> Result<Assessment> {
    let row: Row = db::statement(select!("WHERE a.id = $1 FOR UPDATE OF a"))
        .bind::<sql::Uuid, _>(access.id())
        .get_result(conn)
        .await?;
    read(conn, keyring, access.client(), row).await
}

async fn read(conn: &mut AsyncPgConnection, keyring: &Keyring, access: &ClientAccess, row: Row) -> Result<Assessment> {
    match row.open(keyring) {
        Ok(kept) => row.with(kept),
        Err(error) => {
            note_broken(conn, access, row.id).await?;
            Err(error)
        }
    }
}

/// Of a client, newest first: those in one of these states, before this id. One that does not open comes without what
/// was answered, and goes into the audit log.
pub async fn list(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientAccess,
    states: &[AssessmentState],
    before: Option<Uuid>,
    most: i64,
) -> Result<Vec<Assessment>> {
    let rows: Vec<Row> = db::statement(select!(
        "WHERE a.client_id = $1 AND a.state = ANY ($2) AND ($3 IS NULL OR a.id < $3) ORDER BY a.id DESC LIMIT $4"
    ))
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Array<sql::Text>, _>(states.iter().map(|state| state.as_str()).collect::<Vec<_>>())
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(most)
    .load(conn)
    .await?;
    open_all(conn, keyring, access, rows).await
}

/// Of a client, those that were asked for before this appointment, newest first: one for each plan, and what was taken
/// back meanwhile.
pub async fn before_appointment(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientAccess,
    appointment: Uuid,
) -> Result<Vec<Assessment>> {
    let rows: Vec<Row> =
        db::statement(select!("WHERE a.client_id = $1 AND a.appointment_id = $2 ORDER BY a.id DESC LIMIT 50"))
            .bind::<sql::Uuid, _>(access.client())
            .bind::<sql::Uuid, _>(appointment)
            .load(conn)
            .await?;
    open_all(conn, keyring, access, rows).await
}

/// The newest answers of a client to an instrument, oldest first.
pub async fn answered(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientAccess,
    instrument: &str,
    most: i64,
) -> Result<Vec<Assessment>> {
    let rows: Vec<Row> = db::statement(select!(
        "WHERE a.client_id = $1 AND a.instrument = $2 AND a.state = 'submitted' ORDER BY a.closed_at DESC, a.id DESC LIMIT $3"
    ))
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Text, _>(instrument)
    .bind::<sql::BigInt, _>(most)
    .load(conn)
    .await?;
    let mut found = open_all(conn, keyring, access, rows).await?;
    found.reverse();
    Ok(found)
}

async fn open_all(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientAccess,
    rows: Vec<Row>,
) -> Result<Vec<Assessment>> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let kept = match row.open(keyring) {
            Ok(kept) => kept,
            Err(_) => {
                note_broken(conn, access, row.id).await?;
                None
            }
        };
        found.push(row.with(kept)?);
    }
    Ok(found)
}

async fn note_broken(conn: &mut AsyncPgConnection, access: &ClientAccess, id: AssessmentId) -> QueryResult<()> {
    let hub = Actor::hub();
    let event = Event::new(&hub, "integrity.failure").in_practice(access.practice()).of_client(access.client());
    audit::record(conn, event.on("assessment", id).failed()).await
}

/// One that waits for answers for longer than it should.
pub struct Overdue {
    pub id: AssessmentId,
    pub client: Named,
    pub instrument: String,
    pub due_at: DateTime<Utc>,
    pub is_started: bool,
}

/// What is overdue of those whom the viewer looks after, the longest first.
pub async fn overdue(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    now: DateTime<Utc>,
    most: i64,
) -> QueryResult<Vec<Overdue>> {
    #[derive(QueryableByName)]
    struct Late {
        #[diesel(sql_type = sql::Uuid)]
        id: AssessmentId,
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
        #[diesel(sql_type = sql::Text)]
        name: String,
        #[diesel(sql_type = sql::Text)]
        instrument: String,
        #[diesel(sql_type = sql::Timestamptz)]
        due_at: DateTime<Utc>,
        #[diesel(sql_type = sql::Bool)]
        is_started: bool,
    }
    let rows: Vec<Late> = db::statement(
        "SELECT a.id, a.client_id, u.name, a.instrument, a.due_at, a.started_at IS NOT NULL AS is_started
        FROM assessments a JOIN users u ON u.id = a.client_id
        JOIN client_care c ON c.client_id = a.client_id AND c.user_id = $2
        WHERE a.practice_id = $1 AND a.state = 'open' AND a.due_at < $3 ORDER BY a.due_at, a.id LIMIT $4",
    )
    .bind::<sql::Uuid, _>(viewer.practice)
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::BigInt, _>(most)
    .load(conn)
    .await?;
    let shown = |row: Late| Overdue {
        id: row.id,
        client: Named { id: row.client_id, name: row.name },
        instrument: row.instrument,
        due_at: row.due_at,
        is_started: row.is_started,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The key that seals what this client answers.
pub async fn key_of(conn: &mut AsyncPgConnection, keyring: &Keyring, client: UserId) -> Result<Arc<DataKey>> {
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    Ok(keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?)
}

/// Seals for this row.
///
/// # Errors
/// When the key seals no more.
pub fn seal(key: &DataKey, id: AssessmentId, kept: &Kept) -> Result<Vec<u8>> {
    let text = serde_json::to_string(kept).map_err(anyhow::Error::from)?;
    Ok(key.seal(Place::Assessment { id }, &text).map_err(anyhow::Error::from)?)
}
