//! What a hub that was killed left behind in PostgreSQL: a commit may go on without the program that asked for it. Until
//! it is over, a client that synchronised with the next hub could miss what it stores.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;

/// A commit that takes longer is left to the position check.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[derive(QueryableByName, PartialEq)]
struct Commit {
    #[diesel(sql_type = sql::Integer)]
    pid: i32,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    query_start: Option<DateTime<Utc>>,
}

/// Waits until the commits that are under way at the start are over. Those of other nodes, which go on committing, are
/// waited for once each.
pub async fn outlive(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    let mut left = under_way(conn).await?;
    let mut waited = Duration::ZERO;
    while !left.is_empty() && waited < PATIENCE {
        tokio::time::sleep(LOOK_EVERY).await;
        waited += LOOK_EVERY;
        let now = under_way(conn).await?;
        left.retain(|commit| now.contains(commit));
    }
    if !left.is_empty() {
        tracing::warn!(commits = left.len(), "commits of an earlier hub are still under way");
    }
    Ok(())
}

async fn under_way(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Commit>> {
    crate::db::statement(
        "SELECT pid, query_start FROM pg_stat_activity
        WHERE application_name = 'carehub journal' AND datname = current_database() AND state = 'active'",
    )
    .load(conn)
    .await
}
