//! A table that whoever writes to it waits for: holds a hub at the point of its way where it writes there.

use crate::support::{Database, eventually};
use std::time::Duration;

/// As long as this lives.
pub struct Held {
    client: tokio_postgres::Client,
    database: Database,
    /// Of `pg_locks`: who waits for it.
    waits: String,
}

impl Held {
    /// Nobody writes to it.
    pub async fn table(database: &Database, table: &'static str) -> Self {
        Self::in_mode(database, table, "EXCLUSIVE").await
    }

    /// Nobody reads it either.
    pub async fn from_readers(database: &Database, table: &'static str) -> Self {
        Self::in_mode(database, table, "ACCESS EXCLUSIVE").await
    }

    async fn in_mode(database: &Database, table: &'static str, mode: &str) -> Self {
        let lock = format!("LOCK TABLE {table} IN {mode} MODE");
        Self::by(database, &lock, format!("relation = '{table}'::regclass")).await
    }

    async fn by(database: &Database, lock: &str, waits: String) -> Self {
        let (client, connection) = tokio_postgres::connect(&database.url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(&format!("BEGIN; {lock}")).await.unwrap();
        Self { client, database: database.clone(), waits }
    }

    /// Until somebody waits for it.
    pub async fn until_somebody_waits(&self) {
        let waits = format!(
            "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE NOT granted AND {} AND datname = current_database()",
            self.waits
        );
        let waiting = async || (!self.database.query(&waits).await.is_empty()).then_some(());
        eventually("a hub to wait", Duration::from_secs(10), waiting).await;
    }

    pub async fn release(self) {
        self.client.batch_execute("COMMIT").await.unwrap();
    }
}
