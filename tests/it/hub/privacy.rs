//! G7: nobody sees, or learns of, what is not theirs.

use crate::support::{Client, Database, Hub, Pair, eventually, number, text};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

/// The next text frame as it came.
async fn next_text(client: &mut Client) -> String {
    use futures_util::StreamExt;
    loop {
        match tokio::time::timeout(Duration::from_secs(5), client.socket.next()).await.expect("an answer") {
            Some(Ok(Message::Text(text))) if !text.contains("\"presence\"") => return text.to_string(),
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn leave(database: &Database, pair: &Pair) {
    let (thread, user) = (&pair.thread, &pair.clinician.id);
    database
        .query(&format!(
            "BEGIN; UPDATE threads SET version = version + 1, assignee_id = NULL, changed_xid = pg_current_xact_id() \
             WHERE id = '{thread}'; UPDATE participants SET left_at = now(), changed_xid = pg_current_xact_id() \
             WHERE thread_id = '{thread}' AND user_id = '{user}'; \
             UPDATE threads SET status = 'closed' WHERE id = '{thread}'; COMMIT"
        ))
        .await;
}

#[actix_web::test]
async fn a_strangers_thread_and_an_unknown_one_answer_byte_for_byte_alike() {
    let database = Database::fresh().await;
    let pairs = database.pairs(2).await;
    let hub = Hub::start(&database).await;
    let mut owner = Client::synced(&hub, &pairs[0].client).await;
    owner.say_and_wait(&pairs[0].thread, "private").await;
    for stranger in [&pairs[1].client, &pairs[1].clinician] {
        let mut stranger = Client::synced(&hub, stranger).await;
        let id = uuid::Uuid::now_v7();
        for frame in [
            json!({"type": "send", "ref": "r", "id": id, "body": "x"}),
            json!({"type": "send", "ref": "r", "id": id, "body": "x", "priority": "emergency", "replyTo": id, "basedOn": 0}),
            json!({"type": "fetch", "ref": "r"}),
            json!({"type": "fetch", "ref": "r", "after": 0, "limit": 1}),
            json!({"type": "read", "ref": "r", "seq": 1}),
            json!({"type": "delivered", "ref": "r", "seq": 1}),
            json!({"type": "typing", "ref": "r", "on": true}),
        ] {
            let mut answers = Vec::new();
            for thread in [pairs[0].thread.clone(), uuid::Uuid::now_v7().to_string(), "no id".to_owned()] {
                let mut frame = frame.clone();
                frame["thread"] = json!(thread);
                stranger.send(frame).await;
                answers.push(next_text(&mut stranger).await);
            }
            assert!(answers[0].contains(r#""code":"notFound""#), "{}", answers[0]);
            assert_eq!(answers[0], answers[1], "{frame}");
            assert_eq!(answers[0], answers[2], "{frame}");
        }
        let acknowledge = json!({"type": "acknowledge", "escalation": uuid::Uuid::now_v7()});
        assert_eq!(stranger.ask(acknowledge).await["code"], "notFound");
        let mut synced = Vec::new();
        for thread in [pairs[0].thread.clone(), uuid::Uuid::now_v7().to_string()] {
            let cursor = stranger.sync(Value::Null, json!({})).await["cursor"].clone();
            let mut answer = stranger.sync(cursor, json!({thread: 0})).await;
            answer["cursor"] = Value::Null;
            answer["ref"] = Value::Null;
            answer["threads"] = Value::Null;
            synced.push(answer);
        }
        assert_eq!(synced[0], synced[1]);
        let heard = stranger.collect(Duration::from_millis(200)).await;
        assert!(heard.iter().all(|frame| frame["type"] == "presence"), "{heard:?}");
    }
    // Nothing of this reached the thread.
    let heard = owner.collect(Duration::from_millis(100)).await;
    assert!(heard.iter().all(|frame| frame["type"] == "presence"), "{heard:?}");
    assert_eq!(database.query("SELECT count(*) FROM entries").await, ["1"]);
    assert_eq!(database.query("SELECT count(*) FROM participants").await, ["4"]);
}

#[actix_web::test]
async fn who_is_removed_hears_nothing_more_and_cannot_read_or_write() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let mut second = Client::synced(&hub, &pair.clinician).await;
    client.say_and_wait(&pair.thread, "before").await;
    assert_eq!(clinician.expect("entry").await["body"], "before");
    assert_eq!(second.expect("entry").await["body"], "before");
    leave(&database, &pair).await;
    database.query("UPDATE threads SET status = 'open', version = version + 1, assignee_id = client_id").await;
    // Not announced to the hub: the very next entry must find it out by itself.
    client.say_and_wait(&pair.thread, "after").await;
    client.send(json!({"type": "read", "thread": pair.thread, "seq": 2})).await;
    client.send(json!({"type": "typing", "thread": pair.thread, "on": true})).await;
    for gone in [&mut clinician, &mut second] {
        let heard = gone.collect(Duration::from_millis(300)).await;
        let heard: Vec<_> = heard.iter().filter(|frame| frame["type"] != "presence").collect();
        assert!(heard.is_empty(), "{heard:?}");
    }
    for frame in [
        json!({"type": "fetch", "thread": pair.thread}),
        json!({"type": "send", "thread": pair.thread, "id": uuid::Uuid::now_v7(), "body": "x"}),
        json!({"type": "read", "thread": pair.thread, "seq": 2}),
        json!({"type": "typing", "thread": pair.thread, "on": true}),
    ] {
        assert_eq!(clinician.ask(frame.clone()).await["code"], "notFound", "{frame}");
    }
    let synced = clinician.sync(Value::Null, json!({&pair.thread: 0})).await;
    assert_eq!(synced["threads"], json!([]));
    let heard = clinician.collect(Duration::from_millis(200)).await;
    assert!(!heard.iter().any(|frame| frame["type"] == "entry"), "{heard:?}");
}

#[actix_web::test]
async fn who_is_removed_while_catching_up_sees_nothing_written_after() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start_with(&database, &[("CAREHUB_WINDOW_FRAMES", "10")]).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    for _ in 0..30 {
        client.say_and_wait(&pair.thread, "before").await;
    }
    assert_eq!(clinician.entries(&pair.thread, 10).await.len(), 10);
    leave(&database, &pair).await;
    database.query("UPDATE threads SET status = 'open', version = version + 1, assignee_id = client_id").await;
    client.say_and_wait(&pair.thread, "after").await;
    clinician.send(json!({"type": "delivered", "thread": pair.thread, "seq": 10})).await;
    let heard = clinician.collect(Duration::from_millis(400)).await;
    assert!(!heard.iter().any(|frame| frame["type"] == "entry"), "{heard:?}");
}

#[actix_web::test]
async fn who_gave_a_thread_away_no_longer_hears_who_is_there() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let client = Client::synced(&hub, &pair.client).await;
    clinician.expect("presence").await;
    hub.post(&format!("/api/v1/ehr/threads/{}/assign", pair.thread), &pair.clinician, json!({"assignee": null})).await;
    eventually("the clinician takes no part", Duration::from_secs(3), async || {
        let left = "SELECT count(*) FROM participants WHERE left_at IS NOT NULL";
        (database.query(left).await == ["1"]).then_some(())
    })
    .await;
    clinician.collect(Duration::from_millis(300)).await;
    drop(client);
    let heard = clinician.collect(Duration::from_secs(7)).await;
    assert!(!heard.iter().any(|frame| frame["type"] == "presence"), "{heard:?}");
}

#[actix_web::test]
async fn a_note_is_for_a_client_a_notice_without_words_or_author_in_an_unbroken_log() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    client.say_and_wait(&pair.thread, "one").await;
    let notes = format!("/api/v1/ehr/threads/{}/notes", pair.thread);
    let note = hub.post(&notes, &pair.clinician, json!({"body": "between us"})).await;
    client.say_and_wait(&pair.thread, "three").await;
    assert_eq!(clinician.expect_where("entry", |entry| entry["seq"] == 2).await["body"], "between us");
    let placeholder = json!({"thread": pair.thread, "seq": 2, "id": note["id"], "kind": "notice", "from": null, "body": "",
        "priority": "normal", "attachments": [], "replyTo": null, "at": note["at"]});
    let mut pushed = placeholder.clone();
    pushed["type"] = json!("entry");
    assert_eq!(client.expect("entry").await, pushed, "live");
    let mut late = Client::connect(&hub, &pair.client).await;
    late.sync(Value::Null, json!({&pair.thread: 0})).await;
    let caught_up = late.entries(&pair.thread, 3).await;
    assert_eq!(caught_up[1], pushed, "caught up");
    assert_eq!(caught_up.iter().map(|entry| number(entry, "seq")).collect::<Vec<_>>(), [1, 2, 3]);
    let page = client.ask(json!({"type": "fetch", "thread": pair.thread})).await;
    assert_eq!(page["entries"][1], placeholder, "fetched");
    let page = clinician.ask(json!({"type": "fetch", "thread": pair.thread})).await;
    assert_eq!(text(&page["entries"][1], "kind"), "note");
    // Nor does it count as unread, or come up anywhere else.
    let synced = client.sync(Value::Null, json!({})).await;
    assert_eq!(number(&synced["threads"][0], "unread"), 0);
    assert!(!synced.to_string().contains("between us"));
}
