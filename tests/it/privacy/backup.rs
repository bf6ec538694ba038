//! O6: a backup brings everything back, and whoever was ahead of it notices.

use crate::support::{Client, Database, Hub, number, text};
use serde_json::{Value, json};
use std::time::Instant;

#[actix_web::test]
async fn a_restored_backup_holds_every_entry_in_its_order_under_a_new_epoch() {
    let database = Database::fresh().await;
    let pairs = database.pairs(20).await;
    let hub = Hub::start(&database).await;
    let mut first = Client::synced(&hub, &pairs[0].client).await;
    for pair in &pairs {
        let mut client = Client::synced(&hub, &pair.client).await;
        for number in 0..5 {
            client.say_and_wait(&pair.thread, &format!("number {number}")).await;
        }
    }
    let cursor = text(&first.sync(Value::Null, json!({})).await, "cursor").to_owned();
    let state = "SELECT md5(string_agg(e::text, '|' ORDER BY thread_id, seq)) FROM entries e";
    let before = database.query(state).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    let began = Instant::now();
    database.back_up(&file);
    let backed_up = began.elapsed();
    // What is said from here on is what a restore loses.
    first.say_and_wait(&pairs[0].thread, "after the backup").await;
    drop(hub);

    let began = Instant::now();
    let restored = Database::empty().await;
    restored.restore(&file);
    let hub = Hub::start(&restored).await;
    let back = began.elapsed();
    println!("backed up in {backed_up:?}, serving again {back:?} after the order to restore");
    assert_eq!(restored.query(state).await, before);
    let gaps = "SELECT count(*) FROM threads t WHERE head <> (SELECT count(*) FROM entries WHERE thread_id = t.id) \
        OR head <> (SELECT COALESCE(max(seq), 0) FROM entries WHERE thread_id = t.id)";
    assert_eq!(restored.query(gaps).await, ["0"]);
    for pair in &pairs {
        let mut client = Client::connect(&hub, &pair.client).await;
        let page = client.ask(json!({"type": "fetch", "thread": pair.thread})).await;
        let bodies: Vec<&str> = page["entries"].as_array().unwrap().iter().map(|entry| text(entry, "body")).collect();
        assert_eq!(bodies, ["number 0", "number 1", "number 2", "number 3", "number 4"]);
    }
    // Whoever knew more than the backup is told all of it anew, and goes on writing.
    let epochs = [
        database.query("SELECT epoch FROM store_identity").await,
        restored.query("SELECT epoch FROM store_identity").await,
    ];
    assert_ne!(epochs[0], epochs[1]);
    let mut ahead = Client::connect(&hub, &pairs[0].client).await;
    let synced = ahead.sync(json!(cursor), json!({&pairs[0].thread: 6})).await;
    assert!(!text(&synced, "cursor").starts_with(&epochs[0][0]), "{synced}");
    assert_eq!(synced["threads"].as_array().unwrap().len(), 1, "an old cursor counts for nothing: {synced}");
    assert_eq!(number(&ahead.say_and_wait(&pairs[0].thread, "once more").await, "seq"), 6);

    // Nothing of the log of who did what was touched on the way, and new rows go on after the old ones.
    let output = super::super::keys::carehub(&restored, &["audit", "verify"], &[]).await;
    assert!(output.0 && output.1.contains("The audit log is whole."), "{}", output.1);
}
