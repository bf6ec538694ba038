//! `limits`: what the machine could do at best, in the same run as the figures it is compared with:
//! raw WebSocket echo, rows into PostgreSQL one by one and many at a time, synced writes to a disk.
//! Machines drift; only ratios taken together mean something.

mod disk;
mod echo;
mod inserts;

use crate::measure::Report;
use anyhow::{Result, bail};
use clap::Args;
use std::path::PathBuf;

#[derive(Clone, Debug, Args)]
pub struct Options {
    /// An echo of WebSocket frames, from `carehub bench-echo --port P`: ws://127.0.0.1:P/
    #[arg(long)]
    pub echo_url: Option<String>,
    /// How many connections echo at a time; a list runs one after the other.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
    pub echo_connections: Vec<usize>,
    /// A PostgreSQL with durability on. A schema of its own is made there and dropped.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// How many clients insert single rows at a time.
    #[arg(long, value_delimiter = ',', default_value = "1,8,32")]
    pub insert_clients: Vec<usize>,
    /// Rows of a multi-row insert.
    #[arg(long, default_value_t = 500)]
    pub batch: usize,
    /// A directory on the disk to be measured.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Seconds for each figure.
    #[arg(long, default_value_t = 5.0)]
    pub seconds: f64,
    /// Length of each frame, row and write.
    #[arg(long, default_value_t = 200)]
    pub body_bytes: usize,
    /// Also write the result as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
}

pub async fn run(options: &Options) -> Result<Report> {
    if options.echo_url.is_none() && options.database_url.is_none() && options.dir.is_none() {
        bail!("nothing to measure: give --echo-url, --database-url or --dir");
    }
    let mut report = Report::new("limits", 0);
    if let Some(dir) = &options.dir {
        eprintln!("limits: synced writes in {}", dir.display());
        report.rows.push(disk::measure(options, dir).await?);
    }
    if let Some(url) = &options.database_url {
        report.rows.extend(inserts::measure(options, url).await?);
    }
    if let Some(url) = &options.echo_url {
        for &connections in &options.echo_connections {
            eprintln!("limits: echo over {connections} connections");
            report.rows.push(echo::measure(options, url, connections).await?);
        }
    }
    Ok(report)
}
