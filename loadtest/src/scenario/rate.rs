//! `rate`: open loop. Sends are due by a timetable that does not wait for the hub, and latency
//! counts from when a send was due: a hub that stalls cannot hide the sends it kept from starting.

use super::judge;
use super::pairs::{Load, Speed, Stage, talk};
use crate::cli::Common;
use crate::clock::Clock;
use crate::history::Book;
use crate::measure::Report;
use crate::session::Target;
use crate::tokens;
use crate::wire::Dialect;
use anyhow::{Result, bail};
use clap::Args;

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    /// Messages a second over all pairs; a list runs one after the other.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000")]
    pub rate: Vec<f64>,
    /// How many pairs.
    #[arg(long, default_value_t = 64)]
    pub pairs: usize,
    #[command(flatten)]
    pub load: Load,
}

pub async fn run(options: &Options) -> Result<Report> {
    if options.pairs == 0 || options.rate.iter().any(|rate| !(0.1..=1e7).contains(rate)) {
        bail!("--pairs must be at least 1 and --rate between 0.1 and 10,000,000");
    }
    let common = &options.common;
    let target = Target::new(&common.url, Dialect::Carehub).await?;
    let seed = common.seed();
    let rooms = tokens::pairs(&common.tokens, options.pairs)?;
    let mut report = Report::new("rate", seed);
    for &rate in &options.rate {
        let book = Book::new(&tokens::read(&common.tokens)?, seed, common.recording());
        let stage =
            Stage { target: &target, rooms: &rooms, book: &book, clock: Clock::start(), processes: common.processes() };
        let name = format!("{rate}/s over {} pairs", options.pairs);
        let done = talk(&stage, &name, &options.load, Speed::PerSecond(rate)).await?;
        report.rows.push(done.row);
        report.failures.extend(done.failures);
        if common.recording() {
            judge(common, &target, &book, stage.clock, &done.subjects, done.events, &mut report).await?;
        }
    }
    Ok(report)
}
