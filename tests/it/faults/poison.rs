//! One entry of a batch that PostgreSQL does not take.

use super::{lock::Lock, must_bite};
use crate::support::{Client, Database, Hub, eventually, number, text};
use serde_json::json;
use std::time::Duration;

const ENTRIES: usize = 500;
const POISON: usize = 321;

#[tokio::test]
async fn an_entry_that_cannot_be_stored_is_refused_alone_and_all_others_of_its_batch_are_stored_in_order() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let ids: Vec<String> = (0..ENTRIES).map(|_| uuid::Uuid::now_v7().to_string()).collect();
    let constraint = format!("ALTER TABLE entries ADD CONSTRAINT poison CHECK (id <> '{}') NOT VALID", ids[POISON]);
    database.query(&constraint).await;
    // Everything waits behind this lock, and is one batch when it is gone.
    let lock = Lock::on_threads(&database).await;
    for id in &ids {
        client.send(json!({"type": "send", "id": id, "thread": pair.thread, "body": format!("is {id}")})).await;
    }
    lock.until_the_journal_waits(&database).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    lock.release().await;

    let (mut sent, mut refused) = (Vec::new(), Vec::new());
    while sent.len() + refused.len() < ENTRIES {
        let frame = client.next_frame().await.expect("the connection stays");
        match text(&frame, "type") {
            "sent" => sent.push((number(&frame, "seq"), text(&frame, "id").to_owned())),
            "error" => refused.push((text(&frame, "code").to_owned(), text(&frame, "id").to_owned())),
            _ => {}
        }
    }
    assert_eq!(refused, [("internal".to_owned(), ids[POISON].clone())]);
    let others = ids.iter().enumerate().filter(|(at, _)| *at != POISON).map(|(_, id)| id.clone());
    let expected: Vec<(i64, String)> = (1..).zip(others).collect();
    assert_eq!(sent, expected, "in the sender's order, without a gap");
    for seq in 1..ENTRIES as i64 {
        assert_eq!(number(&clinician.expect("entry").await, "seq"), seq);
    }
    // Statistics are written when a session has been idle for a moment.
    let rollbacks = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()";
    let divided = async || {
        let refused = database.query(rollbacks).await[0].parse::<usize>().unwrap();
        (refused >= 5).then_some(refused)
    };
    let divided = eventually("refused batches to be counted", Duration::from_secs(15), divided).await;
    must_bite("refused batches", divided, 5);
    assert!(hub.logged().contains("one entry or mark cannot be stored"), "{}", hub.logged());
}
