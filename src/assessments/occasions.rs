//! Asking for it: each time one row, told to the client in the same transaction. Whoever has not answered when the next
//! time comes has missed the one before: nobody is asked about the same weeks twice, and nothing piles up. What is
//! answered before an appointment counts for those that are booked before that one, too.
//!
//! [`due_before`] and [`not_before`] are what appointments have to say.

use super::instruments;
use crate::{
    db,
    error::{Error, Result},
    ids::{AssessmentId, AssessmentPlanId, UserId},
    notices::{self, Kind, Notice},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// So long before it is due one is reminded.
const REMINDED_BEFORE: TimeDelta = TimeDelta::hours(24);

/// A time at which an instrument is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Occasion {
    pub at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// Before which it is due.
    pub appointment: Option<Uuid>,
}

/// Asks for it, within the transaction of what it follows from. None where the plan is over.
pub async fn ask(
    conn: &mut AsyncPgConnection,
    plan: AssessmentPlanId,
    occasion: Occasion,
) -> Result<Option<AssessmentId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
        #[diesel(sql_type = sql::Text)]
        instrument: String,
    }
    let row: Option<Row> = db::statement(
        "UPDATE assessment_plans SET occurrences = occurrences + 1 WHERE id = $1 AND ended_at IS NULL
        RETURNING client_id, instrument",
    )
    .bind::<sql::Uuid, _>(plan)
    .get_result(conn)
    .await
    .optional()?;
    let Some(Row { client_id, instrument }) = row else { return Ok(None) };
    let version = instruments::current(&instrument)
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("a plan of an unknown instrument")))?
        .version;
    close(conn, "plan_id", plan.0, "missed", occasion.at).await?;
    let id = AssessmentId::new();
    db::statement(
        "INSERT INTO assessments (id, practice_id, client_id, plan_id, occurrence, appointment_id, instrument, version,
            assigned_at, due_at)
        SELECT $1, practice_id, client_id, id, occurrences, $3, instrument, $4, $5, $6 FROM assessment_plans WHERE id = $2",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(plan)
    .bind::<sql::Nullable<sql::Uuid>, _>(occasion.appointment)
    .bind::<sql::Text, _>(version)
    .bind::<sql::Timestamptz, _>(occasion.at)
    .bind::<sql::Timestamptz, _>(occasion.due_at)
    .execute(conn)
    .await?;
    let assigned = Notice::new(client_id, Kind::AssessmentAssigned, Some(id.0)).until(occasion.due_at);
    notices::tell(conn, &assigned).await?;
    remind(conn, client_id, id, occasion.at, occasion.due_at).await?;
    Ok(Some(id))
}

/// A reminder a day before it is due, where that is still to come. It is another one each time: of what was moved there and
/// back, the first was taken back.
async fn remind(
    conn: &mut AsyncPgConnection,
    client: UserId,
    id: AssessmentId,
    now: DateTime<Utc>,
    due_at: DateTime<Utc>,
) -> Result<()> {
    let at = due_at - REMINDED_BEFORE;
    if at > now {
        let due = Notice::new(client, Kind::AssessmentDue, Some(id.0)).scheduled(at).until(due_at);
        notices::tell(conn, &due).await?;
    }
    Ok(())
}

/// Nothing is said of it any more.
pub(super) async fn quiet(conn: &mut AsyncPgConnection, id: AssessmentId, now: DateTime<Utc>) -> Result<()> {
    for kind in [Kind::AssessmentAssigned, Kind::AssessmentDue] {
        notices::cancel(conn, kind, id.0, now).await?;
    }
    Ok(())
}

/// Takes back what waits for answers of this plan.
pub async fn take_back(conn: &mut AsyncPgConnection, plan: AssessmentPlanId, now: DateTime<Utc>) -> Result<()> {
    close(conn, "plan_id", plan.0, "cancelled", now).await
}

/// Closes what waits for answers; an alarm that a draft is about to raise stays.
async fn close(
    conn: &mut AsyncPgConnection,
    column: &'static str,
    id: Uuid,
    state: &'static str,
    now: DateTime<Utc>,
) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: AssessmentId,
    }
    let closed: Vec<Row> = db::statement(format!(
        "UPDATE assessments SET state = '{state}', closed_at = $2 WHERE {column} = $1 AND state = 'open' RETURNING id"
    ))
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Timestamptz, _>(now)
    .load(conn)
    .await?;
    for row in closed {
        quiet(conn, row.id, now).await?;
    }
    Ok(())
}

/// The client has an appointment at `starts_at`: what is assigned to be answered before each appointment is asked for, if
/// its time has come. However often it runs, each is asked once for one appointment; one that was moved moves it along.
/// Call within a transaction.
pub async fn due_before(
    conn: &mut AsyncPgConnection,
    client: UserId,
    appointment: Uuid,
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: AssessmentPlanId,
        #[diesel(sql_type = sql::Bool)]
        is_asked: bool,
        /// Before a later appointment.
        #[diesel(sql_type = sql::Bool)]
        is_answered: bool,
        #[diesel(sql_type = sql::Bool)]
        is_busy: bool,
    }
    follow(conn, client, appointment, starts_at, now).await?;
    let plans: Vec<Row> = db::statement(
        "SELECT p.id,
            EXISTS (SELECT FROM assessments a WHERE a.plan_id = p.id AND a.appointment_id = $2
                AND a.state <> 'cancelled') AS is_asked,
            EXISTS (SELECT FROM assessments a WHERE a.plan_id = p.id AND a.appointment_id <> $2
                AND a.state = 'submitted' AND a.due_at >= $3) AS is_answered,
            EXISTS (SELECT FROM assessments a WHERE a.plan_id = p.id AND a.state = 'open' AND a.due_at > $4) AS is_busy
        FROM assessment_plans p
        WHERE p.client_id = $1 AND p.recurrence = 'beforeAppointments' AND p.ended_at IS NULL
            AND $3 > $4 AND $3 - make_interval(days => p.days_before) <= $4
        ORDER BY p.id FOR UPDATE",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(appointment)
    .bind::<sql::Timestamptz, _>(starts_at)
    .bind::<sql::Timestamptz, _>(now)
    .load(conn)
    .await?;
    // Whoever still has one to answer before an earlier appointment is asked again once that is over.
    for plan in plans.into_iter().filter(|plan| !plan.is_asked && !plan.is_answered && !plan.is_busy) {
        let occasion = Occasion { at: now, due_at: starts_at, appointment: Some(appointment) };
        ask(conn, plan.id, occasion).await?;
    }
    Ok(())
}

/// Where an appointment was moved, what is due before it is due at its new time.
async fn follow(
    conn: &mut AsyncPgConnection,
    client: UserId,
    appointment: Uuid,
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: AssessmentId,
    }
    let moved: Vec<Row> = db::statement(
        "UPDATE assessments SET due_at = $3
        WHERE appointment_id = $2 AND client_id = $1 AND state = 'open' AND due_at <> $3 RETURNING id",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(appointment)
    .bind::<sql::Timestamptz, _>(starts_at)
    .load(conn)
    .await?;
    for row in moved {
        notices::cancel(conn, Kind::AssessmentDue, row.id.0, now).await?;
        remind(conn, client, row.id, now, starts_at).await?;
    }
    Ok(())
}

/// An appointment was cancelled: what was to be answered before it is taken back. Call within its transaction.
pub async fn not_before(conn: &mut AsyncPgConnection, appointment: Uuid, now: DateTime<Utc>) -> Result<()> {
    close(conn, "appointment_id", appointment, "cancelled", now).await
}
