//! The command line: one file a command. Commands say what they do, and end with a message that says what to do next
//! when they cannot. None of them prints a secret that it was not asked for.

mod audit;
mod bench_echo;
mod bench_phrases;
mod billing;
mod demo;
mod doctor;
mod draw_page;
mod installation;
mod keys;
mod listen;
mod migrate;
mod seed;
mod serve;
mod supervisor;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;

/// A realtime messaging hub with a client portal for mental-health practices.
///
/// Without a command it runs the demo: a practice with invented people on a private PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "carehub", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the hub on the PostgreSQL that DATABASE_URL names
    Serve,
    /// Bring the database schema up to date
    Migrate,
    /// Make people and threads for load generators, with access tokens
    Seed(seed::SeedArguments),
    /// Add people, set passwords, lock and unlock
    #[command(subcommand)]
    User(user::UserCommand),
    /// Replace master keys and signing keys while hubs run
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Verify and export the audit log
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Compare the ledger with Stripe
    #[command(subcommand)]
    Billing(billing::BillingCommand),
    /// Say what is missing; ends with 1 when something keeps the hub from running
    Doctor,
    /// Serve raw WebSocket echo on loopback, the yardstick of the load generator
    BenchEcho(bench_echo::BenchEchoArguments),
    /// The demo itself, as its supervisor starts it
    #[command(name = DEMO_HUB, hide = true)]
    DemoHub,
    /// Draws a page of the PDF that it reads, as a process of its own
    #[command(name = crate::objects::drawer::COMMAND, hide = true)]
    DrawPage { page: usize },
    /// Measure how long a look for crisis phrases takes
    BenchPhrases,
}

/// The hidden command of the demo's hub.
const DEMO_HUB: &str = "demo-hub";

/// Reads the command line, does what it says, and tells how it went.
pub fn run() -> ExitCode {
    let result = match Cli::parse().command {
        // The doctor judges a broken configuration, too.
        Some(Command::Doctor) => return doctor::run(),
        Some(Command::DrawPage { page }) => return draw_page::run(page),
        None => return conclude(supervisor::run(DEMO_HUB)),
        Some(Command::DemoHub) => Config::load().and_then(demo::run),
        Some(Command::Serve) => Config::load().and_then(serve::run),
        Some(Command::Migrate) => Config::load().and_then(|config| migrate::run(&config)),
        Some(Command::Seed(arguments)) => Config::load().and_then(|config| seed::run(&config, &arguments)),
        Some(Command::User(command)) => Config::load().and_then(|config| user::run(&config, command)),
        Some(Command::Keys(command)) => Config::load().and_then(|config| keys::run(&config, command)),
        Some(Command::Audit(command)) => Config::load().and_then(|config| audit::run(&config, command)),
        Some(Command::Billing(command)) => Config::load().and_then(|config| billing::run(&config, command)),
        Some(Command::BenchEcho(arguments)) => bench_echo::run(&arguments),
        Some(Command::BenchPhrases) => {
            bench_phrases::run();
            Ok(())
        }
    };
    conclude(result.map(|()| ExitCode::SUCCESS))
}

fn conclude(result: anyhow::Result<ExitCode>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("carehub: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Where commands say what takes long or changes the machine; their answers go to standard output.
fn notice(line: &str) {
    eprintln!("{line}");
}

/// Runs one command's async work to its end.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
