//! PostgreSQL dies: an immediate shutdown, `kill -9` of the server, `kill -9` of the process that commits.

use super::{
    alone, must_bite,
    processes::{descendants, signal},
    storm::{Size, Storm, scale, seed},
};
use crate::support::{Hub, database::OwnCluster, eventually};
use rustix::process::Signal;
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// Waits until PostgreSQL takes connections again.
async fn up_again(own: &OwnCluster) -> Instant {
    let probe = async || crate::dev::query(&own.database.url, "SELECT 1").await.ok();
    eventually("PostgreSQL", Duration::from_secs(20), probe).await;
    Instant::now()
}

#[derive(Clone, Copy, Debug)]
enum Death {
    ImmediateShutdown,
    ServerKilled,
    BackendKilled,
}

async fn inflict(death: Death, own: &OwnCluster) {
    let server = own.place.server_pid();
    match death {
        Death::ImmediateShutdown => own.signal(Signal::QUIT),
        Death::ServerKilled => own.signal(Signal::KILL),
        Death::BackendKilled => {
            let journal = "SELECT pid FROM pg_stat_activity WHERE application_name = 'carehub journal'";
            let pid = own.database.query(journal).await[0].parse().unwrap();
            assert!(descendants(server).contains(&pid));
            signal(pid, Signal::KILL);
        }
    }
    // Gone, or at least no longer taking connections.
    let probe = async || crate::dev::query(&own.database.url, "SELECT 1").await.err();
    eventually("PostgreSQL's end", Duration::from_secs(5), probe).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nobody_is_disconnected_when_postgresql_dies_in_every_way() {
    let _alone = alone().await;
    let seed = seed();
    let mut rng = fastrand::Rng::with_seed(seed);
    let own = OwnCluster::start().await;
    let hub = Hub::start(&own.database).await;
    let storm = Storm::start(hub.address, &own.database, Size::default(), seed).await;
    let (people, weather) = (storm.people(), storm.weather.clone());
    storm.acked(200, Duration::from_secs(20)).await;
    let mut slowest = Duration::ZERO;
    let deaths = [Death::ImmediateShutdown, Death::ServerKilled, Death::BackendKilled];
    for round in 0..6 * scale() {
        tokio::time::sleep(Duration::from_millis(rng.u64(300..1_200))).await;
        inflict(deaths[round % deaths.len()], &own).await;
        let up = up_again(&own).await;
        storm.acked(1, Duration::from_secs(10)).await;
        slowest = slowest.max(up.elapsed());
        storm.acked(100, Duration::from_secs(10)).await;
    }
    storm.must_have_kept_every_promise(&own.database, Duration::from_secs(10)).await;
    println!("slowest first acknowledgement {slowest:?} after PostgreSQL was up");
    let away = hub.logged().matches("the store is away").count();
    must_bite("spells without the store", away, 5 * scale());
    assert!(slowest < Duration::from_secs(2), "the first acknowledgement took {slowest:?}");
    assert_eq!(weather.broken(), 0, "connections broke: {:?}", weather.breaks.lock().unwrap());
    assert_eq!(weather.connects.load(Ordering::Relaxed), people);
}
