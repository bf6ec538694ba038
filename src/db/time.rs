//! The store's time, which is one for all hubs.

use crate::clock::Clock;
use chrono::{DateTime, Utc};
use diesel::{QueryResult, QueryableByName, sql_types};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::{Duration, Instant};

/// An answer that took longer says too little of now.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the store's clock shows.
pub async fn now(conn: &mut AsyncPgConnection) -> QueryResult<DateTime<Utc>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql_types::Timestamptz)]
        now: DateTime<Utc>,
    }
    let row: Row = super::statement("SELECT clock_timestamp() AS now").get_result(conn).await?;
    Ok(row.now)
}

/// Lets a clock follow it.
pub async fn follow(conn: &mut AsyncPgConnection, clock: &Clock) -> QueryResult<()> {
    let asked = Instant::now();
    let told = now(conn).await?;
    let took = asked.elapsed();
    if took < PATIENCE {
        clock.follow(told + took / 2);
    }
    metrics::gauge!("carehub_clock_drift_seconds").set(clock.drift().as_seconds_f64());
    Ok(())
}
