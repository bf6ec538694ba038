//! PROTOCOL's guarantees, one by one.

use crate::support::{Client, Database, Hub, number};
use serde_json::json;
use std::time::Duration;

#[actix_web::test]
async fn two_people_chat_live_and_nobody_else_hears_them() {
    let database = Database::fresh().await;
    let pairs = database.pairs(2).await;
    let hub = Hub::start(&database).await;
    let (pair, other) = (&pairs[0], &pairs[1]);
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let mut stranger = Client::synced(&hub, &other.clinician).await;
    let sent = client.say_and_wait(&pair.thread, "Good morning").await;
    assert_eq!(number(&sent, "seq"), 1);
    let entry = clinician.expect("entry").await;
    assert_eq!((&entry["body"], &entry["seq"], &entry["at"]), (&json!("Good morning"), &json!(1), &sent["at"]));
    clinician.send(json!({"type": "read", "thread": pair.thread, "seq": 1})).await;
    let receipt = client.expect("receipt").await;
    assert_eq!(
        (&receipt["user"], &receipt["read"], &receipt["delivered"]),
        (&json!(pair.clinician.id), &json!(1), &json!(1))
    );
    let heard = stranger.collect(Duration::from_millis(300)).await;
    assert!(heard.is_empty(), "{heard:?}");
}

#[actix_web::test]
async fn the_same_id_again_is_the_same_entry_and_with_another_body_a_conflict() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let first = client.say_and_wait(&pair.thread, "once").await;
    let again = json!({"type": "send", "id": first["id"], "thread": pair.thread, "body": "once", "ref": "again"});
    client.send(again).await;
    let repeated = client.expect("sent").await;
    assert_eq!((&repeated["seq"], &repeated["at"], &repeated["ref"]), (&first["seq"], &first["at"], &json!("again")));
    client.send(json!({"type": "send", "id": first["id"], "thread": pair.thread, "body": "twice"})).await;
    let error = client.expect("error").await;
    assert_eq!((&error["code"], &error["id"]), (&json!("conflict"), &first["id"]));
    assert_eq!(database.query("SELECT count(*) FROM entries").await, ["1"]);
}
