//! The loop that ends what the clock has ended: offers that nobody took go to the next who waits, what was held and not
//! asked for goes, what was proposed and not answered is proposed no more, and whoever waited for a time that is over waits
//! no more. What is to be answered before an appointment is asked for when its time has come. Nothing is wrong while it does
//! not run: what is over counts for nothing anyway.

use super::{access, book, waitlist};
use crate::{
    assessments::occasions,
    clock::Clock,
    db,
    error::Result,
    ids::{AppointmentId, UserId},
    notices::{self, Kind},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(30);
/// Offers of one look.
const AT_ONCE: i64 = 200;

/// What the loop works with.
pub struct Upkeep {
    pub database_url: SecretString,
    pub clock: Clock,
}

impl Upkeep {
    /// Looks twice a minute from now on. A connection is opened for each look, so that none is held for a loop that
    /// seldom has anything to do.
    pub fn keep_going(self) {
        actix::spawn(async move {
            let mut every = tokio::time::interval_at(tokio::time::Instant::now() + EVERY, EVERY);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                every.tick().await;
                if let Err(error) = self.look().await {
                    tracing::warn!(%error, "offers of appointments could not be looked at; trying again");
                }
            }
        });
    }

    async fn look(&self) -> Result<usize> {
        let mut conn = db::connect(&self.database_url).await?;
        look(&mut conn, self.clock.now()).await
    }
}

#[derive(QueryableByName)]
struct Over {
    #[diesel(sql_type = sql::Uuid)]
    id: AppointmentId,
    #[diesel(sql_type = sql::Uuid)]
    clinician_id: UserId,
}

/// Looks once; how many offers were over.
///
/// # Errors
/// When the store is away.
pub async fn look(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<usize> {
    let over: Vec<Over> = db::statement(
        "SELECT id, clinician_id FROM appointments WHERE state = 'offered' AND tentative_until <= $1
        ORDER BY tentative_until LIMIT $2",
    )
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::BigInt, _>(AT_ONCE)
    .load(conn)
    .await?;
    for one in &over {
        conn.transaction(async |conn| pass_on(conn, one, now).await).await?;
    }
    for one in &proposals_over(conn, now).await? {
        conn.transaction(async |conn| end_proposal(conn, one, now).await).await?;
    }
    for text in [
        "DELETE FROM appointments WHERE state = 'held' AND tentative_until <= $1",
        "UPDATE appointment_waitlist SET ended_at = $1, ended_because = 'over' WHERE ended_at IS NULL AND until_at <= $1",
    ] {
        db::statement(text).bind::<sql::Timestamptz, _>(now).execute(conn).await?;
    }
    ask_before(conn, now).await?;
    Ok(over.len())
}

/// Asks for what is to be answered before the appointments that are near enough by now.
async fn ask_before(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<()> {
    #[derive(QueryableByName)]
    struct Coming {
        #[diesel(sql_type = sql::Uuid)]
        id: AppointmentId,
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
        #[diesel(sql_type = sql::Timestamptz)]
        starts_at: DateTime<Utc>,
    }
    // What is answered, or asked already, comes up each time: nobody behind it waits for that.
    let mut after = (now, AppointmentId(uuid::Uuid::nil()));
    loop {
        let coming: Vec<Coming> = db::statement(
            "SELECT a.id, a.client_id, lower(a.during) AS starts_at FROM appointments a
        WHERE a.state = 'confirmed' AND lower(a.during) > $1 AND (lower(a.during), a.id) > ($3, $4) AND EXISTS (
            SELECT FROM assessment_plans p
            WHERE p.client_id = a.client_id AND p.recurrence = 'beforeAppointments' AND p.ended_at IS NULL
                AND lower(a.during) - make_interval(days => p.days_before) <= $1
                AND NOT EXISTS (SELECT FROM assessments s WHERE s.plan_id = p.id AND s.appointment_id = a.id
                    AND s.state <> 'cancelled'))
        ORDER BY lower(a.during), a.id LIMIT $2",
        )
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::BigInt, _>(AT_ONCE)
        .bind::<sql::Timestamptz, _>(after.0)
        .bind::<sql::Uuid, _>(after.1)
        .load(conn)
        .await?;
        let Some(last) = coming.last() else { return Ok(()) };
        after = (last.starts_at, last.id);
        for Coming { id, client_id, starts_at } in coming {
            conn.transaction(async |conn| occasions::due_before(conn, client_id, id.0, starts_at, now).await).await?;
        }
    }
}

/// Ends an offer that nobody took, and offers the time to the next.
async fn pass_on(conn: &mut AsyncPgConnection, one: &Over, now: DateTime<Utc>) -> Result<()> {
    book::lock(conn, one.clinician_id).await?;
    let ending = "ended AS (
        UPDATE appointments SET state = 'cancelled', cancelled_by = 'nobody', tentative_until = NULL, changed_at = $2
        WHERE id = $1 AND state = 'offered' AND tentative_until <= $2 RETURNING *
    )";
    let Some(ended) = end(conn, ending, one, now).await? else { return Ok(()) };
    notices::cancel(conn, Kind::AppointmentOffered, one.id.0, now).await?;
    waitlist::offer::next(conn, &ended, now).await
}

/// Appointments that began, or whose other time did, before their clients answered.
async fn proposals_over(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<Vec<Over>> {
    db::statement(
        "SELECT id, clinician_id FROM appointments
        WHERE proposed IS NOT NULL AND least(lower(proposed), lower(during)) <= $1 ORDER BY id LIMIT $2",
    )
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::BigInt, _>(AT_ONCE)
    .load(conn)
    .await
}

/// Ends a proposal that nobody answered, and offers its time to whoever waits: the appointment stays as it was.
async fn end_proposal(conn: &mut AsyncPgConnection, one: &Over, now: DateTime<Utc>) -> Result<()> {
    book::lock(conn, one.clinician_id).await?;
    // As it was: its proposal says which time is free again.
    let ending = "ended AS (
        SELECT * FROM appointments WHERE id = $1 AND proposed IS NOT NULL
            AND least(lower(proposed), lower(during)) <= $2 FOR UPDATE
    ), changed AS (
        UPDATE appointments SET proposed = NULL, proposed_taken = NULL WHERE id IN (SELECT id FROM ended)
    )";
    let Some(appointment) = end(conn, ending, one, now).await? else { return Ok(()) };
    let Some((during, _)) = appointment.proposed else { return Ok(()) };
    waitlist::offer::next(conn, &access::Appointment { during, ..appointment }, now).await
}

/// Runs the queries of `ending` for this appointment; what it reads as `ended`. None: another hub, or somebody's booking, was
/// there first.
async fn end(
    conn: &mut AsyncPgConnection,
    ending: &str,
    one: &Over,
    now: DateTime<Utc>,
) -> Result<Option<access::Appointment>> {
    let columns = access::COLUMNS;
    let text = format!("WITH {ending} SELECT {columns} FROM ended a LEFT JOIN data_keys k ON k.id = a.key_id");
    let row: Option<access::Row> = db::statement(text)
        .bind::<sql::Uuid, _>(one.id)
        .bind::<sql::Timestamptz, _>(now)
        .get_result(conn)
        .await
        .optional()?;
    row.map(access::Row::read).transpose()
}
