//! What the WebSocket shows and refuses leaves its rows, too.

use crate::support::{Client, Database, Hub, eventually};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

async fn count(database: &Database, condition: &str) -> usize {
    database.query(&format!("SELECT count(*) FROM audit_events WHERE {condition}")).await[0].parse().unwrap()
}

async fn until(database: &Database, condition: &str, wanted: usize) {
    let reached = async || (count(database, condition).await >= wanted).then_some(());
    eventually(&format!("{wanted} rows where {condition}"), SOON, reached).await;
    assert_eq!(count(database, condition).await, wanted, "{condition}");
}

#[tokio::test]
async fn what_a_connection_is_shown_is_in_the_log_once_a_thread_and_before_the_first_word() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    // The sync has left its row before it was answered.
    let by = format!("actor_id = '{}'", pair.clinician.id);
    let synced = format!("{by} AND action = 'threads.synchronised' AND host(address) = '127.0.0.1'");
    assert_eq!(count(&database, &synced).await, 1);
    for word in ["one", "two", "three"] {
        client.say_and_wait(&pair.thread, word).await;
        clinician.expect("entry").await;
    }
    let viewed = format!(
        "{by} AND action = 'thread.viewed' AND object_id = '{}' AND client_id = '{}'",
        pair.thread, pair.client.id
    );
    until(&database, &viewed, 1).await;
    until(&database, &format!("{by} AND action = 'connection.opened'"), 1).await;
    // On another connection it is another showing; and whoever asks for a page is told of each time.
    let mut second = Client::synced(&hub, &pair.clinician).await;
    client.say_and_wait(&pair.thread, "four").await;
    second.expect("entry").await;
    until(&database, &viewed, 2).await;
    second.send(json!({"type": "fetch", "thread": pair.thread})).await;
    second.expect("page").await;
    assert_eq!(count(&database, &viewed).await, 3);
    // The author's own connection was shown nothing of others.
    let own = format!("actor_id = '{}' AND action = 'thread.viewed'", pair.client.id);
    assert_eq!(count(&database, &own).await, 0);
}

#[tokio::test]
async fn frames_about_what_is_not_ones_own_leave_a_refusal_each() {
    let database = Database::fresh().await;
    let pairs = database.pairs(2).await;
    let hub = Hub::start(&database).await;
    let (mine, theirs) = (&pairs[0], &pairs[1].thread);
    let mut client = Client::synced(&hub, &mine.client).await;
    client.send(json!({"type": "fetch", "thread": theirs})).await;
    assert_eq!(client.expect("error").await["code"], "notFound");
    let refused = format!("actor_id = '{}' AND action = 'access.refused' AND outcome = 'refused'", mine.client.id);
    let named = format!("{refused} AND object_id = '{theirs}'");
    assert_eq!(count(&database, &named).await, 1, "before the answer");
    let id = uuid::Uuid::now_v7();
    client.send(json!({"type": "send", "id": id, "thread": theirs, "body": "let me in"})).await;
    assert_eq!(client.expect("error").await["code"], "notFound");
    until(&database, &named, 2).await;
    for (frame, asked) in [
        ("read", json!({"type": "read", "thread": theirs, "seq": 1})),
        ("delivered", json!({"type": "delivered", "thread": theirs, "seq": 1})),
        ("typing", json!({"type": "typing", "thread": theirs, "on": true})),
    ] {
        client.send(asked).await;
        assert_eq!(client.expect("error").await["code"], "notFound", "{frame}");
        until(&database, &format!("{named} AND detail->>'frame' = '{frame}'"), 1).await;
    }
    until(&database, &refused, 5).await;
}

#[tokio::test]
async fn a_hub_that_is_told_to_stop_writes_what_was_noted_first() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let mut hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    client.say_and_wait(&pair.thread, "the last word").await;
    clinician.expect("entry").await;
    hub.terminate().await;
    let viewed = format!("actor_id = '{}' AND action = 'thread.viewed'", pair.clinician.id);
    assert_eq!(count(&database, &viewed).await, 1);
}
