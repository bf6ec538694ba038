//! A store whose every commit takes half a second.

use super::{
    alone,
    history::percentile,
    must_bite,
    storm::{Size, Storm, seed},
};
use crate::support::{Client, Database, Hub, text};
use serde_json::json;
use std::time::{Duration, Instant};

/// Sleeps once in each transaction that stores an entry, when it commits.
const SLOW: &str = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('slow.transaction', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
            PERFORM set_config('slow.transaction', pg_current_xact_id()::text, false), pg_sleep(0.5);
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_commits_are_shared_by_all_who_wait_so_that_nobody_waits_for_long() {
    let _alone = alone().await;
    let seed = seed();
    let database = Database::fresh().await;
    database.query(SLOW).await;
    let hub = Hub::start(&database).await;
    let storm = Storm::start(hub.address, &database, Size::default(), seed).await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    let weather = storm.weather.clone();
    let (history, _) = storm.must_have_kept_every_promise(&database, Duration::from_secs(10)).await;
    let times = history.latencies(|_| true);
    let (median, slowest) = (percentile(&times, 0.5), percentile(&times, 0.99));
    println!("{} messages, median {median:?}, 99th of 100 {slowest:?}", times.len());
    // A commit for each message would take minutes.
    must_bite("messages", times.len(), 500);
    assert!(median > Duration::from_millis(400), "vacuous: commits were not slow, {median:?}");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    assert_eq!((weather.told_busy(), weather.broken()), (0, 0));
}

#[tokio::test]
async fn an_urgent_message_goes_before_thousands_of_normal_ones_that_came_first() {
    const NORMAL: usize = 900;
    let _alone = alone().await;
    let database = Database::fresh().await;
    database.query(SLOW).await;
    let pairs = database.pairs(5).await;
    let hub = Hub::start(&database).await;
    let mut crowd = Vec::new();
    for pair in &pairs[..4] {
        crowd.push((Client::synced(&hub, &pair.client).await, pair.thread.clone()));
    }
    let mut urgent = Client::synced(&hub, &pairs[4].client).await;
    let id = uuid::Uuid::now_v7().to_string();
    let started = Instant::now();
    for (client, thread) in &mut crowd {
        for number in 0..NORMAL {
            client.say(thread, &format!("{number}")).await;
        }
    }
    let sending = started.elapsed();
    let asked = database.query("SELECT clock_timestamp()").await.remove(0);
    let since = Instant::now();
    let thread = &pairs[4].thread;
    urgent.send(json!({"type": "send", "id": id, "thread": thread, "body": "now", "priority": "urgent"})).await;
    urgent.expect_where("sent", |frame| text(frame, "id") == id).await;
    let took = since.elapsed();
    for (client, _) in &mut crowd {
        for _ in 0..NORMAL {
            client.expect("sent").await;
        }
    }
    println!("urgent after {took:?}, the last normal one {:?} later; sending took {sending:?}", since.elapsed() - took);
    let after = format!("SELECT count(*) FROM entries WHERE at > (SELECT at FROM entries WHERE id = '{id}')");
    must_bite("normal messages stored after it", database.query(&after).await[0].parse().unwrap(), 1_000);
    // It waits for the batch that was being stored when it came, at most for one more, which was being put together.
    let between = format!(
        "SELECT count(DISTINCT at) FROM entries WHERE at > '{asked}' AND at < (SELECT at FROM entries WHERE id = '{id}')"
    );
    let between = database.query(&between).await[0].parse::<usize>().unwrap();
    assert!(between <= 1 && took < Duration::from_secs(3), "{between} batches before it, {took:?}");
}
