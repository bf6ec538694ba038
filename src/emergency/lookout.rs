//! Looks a week ahead, so that a hole is mended before somebody falls into it: a policy had none when it was switched
//! on, but then somebody took leave, was locked, or changed the rota. Each hole is warned of once a day. Owns
//! `coverage_outlooks` and `coverage_warnings`.

use super::{
    policy::{
        active, facts,
        hole::{self, Hole},
    },
    rota::Span,
};
use crate::{
    accounts::{Permission, people},
    audit::{self, Actor, Event},
    clock::Clock,
    db,
    error::Result,
    ids::{PracticeId, UserId},
    notices::{self, Kind, Notice},
    notify::Channel,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};

const FIRST_AFTER: Duration = Duration::from_secs(120);
const EVERY: Duration = Duration::from_secs(600);
/// How far it looks.
pub const AHEAD: TimeDelta = TimeDelta::days(7);
/// Days for which it is kept what was warned of.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Of the advisory lock that lets one hub at a time look.
const LOCK: i64 = 0x6361_7265_6875_6205;

/// What the loop works with.
pub struct Lookout {
    pub database_url: SecretString,
    /// For which the hub has a provider.
    pub configured: BTreeSet<Channel>,
    pub clock: Clock,
}

impl Lookout {
    /// Looks every ten minutes from now on.
    pub fn keep_looking(self) {
        actix::spawn(async move {
            tokio::time::sleep(FIRST_AFTER).await;
            let mut every = tokio::time::interval(EVERY);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                every.tick().await;
                if let Err(error) = self.look().await {
                    tracing::error!(%error, "the coverage of the coming week could not be looked at; trying again");
                }
            }
        });
    }

    /// Looks once at every practice that switched on a policy of its own, unless another hub does at the moment; how many
    /// holes were warned of.
    ///
    /// # Errors
    /// When the store is away. A practice that cannot be looked at keeps none of the others from it.
    pub async fn look(&self) -> Result<usize> {
        let mut conn = db::connect(&self.database_url).await?;
        if !lock(&mut conn).await? {
            return Ok(0);
        }
        let mut warned = 0;
        for practice in practices(&mut conn).await? {
            match self.look_at(&mut conn, practice).await {
                Ok(new) => warned += new,
                Err(error) => tracing::error!(%practice, %error, "a practice's coverage could not be looked at"),
            }
        }
        // The lock goes with the connection.
        Ok(warned)
    }

    async fn look_at(&self, conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<usize> {
        let now = self.clock.now();
        let within = Span { from: now, until: now + AHEAD };
        conn.transaction(async |conn| {
            let policy = active(conn, practice).await?;
            let facts = facts::read(conn, practice, within, self.configured.clone()).await?;
            let holes = hole::holes(&policy.plan, &facts);
            note(conn, practice, holes.len(), now).await?;
            let new = remember(conn, practice, &holes, within, now.with_timezone(&facts.zone).date_naive()).await?;
            if new > 0 {
                warn(conn, practice, &holes).await?;
            }
            Ok(new)
        })
        .await
    }
}

/// Whether the last look found a hole within the coming week.
pub async fn has_holes(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<bool> {
    let found = db::statement("SELECT FROM coverage_outlooks WHERE practice_id = $1 AND holes > 0")
        .bind::<sql::Uuid, _>(practice)
        .execute(conn)
        .await?;
    Ok(found > 0)
}

async fn warn(conn: &mut AsyncPgConnection, practice: PracticeId, holes: &[Hole]) -> Result<()> {
    metrics::counter!("carehub_coverage_warnings_total").increment(1);
    tracing::warn!(%practice, holes = holes.len(), "an emergency would reach nobody at some time of the coming week");
    let mut kinds: Vec<_> = holes.iter().map(|hole| hole.kind).collect();
    kinds.dedup();
    let first = holes.iter().filter_map(|hole| hole.from).min();
    let (actor, detail) = (Actor::hub(), json!({"holes": holes.len(), "kinds": kinds, "firstFrom": first}));
    let event = Event::new(&actor, "coverage.holesFound").in_practice(practice).with(detail);
    audit::record(conn, event).await?;
    for user in staff(conn, practice).await? {
        notices::tell(conn, &Notice::new(user, Kind::CoverageHole, None)).await?;
    }
    Ok(())
}

/// Everybody who may cover.
async fn staff(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Vec<UserId>> {
    let working = people::find_colleagues(conn, practice).await?.into_iter();
    Ok(working.filter(|person| person.role.grants(Permission::WorkEscalations)).map(|person| person.id).collect())
}

async fn note(conn: &mut AsyncPgConnection, practice: PracticeId, holes: usize, now: DateTime<Utc>) -> QueryResult<()> {
    db::statement(
        "INSERT INTO coverage_outlooks (practice_id, looked_at, holes) VALUES ($1, $2, $3)
        ON CONFLICT (practice_id) DO UPDATE SET looked_at = excluded.looked_at, holes = excluded.holes",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Integer, _>(i32::try_from(holes).unwrap_or(i32::MAX))
    .execute(conn)
    .await?;
    Ok(())
}

/// How many of the holes were not warned of today.
async fn remember(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    holes: &[Hole],
    within: Span,
    today: NaiveDate,
) -> QueryResult<usize> {
    let names: BTreeSet<String> = holes.iter().map(|hole| name(hole, within)).collect();
    db::statement("DELETE FROM coverage_warnings WHERE practice_id = $1 AND warned_on < $2")
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Date, _>(today - KEPT)
        .execute(conn)
        .await?;
    db::statement(
        "INSERT INTO coverage_warnings (practice_id, hole, warned_on) SELECT $1, hole, $3 FROM unnest($2) AS hole
        ON CONFLICT DO NOTHING",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Array<sql::Text>, _>(names.into_iter().collect::<Vec<_>>())
    .bind::<sql::Date, _>(today)
    .execute(conn)
    .await
}

/// The same for the same hole, however often it is looked at: one that has begun begins anew with every look.
fn name(hole: &Hole, within: Span) -> String {
    let kind = serde_json::to_string(&hole.kind).unwrap_or_default();
    let from = hole.from.filter(|from| *from > within.from);
    let user = hole.user.as_ref().map(|person| person.id);
    format!("{} {:?} {:?} {:?}", kind.trim_matches('"'), hole.step, user.map(|user| user.0), from)
}

async fn lock(conn: &mut AsyncPgConnection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        taken: bool,
    }
    let row: Row =
        db::statement("SELECT pg_try_advisory_lock($1) AS taken").bind::<sql::BigInt, _>(LOCK).get_result(conn).await?;
    Ok(row.taken)
}

async fn practices(conn: &mut AsyncPgConnection) -> QueryResult<Vec<PracticeId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: PracticeId,
    }
    let rows: Vec<Row> =
        db::statement("SELECT DISTINCT practice_id AS id FROM escalation_policies ORDER BY id").load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
