//! G6: receipts only grow.

use crate::support::{Client, Database, Hub, keys, number};
use serde_json::{Value, json};
use std::time::Duration;

fn marks(receipt: &Value) -> (i64, i64) {
    (number(receipt, "delivered"), number(receipt, "read"))
}

#[actix_web::test]
async fn marks_only_grow_read_implies_delivered_and_nobody_gets_past_the_head() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    for _ in 0..5 {
        client.say_and_wait(&pair.thread, "x").await;
    }
    let mark = |kind: &str, seq: i64| json!({"type": kind, "thread": pair.thread, "seq": seq});
    clinician.send(mark("delivered", 2)).await;
    let receipt = client.expect("receipt").await;
    assert_eq!(keys(&receipt), ["delivered", "read", "thread", "type", "user"]);
    assert_eq!((&receipt["user"], marks(&receipt)), (&json!(pair.clinician.id), (2, 0)));
    clinician.send(mark("read", 3)).await;
    assert_eq!(marks(&client.expect("receipt").await), (3, 3), "read implies delivered");
    // Back, the same again, zero: nothing moves and nothing is told.
    for (kind, seq) in [("read", 1), ("delivered", 3), ("delivered", 0), ("read", 3), ("read", 0)] {
        clinician.send(mark(kind, seq)).await;
    }
    clinician.send(mark("delivered", i64::MAX)).await;
    assert_eq!(marks(&client.expect("receipt").await), (5, 3), "clamped to the head");
    clinician.send(mark("read", 1_000_000)).await;
    assert_eq!(marks(&client.expect("receipt").await), (5, 5));
    let rest = client.collect(Duration::from_millis(300)).await;
    assert!(!rest.iter().any(|frame| frame["type"] == "receipt"), "{rest:?}");
    let stored = format!("SELECT delivered || ' ' || read FROM participants WHERE user_id = '{}'", pair.clinician.id);
    assert_eq!(database.query(&stored).await, ["5 5"]);
}

#[actix_web::test]
async fn marks_survive_a_kill_of_the_hub() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let mut hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    for _ in 0..3 {
        client.say_and_wait(&pair.thread, "x").await;
    }
    clinician.send(json!({"type": "read", "thread": pair.thread, "seq": 2})).await;
    assert_eq!(marks(&client.expect("receipt").await), (2, 2));
    hub.kill();
    hub.start_again().await;
    let mut clinician = Client::connect(&hub, &pair.clinician).await;
    let synced = clinician.sync(Value::Null, json!({})).await;
    let thread = &synced["threads"][0];
    assert_eq!((marks(thread), number(thread, "unread")), ((2, 2), 1));
    let mut client = Client::synced(&hub, &pair.client).await;
    // Lower than before the restart: still nothing.
    clinician.send(json!({"type": "delivered", "thread": pair.thread, "seq": 1})).await;
    clinician.send(json!({"type": "delivered", "thread": pair.thread, "seq": 3})).await;
    assert_eq!(marks(&client.expect("receipt").await), (3, 2));
}

#[actix_web::test]
async fn read_is_told_to_the_readers_other_connections_and_delivered_is_not() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut here = Client::synced(&hub, &pair.clinician).await;
    let mut there = Client::synced(&hub, &pair.clinician).await;
    client.say_and_wait(&pair.thread, "x").await;
    here.send(json!({"type": "delivered", "thread": pair.thread, "seq": 1})).await;
    assert_eq!(marks(&client.expect("receipt").await), (1, 0));
    here.send(json!({"type": "read", "thread": pair.thread, "seq": 1})).await;
    let receipt = there.expect("receipt").await;
    assert_eq!((&receipt["user"], marks(&receipt)), (&json!(pair.clinician.id), (1, 1)));
    assert_eq!(marks(&client.expect("receipt").await), (1, 1));
    for own in [&mut here, &mut there] {
        let rest = own.collect(Duration::from_millis(200)).await;
        assert!(!rest.iter().any(|frame| frame["type"] == "receipt"), "{rest:?}");
    }
}

#[actix_web::test]
async fn what_is_marked_at_once_from_all_sides_ends_at_the_highest_and_never_falls() {
    let database = Database::fresh().await;
    let group = database.group(4).await;
    let hub = Hub::start(&database).await;
    let mut watcher = Client::synced(&hub, &group.participants[0]).await;
    for _ in 0..40 {
        watcher.say(&group.thread, "x").await;
    }
    watcher.expect_where("sent", |sent| sent["seq"] == 40).await;
    let mut others = Vec::new();
    for who in &group.participants[1..] {
        others.push(Client::connect(&hub, who).await);
        others.push(Client::connect(&hub, who).await);
    }
    for round in 0..40_i64 {
        for (number, other) in others.iter_mut().enumerate() {
            let seq = (round * 13 + number as i64 * 7) % 41;
            let kind = if round % 3 == 0 { "read" } else { "delivered" };
            other.send(json!({"type": kind, "thread": group.thread, "seq": seq})).await;
        }
    }
    for other in &mut others {
        other.send(json!({"type": "read", "thread": group.thread, "seq": 40})).await;
    }
    let mut last = std::collections::HashMap::new();
    while last.len() < 3 || last.values().any(|marks| *marks != (40, 40)) {
        let receipt = watcher.expect("receipt").await;
        let now = marks(&receipt);
        let before = last.insert(receipt["user"].as_str().unwrap().to_owned(), now).unwrap_or_default();
        assert!(now.0 >= before.0 && now.1 >= before.1 && now.0 >= now.1, "{before:?} {now:?}");
    }
}
