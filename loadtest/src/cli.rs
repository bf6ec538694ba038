//! The command line: every parameter with its meaning and default. Owns no behaviour.

use crate::scenario::{
    catch_up, connections, emergency, fan_out, limits, pairs, peer, rate, slow_reader, storm, uploads,
};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Load generator and history checker for the carehub.v1 protocol.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// Threads of the generator. One is cheapest while hub and database share the cores.
    #[arg(long, global = true, default_value_t = 1)]
    pub threads: usize,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Closed loop: each pair keeps so many messages in flight.
    Pairs(pairs::Options),
    /// Open loop: so many messages a second, whatever the hub does.
    Rate(rate::Options),
    /// Many idle connections: how fast they come, what each costs.
    Connections(connections::Options),
    /// How long it takes to get what was missed.
    CatchUp(catch_up::Options),
    /// One thread with many participants.
    FanOut(fan_out::Options),
    /// Many emergencies at once, while the hub is saturated with ordinary messages.
    Emergency(emergency::Options),
    /// Everybody reconnects at once, again and again, while the hub is killed.
    Storm(storm::Options),
    /// Somebody stops reading while his thread goes on.
    SlowReader(slow_reader::Options),
    /// Files of the largest size, and what they cost the hub in memory.
    Uploads(uploads::Options),
    /// What this machine could do at best: echo, inserts, synced writes.
    Limits(limits::Options),
    /// The same load against the socket.io peer.
    Peer(peer::Options),
    /// Judges a history that was written with `--history`.
    Check { file: PathBuf },
}

/// What every scenario that talks to a hub takes.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The hub.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// Who may talk where, from `carehub seed --tokens FILE`.
    #[arg(long)]
    pub tokens: PathBuf,
    /// Record everything and check it at the end. Costs memory and some processor time.
    #[arg(long)]
    pub check: bool,
    /// Keep the recorded history here (implies `--check`).
    #[arg(long)]
    pub history: Option<PathBuf>,
    /// Also write the result as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Process id of the hub, to account for its processor time and memory.
    #[arg(long)]
    pub hub_pid: Option<u32>,
    /// Process id of the PostgreSQL postmaster, to account for it and its children.
    #[arg(long)]
    pub postgres_pid: Option<u32>,
    /// Seed of everything random; without one it is chosen, and printed.
    #[arg(long)]
    pub seed: Option<u64>,
}

impl Common {
    /// Whether the history is recorded.
    pub fn recording(&self) -> bool {
        self.check || self.history.is_some()
    }

    pub fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(|| fastrand::u64(..1_000_000))
    }

    pub fn processes(&self) -> crate::measure::Processes {
        crate::measure::Processes { hub: self.hub_pid, postgres: self.postgres_pid }
    }
}
