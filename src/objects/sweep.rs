//! The loop that removes content that nobody can reach any more: of files that were begun and did not come to their end,
//! of files that nothing refers to a day later, and of clients who were erased. A row is gone before its content is; what
//! could not be removed is tried again.

use super::Objects;
use crate::{clock::Clock, db, error::Result};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use std::time::Duration;
use uuid::Uuid;

const EVERY: Duration = Duration::from_secs(60);
/// Removals of one round.
const AT_ONCE: i64 = 500;

/// What the loop needs.
pub struct Sweeper {
    pub objects: Objects,
    pub database_url: SecretString,
    pub clock: Clock,
}

impl Sweeper {
    /// Sweeps every minute from now on.
    pub fn keep_sweeping(self) {
        actix::spawn(async move {
            let mut every = tokio::time::interval(EVERY);
            loop {
                every.tick().await;
                if let Err(error) = self.sweep().await {
                    tracing::error!(?error, "files that are of no use could not be removed; trying again in a minute");
                }
            }
        });
    }

    async fn sweep(&self) -> Result<()> {
        self.objects.vault.sweep_spool().await?;
        let mut conn = db::connect(&self.database_url).await?;
        sweep(&mut conn, &self.objects, self.clock.now()).await?;
        Ok(())
    }
}

/// One round; how many files were removed.
pub async fn sweep(conn: &mut AsyncPgConnection, objects: &Objects, now: DateTime<Utc>) -> Result<usize> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = sql::Uuid)]
        location: Uuid,
    }
    db::statement(
        "WITH gone AS (
            DELETE FROM objects WHERE used_at IS NULL AND created_at < $1::timestamptz
                - CASE state WHEN 'uploading' THEN interval '1 hour' ELSE interval '1 day' END
            RETURNING location)
        INSERT INTO object_removals (location, due_at) SELECT location, $1 FROM gone",
    )
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    let due: Vec<Due> =
        db::statement("SELECT location FROM object_removals WHERE due_at <= $1 ORDER BY due_at LIMIT $2")
            .bind::<sql::Timestamptz, _>(now)
            .bind::<sql::BigInt, _>(AT_ONCE)
            .load(conn)
            .await?;
    for Due { location } in &due {
        objects.vault.remove(*location).await?;
        db::statement("DELETE FROM object_removals WHERE location = $1")
            .bind::<sql::Uuid, _>(*location)
            .execute(conn)
            .await?;
    }
    Ok(due.len())
}
