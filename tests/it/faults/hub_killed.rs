//! The hub dies, at any moment or in order.

use super::{
    alone,
    lock::Lock,
    must_bite,
    storm::{Size, Storm, scale, seed},
};
use crate::support::{Database, Hub};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_doubled_or_reordered_when_the_hub_is_killed_again_and_again() {
    let _alone = alone().await;
    let (seed, kills) = (seed(), 12 * scale());
    let mut rng = fastrand::Rng::with_seed(seed);
    let database = Database::fresh().await;
    let mut hub = Hub::start(&database).await;
    let storm = Storm::start(hub.address, &database, Size::default(), seed).await;
    let mut slowest = Duration::ZERO;
    for round in 0..kills {
        tokio::time::sleep(Duration::from_millis(rng.u64(500..1_200))).await;
        if round % 2 == 0 {
            // Messages pile up behind somebody's lock; the hub dies while they are being stored.
            let lock = Lock::on_threads(&database).await;
            tokio::time::sleep(Duration::from_millis(rng.u64(100..300))).await;
            lock.release().await;
            tokio::time::sleep(Duration::from_micros(rng.u64(0..8_000))).await;
        }
        hub.kill();
        let since = Instant::now();
        hub.start_again().await;
        slowest = slowest.max(since.elapsed());
    }
    let last_start = Instant::now();
    storm.acked(100, Duration::from_secs(10)).await;
    let (people, weather) = (storm.people(), storm.weather.clone());
    storm.must_have_kept_every_promise(&database, Duration::from_secs(10)).await;
    println!("slowest start {slowest:?}, complete {:?} after the last start", last_start.elapsed());
    must_bite("unknown outcomes", weather.unknown.load(Ordering::Relaxed), 50);
    must_bite("broken connections", weather.broken(), people);
    assert!(slowest < Duration::from_secs(5), "a start took {slowest:?}");
    assert!(last_start.elapsed() < Duration::from_secs(10), "complete after {:?}", last_start.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_is_told_to_stop_settles_what_it_took_and_asks_everybody_to_come_back() {
    let _alone = alone().await;
    let seed = seed();
    let database = Database::fresh().await;
    let mut hub = Hub::start(&database).await;
    let storm = Storm::start(hub.address, &database, Size::default(), seed).await;
    storm.acked(300, Duration::from_secs(20)).await;
    let mut longest = Duration::ZERO;
    let rounds = 3 * scale();
    for _ in 0..rounds {
        storm.acked(100, Duration::from_secs(10)).await;
        let (status, took) = hub.terminate().await;
        assert!(status.success(), "{status}; {}", hub.logged());
        longest = longest.max(took);
        // What reached the people before the close frame is counted a moment later.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let stored = database.query("SELECT count(*) FROM entries").await[0].parse::<usize>().unwrap();
        assert_eq!(stored, storm.weather.acked(), "stored, but its sender was not told");
        hub.start_again().await;
    }
    let (people, weather) = (storm.people(), storm.weather.clone());
    storm.must_have_kept_every_promise(&database, Duration::from_secs(10)).await;
    println!("longest stop {longest:?}");
    assert!(longest < Duration::from_secs(10), "a stop took {longest:?}");
    let breaks = weather.breaks.lock().unwrap().clone();
    let told = breaks.get(&1012).copied().unwrap_or(0);
    assert!(told >= people * rounds && breaks.len() == 1, "not everybody was told 1012: {breaks:?}");
}
