//! The demo's machinery, for real: a PostgreSQL of its own in a folder of its own.

mod command_line;
mod demo;
mod private_cluster;

use std::{fs, path::Path};

use crate::support::temporary::Folder;
use carehub::dev::{
    folder::DataFolder,
    postgres::{Cluster, ClusterError, ClusterOptions},
};

/// A data folder that goes away with the test. PostgreSQL's user may reach it also when the tests run as root.
pub struct Place {
    pub folder: Folder,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: Folder::new() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn data(&self) -> DataFolder {
        DataFolder::at(&self.path().join("data")).unwrap()
    }

    pub fn start(&self) -> Result<Cluster, ClusterError> {
        let programs = std::env::var_os("CAREHUB_PG_BIN").map(Into::into);
        Cluster::start(&ClusterOptions { folder: self.data(), programs, may_install: false, notice: |_| {} })
    }

    /// The process id of the server that runs here.
    pub fn server_pid(&self) -> i32 {
        let file = fs::read_to_string(self.data().postgres().join("data/postmaster.pid")).unwrap();
        file.lines().next().unwrap().parse().unwrap()
    }
}

/// Runs statements on a connection of their own and gives the first column of the last one.
pub async fn query(url: &str, statements: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let connection = tokio::spawn(connection);
    let messages = client.simple_query(statements).await?;
    drop(client);
    connection.await.unwrap()?;
    let rows = messages.into_iter().filter_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
        _ => None,
    });
    Ok(rows.collect())
}
