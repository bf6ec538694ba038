//! The web server: serves, and goes down in order. Knows no route.
//!
//! - [`seats`]: how many connections an address may have
//! - [`tls`]: TLS, where the hub speaks it itself

pub mod seats;
pub mod tls;

use crate::{app::Services, db, http::rates::RateLimits, hub::socket, routes};
use actix::Arbiter;
use actix_web::{App, HttpServer, dev::Server, web};
use anyhow::Context;
use seats::Seats;
use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

/// Connections to the store of each worker, for calls by REST.
const CONNECTIONS_PER_WORKER: u32 = 8;
/// Bodies and headers that come slower than this are not waited for.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than the minute for which reverse proxies commonly keep a connection, so that none of them sends a request into
/// one that is just being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Requests that are being answered when the server stops have so long.
const SHUTDOWN_SECONDS: u64 = 3;
/// What was taken for storing is stored before sockets are closed, within this.
const DRAIN: Duration = Duration::from_secs(5);

/// A server that listens.
pub struct Listening {
    pub address: SocketAddr,
    pub server: Server,
    services: Services,
}

/// Starts to serve on `listener`, which was bound before anything else was started.
///
/// # Errors
/// When the socket is of no use.
pub fn listen(services: Services, listener: TcpListener) -> anyhow::Result<Listening> {
    let address = listener.local_addr()?;
    let database_url = services.config.database_url.clone().context("DATABASE_URL is not set")?;
    let shared = services.clone();
    let rates = web::Data::new(RateLimits::new(services.config.edge.rates));
    let seats = Seats::new(services.config.edge.clone());
    let server = HttpServer::new(move || {
        // Made by each worker, so that its connections live where they are used.
        shared.hub.live_on(Arbiter::current());
        let origins = &shared.config.edge.allowed_origins;
        let pool = db::pool(&database_url, CONNECTIONS_PER_WORKER);
        App::new()
            .app_data(web::Data::new(shared.clone()))
            .app_data(web::Data::new(pool))
            .app_data(rates.clone())
            .configure(|cfg| routes::configure(cfg, origins))
    })
    .on_connect(move |io, extensions| {
        socket::remember_connection(io, extensions);
        seats.take(io, extensions);
    })
    .workers(services.config.workers)
    .max_connections(100_000)
    .max_connection_rate(4_096)
    .tcp_nodelay(true)
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(CLIENT_TIMEOUT)
    .tls_handshake_timeout(CLIENT_TIMEOUT)
    .client_disconnect_timeout(Duration::from_secs(2))
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .disable_signals();
    let server = match &services.config.edge.tls {
        None => server.listen(listener)?,
        Some(files) => {
            let (config, certificate) = tls::configure(files)?;
            actix_web::rt::spawn(tls::watch(certificate));
            server.listen_rustls_0_23(listener, config)?
        }
    };
    let server = server.run();
    Ok(Listening { address, server, services })
}

impl Listening {
    /// Serves until `stop` is done, then goes down: what was taken is stored, everybody is told to come back, calls
    /// that are being answered get their answer.
    ///
    /// # Errors
    /// When the server itself failed.
    pub async fn serve_until(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let handle = self.server.handle();
        let mut server = actix_web::rt::spawn(self.server);
        tokio::select! {
            result = &mut server => return result?.context("the server failed"),
            () = stop => {}
        }
        tracing::info!("stopping: storing what was taken, then closing");
        handle.pause().await;
        if !self.services.hub.close(DRAIN).await {
            tracing::warn!(
                "not everything that was taken could be stored in time; its senders were not told that it was"
            );
        }
        handle.stop(true).await;
        server.await?.context("the server failed")
    }
}
