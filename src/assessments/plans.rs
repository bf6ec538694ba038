//! Assigning an instrument to a client, and ending that. Owns `assessment_plans`. One plan an instrument goes on at a time.

use super::{
    instruments::{self, Instrument},
    model::Plan,
    occasions::{self, Occasion},
    recurrence::{self, Recurrence},
};
use crate::{
    accounts::access::ClientAccess,
    audit::{self, Actor},
    db,
    error::{Error, Result},
    ids::{AssessmentPlanId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// Plans of one client that are shown.
const MOST: i64 = 200;

/// What is to be assigned.
#[derive(Clone, Copy, Debug)]
pub struct Assigning {
    /// Chosen by the caller: the same twice is one plan.
    pub id: AssessmentPlanId,
    pub instrument: &'static Instrument,
    pub recurrence: Recurrence,
    pub due_days: i16,
}

/// Assigns it; true where that was done before.
///
/// # Errors
/// `conflict` where the instrument is assigned already.
pub async fn assign(
    conn: &mut AsyncPgConnection,
    access: &ClientAccess,
    actor: &Actor,
    assigning: Assigning,
    now: DateTime<Utc>,
) -> Result<(Plan, bool)> {
    let Assigning { id, instrument, recurrence, due_days } = assigning;
    access.require_change()?;
    let by = actor.user.ok_or(Error::Unauthenticated)?;
    conn.transaction(async |conn| {
        let zone = zone_of(conn, access.client()).await?;
        let next_at = match recurrence {
            Recurrence::EveryWeeks { weeks } => Some(recurrence::next(now, zone, weeks, now)),
            Recurrence::Once | Recurrence::BeforeAppointments { .. } => None,
        };
        let (weeks, days) = recurrence.numbers();
        let made = db::statement(
            "INSERT INTO assessment_plans (id, practice_id, client_id, instrument, recurrence, weeks, days_before,
                due_days, made_by, made_at, next_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(access.practice())
        .bind::<sql::Uuid, _>(access.client())
        .bind::<sql::Text, _>(instrument.id)
        .bind::<sql::Text, _>(recurrence.as_str())
        .bind::<sql::Nullable<sql::SmallInt>, _>(weeks)
        .bind::<sql::Nullable<sql::SmallInt>, _>(days)
        .bind::<sql::SmallInt, _>(due_days)
        .bind::<sql::Uuid, _>(by)
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::Nullable<sql::Timestamptz>, _>(next_at)
        .execute(conn)
        .await?;
        if made == 0 {
            return match find(conn, access, id).await? {
                Some(plan) => Ok((plan, true)),
                None => Err(Error::conflict(
                    "This instrument is assigned to the client already. End that first, or wait until it is answered.",
                )),
            };
        }
        if !matches!(recurrence, Recurrence::BeforeAppointments { .. }) {
            let due_at = now + TimeDelta::days(i64::from(due_days));
            occasions::ask(conn, id, Occasion { at: now, due_at, appointment: None }).await?;
        }
        let detail = json!({"instrument": instrument.id, "recurrence": recurrence});
        audit::record(conn, access.event(actor, "assessment.assigned").on("assessmentPlan", id).with(detail)).await?;
        let plan = find(conn, access, id).await?.ok_or(Error::NotFound)?;
        Ok((plan, false))
    })
    .await
}

/// Ends it: nothing more is asked, and what waits for answers is taken back.
///
/// # Errors
/// `NotFound` for what is not the client's, `conflict` for what is over.
pub async fn end(
    conn: &mut AsyncPgConnection,
    access: &ClientAccess,
    actor: &Actor,
    id: AssessmentPlanId,
    now: DateTime<Utc>,
) -> Result<()> {
    access.require_change()?;
    conn.transaction(async |conn| {
        let plan = find(conn, access, id).await?.ok_or(Error::NotFound)?;
        let ended = db::statement(
            "UPDATE assessment_plans SET ended_at = $2, ended_by = $3, next_at = NULL WHERE id = $1 AND ended_at IS NULL",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::Nullable<sql::Uuid>, _>(actor.user.map(|user| user.0))
        .execute(conn)
        .await?;
        if ended == 0 {
            return Err(Error::conflict("This is over already."));
        }
        occasions::take_back(conn, id, now).await?;
        let detail = json!({"instrument": plan.instrument.id});
        let event = access.event(actor, "assessment.unassigned").on("assessmentPlan", id);
        Ok(audit::record(conn, event.with(detail)).await?)
    })
    .await
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: AssessmentPlanId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Text)]
    instrument: String,
    #[diesel(sql_type = sql::Text)]
    recurrence: String,
    #[diesel(sql_type = sql::Nullable<sql::SmallInt>)]
    weeks: Option<i16>,
    #[diesel(sql_type = sql::Nullable<sql::SmallInt>)]
    days_before: Option<i16>,
    #[diesel(sql_type = sql::SmallInt)]
    due_days: i16,
    #[diesel(sql_type = sql::Text)]
    made_by: String,
    #[diesel(sql_type = sql::Timestamptz)]
    made_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    next_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
}

impl Row {
    fn read(self) -> Option<Plan> {
        Some(Plan {
            id: self.id,
            client: self.client_id,
            instrument: instruments::current(&self.instrument)?,
            recurrence: Recurrence::read(&self.recurrence, self.weeks, self.days_before)?,
            due_days: self.due_days,
            made_by: self.made_by,
            made_at: self.made_at,
            next_at: self.next_at,
            ended_at: self.ended_at,
        })
    }
}

const COLUMNS: &str = "SELECT p.id, p.client_id, p.instrument, p.recurrence, p.weeks, p.days_before, p.due_days,
    u.name AS made_by, p.made_at, p.next_at, p.ended_at FROM assessment_plans p JOIN users u ON u.id = p.made_by";

async fn find(conn: &mut AsyncPgConnection, access: &ClientAccess, id: AssessmentPlanId) -> Result<Option<Plan>> {
    let row: Option<Row> = db::statement(format!("{COLUMNS} WHERE p.id = $1 AND p.client_id = $2"))
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(access.client())
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.and_then(Row::read))
}

/// What is assigned to a client, newest first; what is over comes last.
pub async fn list(conn: &mut AsyncPgConnection, access: &ClientAccess) -> QueryResult<Vec<Plan>> {
    let rows: Vec<Row> =
        db::statement(format!("{COLUMNS} WHERE p.client_id = $1 ORDER BY p.ended_at IS NOT NULL, p.id DESC LIMIT $2"))
            .bind::<sql::Uuid, _>(access.client())
            .bind::<sql::BigInt, _>(MOST)
            .load(conn)
            .await?;
    Ok(rows.into_iter().filter_map(Row::read).collect())
}

/// The time zone of somebody.
pub(super) async fn zone_of(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Tz> {
    #[derive(QueryableByName)]
    struct Zone {
        #[diesel(sql_type = sql::Text)]
        time_zone: String,
    }
    let row: Zone =
        db::statement("SELECT time_zone FROM users WHERE id = $1").bind::<sql::Uuid, _>(user).get_result(conn).await?;
    Ok(row.time_zone.parse().unwrap_or(chrono_tz::UTC))
}
