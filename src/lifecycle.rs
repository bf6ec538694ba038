//! From the start of the process to its end: signals, and the order of things.

use crate::{
    app::Services,
    clock::Clock,
    config::{Config, Profile},
    emergency::{
        engine::Engine,
        herald::Herald,
        watchdog::{self, Watched},
    },
    notify::{
        deliver::Providers,
        relay::{Relay, RelayParts},
        transport::Transport,
    },
    server,
};
use anyhow::Context;
use std::net::{SocketAddr, TcpListener};
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

/// Serves on `listener` with this configuration until SIGINT or SIGTERM. `started` is told the address.
///
/// # Errors
/// Why it could not start, in words for whoever started it.
pub async fn serve(config: Config, listener: TcpListener, started: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let transport = Transport::from_config(&config)?;
    let services = Services::start(config, Clock::following()).await?;
    let listening = server::listen(services.clone(), listener)?;
    let relay = start_relay(&services, transport, listening.address)?;
    keep_people_safe(&services, &relay)?;
    started(listening.address);
    let served = listening
        .serve_until(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
        .await;
    relay.stop().await;
    served
}

/// Starts what carries emergencies on, and what watches it and the urgent loops of the relay.
fn keep_people_safe(services: &Services, relay: &Relay) -> anyhow::Result<()> {
    let database_url = services.config.database_url.clone().context("DATABASE_URL is not set")?;
    let (keyring, clock, bell) = (services.keyring.clone(), services.clock.clone(), services.bell.clone());
    let (hub, rung) = (services.hub.clone(), bell.clone());
    let mut watched = vec![
        Engine { database_url: database_url.clone(), keyring, clock, bell }.start()?,
        Herald { database_url, bell: rung, hub }.start()?,
    ];
    let relayed = relay.urgent().map(|(urgent, pulse)| {
        let name = urgent.name();
        Watched::new(name, pulse).with_restart(move || urgent.start())
    });
    watched.extend(relayed);
    watchdog::watch(watched, services.board.clone())
}

/// Starts sending; without a way out e-mails wait, and the log says so.
fn start_relay(services: &Services, email: Option<Transport>, bound: SocketAddr) -> anyhow::Result<Relay> {
    let config = &services.config;
    match (&email, config.profile) {
        (Some(transport), _) => tracing::info!("{}", transport.describe()),
        (None, Profile::Production) => tracing::warn!("e-mails wait: set SMTP_URL"),
        (None, Profile::Development) => tracing::info!("e-mails wait: set SMTP_URL, or CAREHUB_DATA_DIR for files"),
    }
    let hub = Url::parse(&config.page_url(bound))?;
    let database_url = config.database_url.clone().context("DATABASE_URL is not set")?;
    let (keyring, clock) = (services.keyring.clone(), services.clock.clone());
    let providers = Providers { email, sms: services.twilio.clone(), push: services.pusher.clone() };
    Relay::start(RelayParts { database_url, keyring, clock, providers, hub })
}
