//! The one database inside the private cluster, made when it is missing.

use std::path::Path;

use tokio_postgres::{NoTls, error::SqlState};

use super::{error::ClusterError, initialise::SUPERUSER};

/// The database that Carehub uses.
pub const DATABASE: &str = "carehub";

/// The owner's connection string for `database`.
pub fn url(socket: &Path, database: &str) -> String {
    url_of(SUPERUSER, socket, database)
}

/// The connection string for a role. The socket's folder has no character that needs escaping.
pub fn url_of(role: &str, socket: &Path, database: &str) -> String {
    format!("host={} user={role} dbname={database}", socket.display())
}

/// Makes the database where it is missing.
pub fn ensure(socket: &Path) -> Result<(), ClusterError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ClusterError::io("starting a runtime for", socket))?;
    let made = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url(socket, "postgres"), NoTls).await?;
        let connection = tokio::spawn(connection);
        let present = client.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&DATABASE]).await?;
        if present.is_none() {
            client.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
        }
        drop(client);
        let _ = connection.await;
        Ok(())
    });
    made.map_err(|error: tokio_postgres::Error| match error.code() {
        Some(code) if *code == SqlState::DISK_FULL => ClusterError::DiskFull { folder: socket.to_owned() },
        _ => ClusterError::Database(error),
    })
}
