//! Rows of `escalations`: reading, locking, writing back. The time is the store's, which is one for all nodes, moved as
//! far as the clock was moved by hand.

use super::{
    course::{Course, Facts},
    model::{Cause, Escalation, State},
};
use crate::{
    clock::Clock,
    db,
    ids::{EntryId, EscalationId, PolicyId, PracticeId, ThreadId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The instant by which escalations are decided.
pub async fn now(conn: &mut AsyncPgConnection, clock: &Clock) -> QueryResult<DateTime<Utc>> {
    Ok(db::time::now(conn).await? + clock.moved())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: EscalationId,
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    client_id: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    thread_id: Option<ThreadId>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    entry_id: Option<EntryId>,
    #[diesel(sql_type = sql::Text)]
    cause: String,
    #[diesel(sql_type = sql::Bool)]
    drill: bool,
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    policy_id: Option<PolicyId>,
    #[diesel(sql_type = sql::Integer)]
    step: i32,
    #[diesel(sql_type = sql::Integer)]
    round: i32,
    #[diesel(sql_type = sql::Integer)]
    first_round: i32,
    #[diesel(sql_type = sql::Integer)]
    emergencies: i32,
    #[diesel(sql_type = sql::Timestamptz)]
    raised_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    heard_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    acknowledged_by: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    acknowledged_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    handed_to: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    exhausted_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    resolved_by: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    resolved_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::BigInt)]
    version: i64,
}

impl Row {
    fn read(self) -> QueryResult<Escalation> {
        let unknown = || diesel::result::Error::DeserializationError("an escalation of an unknown kind".into());
        let state = State::parse(&self.state).ok_or_else(unknown)?;
        let cause = Cause::parse(&self.cause).ok_or_else(unknown)?;
        let course = Course {
            state,
            step: usize::try_from(self.step).map_err(|_| unknown())?,
            round: self.round,
            first_round: self.first_round,
            heard_at: self.heard_at,
            due_at: self.due_at,
            acknowledged: self.acknowledged_by.zip(self.acknowledged_at),
            handed_to: self.handed_to,
            exhausted_at: self.exhausted_at,
        };
        Ok(Escalation {
            id: self.id,
            practice: self.practice_id,
            client: self.client_id,
            thread: self.thread_id,
            entry: self.entry_id,
            cause,
            drill: self.drill,
            policy: self.policy_id,
            course,
            emergencies: self.emergencies,
            raised_at: self.raised_at,
            resolved_by: self.resolved_by,
            resolved_at: self.resolved_at,
            version: self.version,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.practice_id, e.client_id, e.thread_id, e.entry_id, e.cause, e.drill, e.state, e.policy_id, ",
            "e.step, e.round, e.first_round, e.emergencies, e.raised_at, e.heard_at, e.due_at, e.acknowledged_by, ",
            "e.acknowledged_at, e.handed_to, e.exhausted_at, e.resolved_by, e.resolved_at, e.version FROM escalations e ",
            $rest
        )
    };
}

/// One of a practice.
pub async fn find(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    id: EscalationId,
) -> QueryResult<Option<Escalation>> {
    let row: Option<Row> = db::statement(select!("WHERE e.id = $1 AND e.practice_id = $2"))
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(practice)
        .get_result(conn)
        .await
        .optional()?;
    row.map(Row::read).transpose()
}

/// One, by its id alone: for the hub itself.
pub async fn read(conn: &mut AsyncPgConnection, id: EscalationId) -> QueryResult<Option<Escalation>> {
    let row: Option<Row> =
        db::statement(select!("WHERE e.id = $1")).bind::<sql::Uuid, _>(id).get_result(conn).await.optional()?;
    row.map(Row::read).transpose()
}

/// The last one of a thread, open or not.
pub async fn last_of(conn: &mut AsyncPgConnection, thread: ThreadId) -> QueryResult<Option<Escalation>> {
    let row: Option<Row> = db::statement(select!("WHERE e.thread_id = $1 ORDER BY e.id DESC LIMIT 1"))
        .bind::<sql::Uuid, _>(thread)
        .get_result(conn)
        .await
        .optional()?;
    row.map(Row::read).transpose()
}

/// The last one of a client that was not raised in a thread, open or not.
pub async fn last_without_thread(conn: &mut AsyncPgConnection, client: UserId) -> QueryResult<Option<Escalation>> {
    let row: Option<Row> =
        db::statement(select!("WHERE e.client_id = $1 AND e.thread_id IS NULL ORDER BY e.id DESC LIMIT 1"))
            .bind::<sql::Uuid, _>(client)
            .get_result(conn)
            .await
            .optional()?;
    row.map(Row::read).transpose()
}

/// Of a practice before this id, newest first; `open`: only what is not resolved, or only what is.
pub async fn list(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    open: Option<bool>,
    before: Option<uuid::Uuid>,
    most: i64,
) -> QueryResult<Vec<Escalation>> {
    let rows: Vec<Row> = db::statement(select!(
        "WHERE e.practice_id = $1 AND ($2 IS NULL OR (e.state <> 'resolved') = $2) AND ($3 IS NULL OR e.id < $3)
        ORDER BY e.id DESC LIMIT $4"
    ))
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Nullable<sql::Bool>, _>(open)
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(most)
    .load(conn)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Locks it, and before it its thread. None where there is none.
pub async fn lock(conn: &mut AsyncPgConnection, id: EscalationId) -> QueryResult<Option<Escalation>> {
    lock_thread(conn, id).await?;
    let row: Option<Row> = db::statement(select!("WHERE e.id = $1 FOR NO KEY UPDATE"))
        .bind::<sql::Uuid, _>(id)
        .get_result(conn)
        .await
        .optional()?;
    row.map(Row::read).transpose()
}

/// The same, unless somebody else has it locked, who sees to it then.
pub async fn lock_if_free(conn: &mut AsyncPgConnection, id: EscalationId) -> QueryResult<Option<Escalation>> {
    lock_thread(conn, id).await?;
    let row: Option<Row> = db::statement(select!("WHERE e.id = $1 FOR NO KEY UPDATE SKIP LOCKED"))
        .bind::<sql::Uuid, _>(id)
        .get_result(conn)
        .await
        .optional()?;
    row.map(Row::read).transpose()
}

async fn lock_thread(conn: &mut AsyncPgConnection, id: EscalationId) -> QueryResult<()> {
    db::statement("SELECT FROM threads WHERE id = (SELECT thread_id FROM escalations WHERE id = $1) FOR NO KEY UPDATE")
        .bind::<sql::Uuid, _>(id)
        .execute(conn)
        .await
        .map(drop)
}

/// Escalations that the engine has to look at: their time has come, or a page was lost.
pub async fn find_due(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    most: i64,
) -> QueryResult<Vec<(EscalationId, DateTime<Utc>)>> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = sql::Uuid)]
        id: EscalationId,
        #[diesel(sql_type = sql::Timestamptz)]
        since: DateTime<Utc>,
    }
    let rows: Vec<Due> = db::statement(
        "SELECT e.id, e.due_at AS since FROM escalations e WHERE e.state <> 'resolved' AND e.due_at <= $1
        UNION
        SELECT e.id, $1 FROM escalations e JOIN pages p ON p.escalation_id = e.id AND p.round = e.round
        WHERE e.state IN ('paging', 'acknowledged') AND p.state = 'queued' AND p.outbox_ids <> '{}'
            AND NOT EXISTS (SELECT FROM outbox o WHERE o.id = ANY (p.outbox_ids) AND o.state NOT IN ('failed', 'bounced'))
        ORDER BY since LIMIT $2",
    )
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::BigInt, _>(most)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.since)).collect())
}

/// What the course of one depends on beside its row.
pub async fn facts(conn: &mut AsyncPgConnection, escalation: &Escalation) -> QueryResult<Facts> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        answered: bool,
        #[diesel(sql_type = sql::Bool)]
        reached: bool,
    }
    let course = &escalation.course;
    // Whoever acknowledged a drill has no client to answer. Where no thread tells of it, a word in any of theirs counts.
    let since = course.acknowledged.map_or(course.heard_at, |(_, at)| at.max(course.heard_at));
    let row: Row = db::statement(
        "SELECT $1 OR EXISTS (
                SELECT FROM entries m JOIN users u ON u.id = m.sender_id
                WHERE m.thread_id IN (SELECT $2 UNION ALL SELECT id FROM threads WHERE $2 IS NULL AND client_id = $6)
                    AND m.kind = 'message' AND u.role <> 'client' AND m.at >= $3) AS answered,
            EXISTS (SELECT FROM pages p WHERE p.escalation_id = $4 AND p.round = $5 AND p.channel <> 'inApp'
                AND p.state <> 'undelivered') AS reached",
    )
    .bind::<sql::Bool, _>(escalation.drill)
    .bind::<sql::Nullable<sql::Uuid>, _>(escalation.thread)
    .bind::<sql::Timestamptz, _>(since)
    .bind::<sql::Uuid, _>(escalation.id)
    .bind::<sql::Integer, _>(course.round)
    .bind::<sql::Nullable<sql::Uuid>, _>(escalation.client)
    .get_result(conn)
    .await?;
    Ok(Facts { answered: row.answered, reached: row.reached })
}

/// Writes back where it stands.
pub async fn write(
    conn: &mut AsyncPgConnection,
    escalation: &Escalation,
    course: &Course,
    policy: Option<PolicyId>,
) -> QueryResult<()> {
    db::statement(
        "UPDATE escalations SET state = $2, step = $3, round = $4, first_round = $5, due_at = $6, acknowledged_by = $7,
            acknowledged_at = $8, handed_to = $9, exhausted_at = $10, policy_id = $11, version = version + 1
        WHERE id = $1",
    )
    .bind::<sql::Uuid, _>(escalation.id)
    .bind::<sql::Text, _>(course.state.as_str())
    .bind::<sql::Integer, _>(i32::try_from(course.step).unwrap_or(i32::MAX))
    .bind::<sql::Integer, _>(course.round)
    .bind::<sql::Integer, _>(course.first_round)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(course.due_at)
    .bind::<sql::Nullable<sql::Uuid>, _>(course.acknowledged.map(|(by, _)| by.0))
    .bind::<sql::Nullable<sql::Timestamptz>, _>(course.acknowledged.map(|(_, at)| at))
    .bind::<sql::Nullable<sql::Uuid>, _>(course.handed_to.map(|user| user.0))
    .bind::<sql::Nullable<sql::Timestamptz>, _>(course.exhausted_at)
    .bind::<sql::Nullable<sql::Uuid>, _>(policy.map(|id| id.0))
    .execute(conn)
    .await
    .map(drop)
}

/// Unanswered ones whose time is over by more than this: the engine is silent, on whichever node it should run.
pub async fn overdue(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    now: DateTime<Utc>,
    by: TimeDelta,
) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        count: i64,
    }
    let row: Row = db::statement(
        "SELECT count(*) AS count FROM escalations WHERE practice_id = $1 AND state <> 'resolved' AND due_at < $2",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Timestamptz, _>(now - by)
    .get_result(conn)
    .await?;
    Ok(row.count)
}
