//! Frames there and back with nothing done to them: the most messages that sockets, kernel and this
//! generator could carry.

use super::Options;
use crate::clock::{Clock, Nanos, seconds};
use crate::measure::{Latency, Row};
use crate::session::{Broken, Session, Target};
use crate::stamp;
use crate::wire::Dialect;
use anyhow::{Context, Result};
use std::sync::Arc;

pub async fn measure(options: &Options, url: &str, connections: usize) -> Result<Row> {
    let target = Target::new(url, Dialect::Carehub).await?.with_socket_url(url.to_owned());
    let (clock, latency) = (Clock::start(), Arc::new(Latency::default()));
    let mut sessions = Vec::new();
    for _ in 0..connections {
        sessions.push(Session::connect(&target, None, None).await.with_context(|| format!("no echo at {url}"))?);
    }
    let until = clock.now() + seconds(options.seconds);
    let running: Vec<_> = sessions
        .into_iter()
        .map(|session| tokio::spawn(echo(session, clock, until, options.body_bytes, latency.clone())))
        .collect();
    for task in running {
        task.await.context("an echo panicked")??;
    }
    let percentiles = latency.percentiles();
    Ok(Row::new(format!("echo, {connections} connections, 1 in flight"))
        .figure("round trips/s", percentiles.count as f64 / options.seconds)
        .latency("there and back", percentiles))
}

async fn echo(
    mut session: Session,
    clock: Clock,
    until: Nanos,
    bytes: usize,
    latency: Arc<Latency>,
) -> Result<(), Broken> {
    let mut number = 0;
    while clock.now() < until {
        let (start, text) = (clock.now(), stamp::body(number, 0, bytes));
        session.say(text.clone()).await?;
        if session.next().await?.as_str() != text {
            return Err(Broken::Lost("the echo came back altered".into()));
        }
        latency.record(clock.now() - start);
        number += 1;
    }
    session.close().await;
    Ok(())
}
