//! From the start of the process to its end: signals, and the order of things.

use crate::{app::Services, clock::Clock, config::Config, server};
use std::net::{SocketAddr, TcpListener};
use tokio::signal::unix::{SignalKind, signal};

/// Serves on `listener` with this configuration until SIGINT or SIGTERM. `started` is told the address.
///
/// # Errors
/// Why it could not start, in words for whoever started it.
pub async fn serve(config: Config, listener: TcpListener, started: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let services = Services::start(config, Clock::system()).await?;
    let listening = server::listen(services, listener)?;
    started(listening.address);
    listening
        .serve_until(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
        .await
}
