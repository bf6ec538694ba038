//! The load generator: drives a hub over `carehub.v1` and checks what it promised. It knows only
//! the protocol and must never import the hub's code.
//!
//! | module | owns |
//! | --- | --- |
//! | `cli` | the command line |
//! | `wire` | frames, in the hub's language and in the socket.io peer's |
//! | `session` | one WebSocket connection |
//! | `rest` | calls by REST |
//! | `resume` | what a client keeps across connections |
//! | `seat` | one person's connection into one thread |
//! | `talk` | a sender and a receiver: the core of `pairs`, `rate`, `peer` |
//! | `window` | when to confirm |
//! | `scenario` | what can be run |
//! | `measure` | latencies, counts, processor time, the report |
//! | `history` | what the clients saw |
//! | `verify` | the questions asked after a run |
//! | `check` | the judgement on a history |

mod check;
mod cli;
mod clock;
mod history;
mod measure;
mod rest;
mod resume;
mod scenario;
mod seat;
mod session;
mod stamp;
mod talk;
mod tokens;
mod verify;
mod window;
mod wire;

use anyhow::{Context, Result};
use clap::Parser;
use cli::{Arguments, Command};
use measure::Report;
use scenario::{
    appointments, catch_up, connections, emergency, fan_out, limits, pairs, peer, rate, slow_reader, storm, uploads,
};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// 0: everything held. 1: something was broken. 2: the run could not be made.
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match runtime(arguments.threads).and_then(|runtime| runtime.block_on(run(&arguments.command))) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("loadtest: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn runtime(threads: usize) -> Result<tokio::runtime::Runtime> {
    let mut builder = match threads {
        0 | 1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    builder.enable_all().build().context("cannot start the runtime")
}

async fn run(command: &Command) -> Result<bool> {
    let (report, json): (Report, Option<&PathBuf>) = match command {
        Command::Pairs(options) => (pairs::run(options).await?, options.common.json.as_ref()),
        Command::Rate(options) => (rate::run(options).await?, options.common.json.as_ref()),
        Command::Connections(options) => (connections::run(options).await?, options.common.json.as_ref()),
        Command::CatchUp(options) => (catch_up::run(options).await?, options.common.json.as_ref()),
        Command::FanOut(options) => (fan_out::run(options).await?, options.common.json.as_ref()),
        Command::Emergency(options) => (emergency::run(options).await?, options.common.json.as_ref()),
        Command::Appointments(options) => (appointments::run(options).await?, options.common.json.as_ref()),
        Command::Storm(options) => (storm::run(options).await?, options.common.json.as_ref()),
        Command::SlowReader(options) => (slow_reader::run(options).await?, options.common.json.as_ref()),
        Command::Uploads(options) => (uploads::run(options).await?, options.common.json.as_ref()),
        Command::Limits(options) => (limits::run(options).await?, options.json.as_ref()),
        Command::Peer(options) => (peer::run(options).await?, options.mode.json()),
        Command::Check { file } => (recheck(file)?, None),
    };
    report.show(json.map(PathBuf::as_path))?;
    Ok(report.failures.is_empty())
}

/// Judges a history that was kept.
fn recheck(file: &Path) -> Result<Report> {
    let history = history::read(file)?;
    let mut report = Report::new("check", history.header.seed);
    report.checked_events =
        Some(history.events.len() + history.dumps.iter().map(|dump| dump.entries.len()).sum::<usize>());
    report.failures = check::check(&history).iter().map(ToString::to_string).collect();
    Ok(report)
}
