//! What may be read of an emergency. The client reads who was told, who has seen it, who has it and when an answer is due:
//! never more than is known, and nothing of what staff say among themselves. Staff read how it went; whose emergency it
//! is, those who may see the thread, and those who were called.

use super::{
    model::{Cause, Escalation, State},
    policy, store,
};
use crate::{
    accounts::access::{ClientAccess, Viewer},
    db,
    error::Result,
    ids::{EscalationId, PageId, ThreadId, UserId},
    notify::Channel,
    threads::{
        access::{ThreadAccess, find_access_many},
        model::Named,
    },
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

/// An emergency as its client reads it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EmergencyOfClient)]
pub struct ForClient {
    pub id: EscalationId,
    pub state: State,
    pub raised_at: DateTime<Utc>,
    /// Who was told outside of Carehub, and got it as far as is known.
    pub told: Vec<Told>,
    /// When the next people are called, or an answer is due by whoever has it.
    pub due_at: Option<DateTime<Utc>>,
    pub acknowledged_by: Option<Named>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub exhausted_at: Option<DateTime<Utc>>,
    /// To be called when nobody came.
    pub practice_phone: Option<String>,
    pub resolved_by: Option<Named>,
    pub resolved_at: Option<DateTime<Utc>>,
}

/// Somebody who was told.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ToldOfEmergency)]
pub struct Told {
    #[diesel(sql_type = sql::Text)]
    pub name: String,
    #[diesel(sql_type = sql::Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub seen_at: Option<DateTime<Utc>>,
}

/// The last emergency of a thread, as its client reads it.
pub async fn for_client(conn: &mut AsyncPgConnection, access: &ThreadAccess) -> Result<Option<ForClient>> {
    match store::last_of(conn, access.thread()).await? {
        Some(escalation) => Ok(Some(as_client_reads(conn, escalation).await?)),
        None => Ok(None),
    }
}

/// The last emergency of a client that no thread tells of, as the client reads it.
pub async fn without_thread(conn: &mut AsyncPgConnection, access: &ClientAccess) -> Result<Option<ForClient>> {
    match store::last_without_thread(conn, access.client()).await? {
        Some(escalation) => Ok(Some(as_client_reads(conn, escalation).await?)),
        None => Ok(None),
    }
}

async fn as_client_reads(conn: &mut AsyncPgConnection, escalation: Escalation) -> Result<ForClient> {
    // A page counts as told once a provider took it, or its receiver was seen to look.
    let told: Vec<Told> = db::statement(
        "SELECT u.name, min(COALESCE(o.sent_at, p.seen_at)) AS at, min(p.seen_at) AS seen_at
        FROM pages p JOIN users u ON u.id = p.user_id
        LEFT JOIN outbox o ON o.id = ANY (p.outbox_ids) AND o.state IN ('sent', 'delivered')
        WHERE p.escalation_id = $1 AND (o.sent_at IS NOT NULL OR p.seen_at IS NOT NULL)
        GROUP BY u.id, u.name ORDER BY 2, u.id",
    )
    .bind::<sql::Uuid, _>(escalation.id)
    .load(conn)
    .await?;
    let course = &escalation.course;
    let practice_phone = match course.state {
        State::Exhausted => policy::find(conn, escalation.practice, escalation.policy).await?.plan.last_resort.phone,
        _ => None,
    };
    let holder = course.acknowledged.map(|(by, _)| by);
    let names = names(conn, holder.into_iter().chain(escalation.resolved_by)).await?;
    Ok(ForClient {
        id: escalation.id,
        state: course.state,
        raised_at: escalation.raised_at,
        told,
        due_at: course.answer_due_at(),
        acknowledged_by: named(&names, holder),
        acknowledged_at: course.acknowledged.map(|(_, at)| at),
        exhausted_at: course.exhausted_at,
        practice_phone,
        resolved_by: named(&names, escalation.resolved_by),
        resolved_at: escalation.resolved_at,
    })
}

/// An emergency as staff read it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Escalation)]
pub struct ForStaff {
    pub id: EscalationId,
    pub thread: Option<ThreadId>,
    /// Null for a drill, and for who neither may see the thread nor was called.
    pub client: Option<Named>,
    pub cause: Cause,
    /// Which instruments were answered in a way that means danger, such as `phq-9`; for who may know whose it is.
    pub instruments: Vec<String>,
    pub drill: bool,
    pub state: State,
    pub step: usize,
    pub round: i32,
    /// Emergencies that joined in it.
    pub emergencies: i32,
    pub raised_at: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
    pub acknowledged_by: Option<Named>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub handed_to: Option<Named>,
    pub exhausted_at: Option<DateTime<Utc>>,
    pub resolved_by: Option<Named>,
    pub resolved_at: Option<DateTime<Utc>>,
}

/// These, as a member of staff reads them.
pub async fn for_staff(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    escalations: &[Escalation],
) -> Result<Vec<ForStaff>> {
    let threads: Vec<ThreadId> = escalations.iter().filter_map(|escalation| escalation.thread).collect();
    let seen: HashSet<ThreadId> =
        find_access_many(conn, viewer, &threads).await?.iter().map(ThreadAccess::thread).collect();
    let called = called(conn, viewer.user, escalations).await?;
    let cared = cared_for(conn, viewer.user, escalations).await?;
    let mut instruments = instruments(conn, escalations).await?;
    let people = escalations.iter().flat_map(|escalation| {
        let course = &escalation.course;
        let holder = course.acknowledged.map(|(by, _)| by);
        [escalation.client, holder, course.handed_to, escalation.resolved_by].into_iter().flatten()
    });
    let names = names(conn, people).await?;
    let mut shown = |escalation: &Escalation| {
        let course = &escalation.course;
        let holder = course.acknowledged.map(|(by, _)| by);
        let may_know = escalation.thread.is_some_and(|thread| seen.contains(&thread))
            || called.contains(&escalation.id)
            || escalation.thread.is_none() && escalation.client.is_some_and(|client| cared.contains(&client))
            || holder == Some(viewer.user);
        ForStaff {
            id: escalation.id,
            thread: escalation.thread,
            client: named(&names, escalation.client.filter(|_| may_know)),
            cause: escalation.cause,
            instruments: instruments.remove(&escalation.id).filter(|_| may_know).unwrap_or_default(),
            drill: escalation.drill,
            state: course.state,
            step: course.step,
            round: course.round,
            emergencies: escalation.emergencies,
            raised_at: escalation.raised_at,
            due_at: course.due_at,
            acknowledged_by: named(&names, holder),
            acknowledged_at: course.acknowledged.map(|(_, at)| at),
            handed_to: named(&names, course.handed_to),
            exhausted_at: course.exhausted_at,
            resolved_by: named(&names, escalation.resolved_by),
            resolved_at: escalation.resolved_at,
        }
    };
    Ok(escalations.iter().map(&mut shown).collect())
}

/// A call to somebody, as staff read it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EscalationPage)]
pub struct Page {
    pub id: PageId,
    pub step: i32,
    pub round: i32,
    pub user: Named,
    pub channel: Channel,
    /// `queued`, `sent`, `delivered`, `undelivered`, `cancelled`; within the app `shown`.
    pub state: String,
    pub at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub seen_at: Option<DateTime<Utc>>,
}

/// Whom it called, in the order of calling.
pub async fn pages(conn: &mut AsyncPgConnection, id: EscalationId) -> Result<Vec<Page>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: PageId,
        #[diesel(sql_type = sql::Integer)]
        step: i32,
        #[diesel(sql_type = sql::Integer)]
        round: i32,
        #[diesel(sql_type = sql::Uuid)]
        user_id: UserId,
        #[diesel(sql_type = sql::Text)]
        name: String,
        #[diesel(sql_type = sql::Text)]
        channel: String,
        #[diesel(sql_type = sql::Text)]
        state: String,
        #[diesel(sql_type = sql::Timestamptz)]
        at: DateTime<Utc>,
        #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
        sent_at: Option<DateTime<Utc>>,
        #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
        seen_at: Option<DateTime<Utc>>,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT p.id, p.step, p.round, p.user_id, u.name, p.channel, p.at, p.seen_at, o.sent_at,
            CASE WHEN p.channel = 'inApp' AND p.state = 'queued' THEN 'shown'
                 WHEN p.state = 'queued' THEN COALESCE(o.state, 'queued') ELSE p.state END AS state
        FROM pages p JOIN users u ON u.id = p.user_id
        LEFT JOIN LATERAL (
            SELECT min(sent_at) AS sent_at, CASE WHEN bool_or(state = 'delivered') THEN 'delivered'
                WHEN bool_or(state = 'sent') THEN 'sent' END AS state
            FROM outbox WHERE id = ANY (p.outbox_ids)
        ) o ON true
        WHERE p.escalation_id = $1 ORDER BY p.id",
    )
    .bind::<sql::Uuid, _>(id)
    .load(conn)
    .await?;
    let page = |row: Row| {
        Some(Page {
            id: row.id,
            step: row.step,
            round: row.round,
            user: Named { id: row.user_id, name: row.name },
            channel: Channel::parse(&row.channel)?,
            state: row.state,
            at: row.at,
            sent_at: row.sent_at,
            seen_at: row.seen_at,
        })
    };
    Ok(rows.into_iter().filter_map(page).collect())
}

/// In which of these the viewer was called.
async fn called(
    conn: &mut AsyncPgConnection,
    viewer: UserId,
    escalations: &[Escalation],
) -> QueryResult<HashSet<EscalationId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        escalation_id: EscalationId,
    }
    let rows: Vec<Row> =
        db::statement("SELECT DISTINCT escalation_id FROM pages WHERE user_id = $1 AND escalation_id = ANY ($2)")
            .bind::<sql::Uuid, _>(viewer)
            .bind::<sql::Array<sql::Uuid>, _>(escalations.iter().map(|escalation| escalation.id.0).collect::<Vec<_>>())
            .load(conn)
            .await?;
    Ok(rows.into_iter().map(|row| row.escalation_id).collect())
}

/// Whom of their clients the viewer looks after.
async fn cared_for(
    conn: &mut AsyncPgConnection,
    viewer: UserId,
    escalations: &[Escalation],
) -> QueryResult<HashSet<UserId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
    }
    let clients: Vec<_> = escalations.iter().filter_map(|escalation| escalation.client.map(|id| id.0)).collect();
    let rows: Vec<Row> = db::statement("SELECT client_id FROM client_care WHERE user_id = $1 AND client_id = ANY ($2)")
        .bind::<sql::Uuid, _>(viewer)
        .bind::<sql::Array<sql::Uuid>, _>(clients)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.client_id).collect())
}

/// Which instruments raised these, or joined in them.
async fn instruments(
    conn: &mut AsyncPgConnection,
    escalations: &[Escalation],
) -> QueryResult<HashMap<EscalationId, Vec<String>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        escalation_id: EscalationId,
        #[diesel(sql_type = sql::Text)]
        instrument: String,
    }
    let ids: Vec<_> = escalations
        .iter()
        .filter(|escalation| escalation.cause == Cause::Assessment)
        .map(|escalation| escalation.id.0)
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = db::statement(
        "SELECT DISTINCT escalation_id, instrument FROM assessments WHERE escalation_id = ANY ($1) ORDER BY 1, 2",
    )
    .bind::<sql::Array<sql::Uuid>, _>(ids)
    .load(conn)
    .await?;
    let mut found: HashMap<EscalationId, Vec<String>> = HashMap::new();
    for row in rows {
        found.entry(row.escalation_id).or_default().push(row.instrument);
    }
    Ok(found)
}

/// Names by id.
pub(super) async fn names(
    conn: &mut AsyncPgConnection,
    people: impl Iterator<Item = UserId>,
) -> QueryResult<HashMap<UserId, String>> {
    use crate::schema::users;
    let ids: Vec<uuid::Uuid> = people.map(|id| id.0).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(UserId, String)> =
        users::table.filter(users::id.eq_any(ids)).select((users::id, users::name)).load(conn).await?;
    Ok(rows.into_iter().collect())
}

pub(super) fn named(names: &HashMap<UserId, String>, id: Option<UserId>) -> Option<Named> {
    let id = id?;
    Some(Named { id, name: names.get(&id)?.clone() })
}

/// The name of one.
pub async fn name_of(conn: &mut AsyncPgConnection, id: Option<UserId>) -> QueryResult<Option<String>> {
    Ok(names(conn, id.into_iter()).await?.into_values().next())
}
