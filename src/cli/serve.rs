//! `carehub serve`: the hub on a PostgreSQL that somebody else looks after.

use std::net::{SocketAddr, TcpListener};

use anyhow::bail;
use rustix::process::{Resource, getrlimit, setrlimit};

use super::listen;
use crate::{config::Config, dev::folder::DataFolder, keys, lifecycle, telemetry};

pub fn run(mut config: Config) -> anyhow::Result<()> {
    if config.database_url.is_none() {
        bail!(
            "DATABASE_URL is not set. Set it to the PostgreSQL to use, such as postgres://carehub:password@localhost/carehub \
             (`carehub` without a command runs a demo that brings its own)"
        );
    }
    keys::Source::of(&config)?;
    if config.files.folder.is_none() && config.data_dir.is_none() {
        config.files.folder = DataFolder::default_path().ok().map(|folder| folder.join("objects"));
    }
    let listener = listen::bind(config.bind, config.port)?;
    serve(config, listener, |address| println!("Carehub listens on {address}."))
}

/// Serves until the process is told to stop; `started` is called once that will end it in order.
pub fn serve(config: Config, listener: TcpListener, started: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
    telemetry::start(&config);
    raise_open_files();
    actix_web::rt::System::new().block_on(lifecycle::serve(config, listener, started))
}

/// Each connection is a file, and many systems start programs with far fewer than they would allow.
fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
