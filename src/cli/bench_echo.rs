//! `carehub bench-echo`: raw WebSocket echo through the hub's own socket, without sign-in, on loopback only.

use anyhow::Context;
use clap::Args;

#[derive(Debug, Args)]
pub struct BenchEchoArguments {
    /// The port to listen on
    #[arg(long)]
    port: u16,
}

pub fn run(arguments: &BenchEchoArguments) -> anyhow::Result<()> {
    actix_web::rt::System::new()
        .block_on(crate::hub::socket::echo::run(arguments.port))
        .with_context(|| format!("cannot echo on port {}", arguments.port))
}
