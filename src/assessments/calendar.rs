//! The loop that asks when the time has come, and that raises the alarm of a draft that nobody submitted. Everything it
//! does is a transaction of its own, under the row's lock: several hubs run it side by side, and one that is killed in
//! between has done all or nothing.

use super::{
    occasions::{self, Occasion},
    plans::zone_of,
    recurrence, submit,
};
use crate::{
    audit::{self, Actor, Event},
    clock::Clock,
    db,
    emergency::bell::Bell,
    error::Result,
    ids::{AssessmentId, AssessmentPlanId, PracticeId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use serde_json::json;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(20);
/// Of one look: what is left is done at the next.
const MOST: usize = 1_000;

/// What the loop works with.
pub struct Calendar {
    pub database_url: SecretString,
    pub clock: Clock,
    /// Wakes those who call people.
    pub bell: Bell,
}

impl Calendar {
    /// Looks from now on. Call within an actix system.
    pub fn keep_going(self) {
        actix::spawn(async move {
            let pool = db::pool(&self.database_url, 1);
            let mut every = tokio::time::interval(EVERY);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                every.tick().await;
                let Ok(mut conn) = pool.get().await else { continue };
                if let Err(error) = self.look(&mut conn).await {
                    tracing::error!(%error, "assessments that are due could not be seen to; trying again");
                }
            }
        });
    }

    /// Does what is due; how many things that were.
    ///
    /// # Errors
    /// When the store is away. Alarms come first.
    pub async fn look(&self, conn: &mut AsyncPgConnection) -> Result<usize> {
        let now = self.clock.now();
        let mut done = 0;
        while done < MOST && self.raise_one(conn, now).await? {
            done += 1;
            self.bell.ring();
        }
        while done < MOST && ask_one(conn, now).await? {
            done += 1;
        }
        Ok(done)
    }

    /// Raises the alarm of the draft that waits the longest; false: there is none.
    async fn raise_one(&self, conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<bool> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = sql::Uuid)]
            id: AssessmentId,
            #[diesel(sql_type = sql::Uuid)]
            practice_id: PracticeId,
            #[diesel(sql_type = sql::Uuid)]
            client_id: UserId,
        }
        conn.transaction(async |conn| {
            let row: Option<Row> = db::statement(
                "SELECT id, practice_id, client_id FROM assessments WHERE alarm_at <= $1 ORDER BY alarm_at, id LIMIT 1
                FOR UPDATE SKIP LOCKED",
            )
            .bind::<sql::Timestamptz, _>(now)
            .get_result(conn)
            .await
            .optional()?;
            let Some(Row { id, practice_id, client_id }) = row else { return Ok(false) };
            submit::raise(conn, &self.clock, practice_id, client_id, id).await?;
            let hub = Actor::hub();
            let event = Event::new(&hub, "assessment.alarmed").in_practice(practice_id).of_client(client_id);
            audit::record(conn, event.on("assessment", id).with(json!({"because": "unfinished"}))).await?;
            Ok(true)
        })
        .await
    }
}

/// Asks for what has been due the longest by the clock; false: there is nothing.
async fn ask_one(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: AssessmentPlanId,
        #[diesel(sql_type = sql::Uuid)]
        client_id: UserId,
        #[diesel(sql_type = sql::SmallInt)]
        weeks: i16,
        #[diesel(sql_type = sql::SmallInt)]
        due_days: i16,
        #[diesel(sql_type = sql::Timestamptz)]
        made_at: DateTime<Utc>,
    }
    conn.transaction(async |conn| {
        let row: Option<Row> = db::statement(
            "SELECT id, client_id, weeks, due_days, made_at FROM assessment_plans
            WHERE ended_at IS NULL AND next_at <= $1 AND weeks IS NOT NULL ORDER BY next_at, id LIMIT 1
            FOR UPDATE SKIP LOCKED",
        )
        .bind::<sql::Timestamptz, _>(now)
        .get_result(conn)
        .await
        .optional()?;
        let Some(Row { id, client_id, weeks, due_days, made_at }) = row else { return Ok(false) };
        let due_at = now + TimeDelta::days(i64::from(due_days));
        occasions::ask(conn, id, Occasion { at: now, due_at, appointment: None }).await?;
        let zone = zone_of(conn, client_id).await?;
        let next_at = recurrence::next(made_at, zone, u16::try_from(weeks).unwrap_or(1), now);
        db::statement("UPDATE assessment_plans SET next_at = $2 WHERE id = $1")
            .bind::<sql::Uuid, _>(id)
            .bind::<sql::Timestamptz, _>(next_at)
            .execute(conn)
            .await?;
        Ok(true)
    })
    .await
}
