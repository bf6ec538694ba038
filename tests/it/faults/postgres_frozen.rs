//! PostgreSQL hangs: every one of its processes is stopped for a while, connections stay open, nothing answers.

use super::{
    alone, must_bite,
    processes::{descendants, signal},
    storm::{Size, Storm, seed},
};
use crate::support::{Hub, database::OwnCluster, eventually};
use rustix::process::Signal;
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// Longer than a send waits (10 s).
const FROZEN: Duration = Duration::from_secs(13);
/// A send is answered within 10 s; a moment for the way there and back on a busy machine.
const ANSWERED: Duration = Duration::from_millis(10_500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgresql_hangs_every_send_is_answered_busy_and_everything_goes_on_when_it_wakes() {
    let _alone = alone().await;
    let seed = seed();
    let own = OwnCluster::start().await;
    let hub = Hub::start(&own.database).await;
    let storm = Storm::start(hub.address, &own.database, Size::default(), seed).await;
    let weather = storm.weather.clone();
    storm.acked(300, Duration::from_secs(20)).await;
    let before = hub.resident_kib();

    let server = own.place.server_pid();
    let processes: Vec<i32> = std::iter::once(server).chain(descendants(server)).collect();
    must_bite("processes of PostgreSQL", processes.len(), 6);
    processes.iter().for_each(|pid| signal(*pid, Signal::STOP));
    let frozen = Instant::now();
    // Acknowledgements that were on their way.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let acked = weather.acked();
    let ready = || async { Some(reqwest::get(hub.url("/readyz")).await.ok()?.status().as_u16()) };
    let not_ready = async || ready().await.filter(|status| *status == 503);
    eventually("/readyz to say no", Duration::from_secs(5), not_ready).await;
    let lives = Instant::now();
    assert_eq!(reqwest::get(hub.url("/healthz")).await.unwrap().status(), 200);
    assert!(lives.elapsed() < Duration::from_secs(1));
    let told_busy = async || (weather.told_busy() > 0).then_some(());
    eventually("busy", ANSWERED, told_busy).await;
    tokio::time::sleep_until((frozen + FROZEN).into()).await;
    let overdue = weather.overdue(ANSWERED);
    let (busy, grown) = (weather.told_busy(), hub.resident_kib().saturating_sub(before));
    assert_eq!(weather.acked(), acked, "acknowledged while nothing could be stored");

    processes.iter().for_each(|pid| signal(*pid, Signal::CONT));
    let thawed = Instant::now();
    storm.acked(1, Duration::from_secs(5)).await;
    let first = thawed.elapsed();
    let (_, took) = storm.must_have_kept_every_promise(&own.database, Duration::from_secs(5)).await;
    println!("{busy} times busy, {grown} KiB more, first acknowledgement {first:?} after the thaw, all {took:?} later");
    must_bite("answers `busy`", busy, 100);
    let slowest = *weather.slowest_answer.lock().unwrap();
    assert!(overdue == 0 && slowest < ANSWERED, "{overdue} sends without an answer; the slowest took {slowest:?}");
    assert!(grown < 64 * 1024, "{grown} KiB");
    assert_eq!(weather.broken(), 0, "connections broke: {:?}", weather.breaks.lock().unwrap());
    assert_eq!(weather.connects.load(Ordering::Relaxed), weather.standing.lock().unwrap().len());
}
