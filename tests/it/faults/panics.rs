//! A panic inside the hub. What provokes it is a thread whose head is the last number there is: arithmetic behind it
//! overflows, which a build with debug assertions turns into a panic.
#![cfg(debug_assertions)]

use super::must_bite;
use crate::support::{Client, Database, Hub, eventually, number};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_mailbox_that_panics_is_replaced_within_a_second_and_nothing_is_lost() {
    let database = Database::fresh().await;
    let pairs = database.pairs(2).await;
    let (pair, other) = (&pairs[0], &pairs[1]);
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let mut elsewhere = Client::synced(&hub, &other.client).await;
    // The mailbox is made while the head is the last number, and compared with the store within ten seconds.
    let head = |head: i64| format!("UPDATE threads SET head = {head} WHERE id = '{}'", pair.thread);
    database.query(&head(i64::MAX)).await;
    client.send(json!({"type": "typing", "thread": pair.thread, "on": true})).await;
    clinician.expect("typing").await;
    let panicked = async || (hub.logged().contains("panicked at")).then_some(());
    eventually("a panic", Duration::from_secs(15), panicked).await;
    let since = Instant::now();
    database.query(&head(0)).await;

    let sent = client.say_and_wait(&pair.thread, "still here").await;
    let usable = since.elapsed();
    assert_eq!(number(&sent, "seq"), 1);
    assert_eq!(number(&clinician.expect("entry").await, "seq"), 1);
    elsewhere.say_and_wait(&other.thread, "nothing noticed").await;
    println!("usable again after {usable:?}");
    assert!(usable < Duration::from_secs(1), "{usable:?}");
    must_bite("replaced mailboxes", hub.logged().matches("a mailbox failed and was replaced").count(), 1);
}
