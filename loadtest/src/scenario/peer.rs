//! `peer`: the same talk, by the same generator, against `peers/socketio`. What a figure is worth
//! shows beside that of the hub many teams would write.

use super::pairs::{Load, Speed, Stage, talk};
use crate::clock::Clock;
use crate::history::Book;
use crate::measure::{Processes, Report};
use crate::session::Target;
use crate::tokens::{Person, Role, Room};
use crate::wire::Dialect;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use uuid::Uuid;

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    pub mode: Mode,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Mode {
    /// Closed loop, as `pairs`.
    Pairs {
        #[command(flatten)]
        peer: Peer,
        /// How many pairs; a list runs one after the other.
        #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
        pairs: Vec<usize>,
        /// Messages each sender keeps in flight.
        #[arg(long, default_value_t = 1)]
        in_flight: usize,
    },
    /// Open loop, as `rate`.
    Rate {
        #[command(flatten)]
        peer: Peer,
        /// How many pairs.
        #[arg(long, default_value_t = 64)]
        pairs: usize,
        /// Messages a second over all pairs; a list runs one after the other.
        #[arg(long, value_delimiter = ',', default_value = "1000")]
        rate: Vec<f64>,
    },
}

#[derive(Clone, Debug, Args)]
pub struct Peer {
    /// The peer.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    pub url: String,
    /// Process id of the peer, to account for its processor time.
    #[arg(long)]
    pub hub_pid: Option<u32>,
    /// Process id of the PostgreSQL postmaster.
    #[arg(long)]
    pub postgres_pid: Option<u32>,
    /// Also write the result as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub load: Load,
}

impl Mode {
    pub fn json(&self) -> Option<&PathBuf> {
        let (Mode::Pairs { peer, .. } | Mode::Rate { peer, .. }) = self;
        peer.json.as_ref()
    }
}

pub async fn run(options: &Options) -> Result<Report> {
    let (peer, runs): (&Peer, Vec<(usize, Speed, String)>) = match &options.mode {
        Mode::Pairs { peer, pairs, in_flight } => (
            peer,
            pairs
                .iter()
                .map(|pairs| {
                    (*pairs, Speed::InFlight(*in_flight), format!("socket.io: {pairs} pairs, {in_flight} in flight"))
                })
                .collect(),
        ),
        Mode::Rate { peer, pairs, rate } => (
            peer,
            rate.iter()
                .map(|rate| (*pairs, Speed::PerSecond(*rate), format!("socket.io: {rate}/s over {pairs} pairs")))
                .collect(),
        ),
    };
    let target = Target::new(&peer.url, Dialect::SocketIo).await?;
    let mut report = Report::new("peer", 0);
    for (pairs, speed, name) in runs {
        if pairs == 0 || matches!(speed, Speed::InFlight(0)) {
            bail!("--pairs and --in-flight must be at least 1");
        }
        // The peer signs nobody in: anybody may talk anywhere.
        let rooms: Vec<Room> = (0..pairs)
            .map(|_| Room { thread: Uuid::now_v7(), people: vec![stranger(Role::Client), stranger(Role::Staff)] })
            .collect();
        let book = Book::new(&rooms, 0, false);
        let processes = Processes { hub: peer.hub_pid, postgres: peer.postgres_pid };
        let stage = Stage { target: &target, rooms: &rooms, book: &book, clock: Clock::start(), processes };
        let done = talk(&stage, &name, &peer.load, speed).await?;
        report.rows.push(done.row);
        report.failures.extend(done.failures);
    }
    Ok(report)
}

fn stranger(role: Role) -> Person {
    Person { id: Uuid::now_v7(), token: "none".into(), role }
}
