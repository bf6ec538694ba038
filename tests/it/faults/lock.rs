//! A lock that somebody else holds: the journal's commit waits inside its transaction until it is released.

use crate::support::{Database, eventually};
use std::time::Duration;

/// A lock on all threads. Released at the latest when this is dropped.
pub struct Lock(tokio_postgres::Client);

impl Lock {
    /// Takes it.
    pub async fn on_threads(database: &Database) -> Self {
        let (lock, connection) = tokio_postgres::connect(&database.url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        lock.batch_execute("BEGIN; SELECT FROM threads FOR UPDATE").await.unwrap();
        Self(lock)
    }

    /// Waits until a commit waits behind it.
    pub async fn until_the_journal_waits(&self, database: &Database) {
        let waits =
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'carehub journal' AND wait_event_type = 'Lock'";
        let waiting = async || (!database.query(waits).await.is_empty()).then_some(());
        eventually("the journal to wait", Duration::from_secs(5), waiting).await;
    }

    /// Gives it back.
    pub async fn release(self) {
        self.0.batch_execute("COMMIT").await.unwrap();
    }
}
