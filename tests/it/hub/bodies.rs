//! What people may write: any text, up to 8,000 characters; and what belongs to a message.

use crate::support::{Client, Database, Hub, number, text};
use serde_json::{Value, json};
use std::time::Duration;

#[actix_web::test]
async fn any_script_any_sign_and_every_length_up_to_the_limit_arrives_as_it_was_written() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let bodies = [
        "x".to_owned(),
        "x".repeat(8_000),
        "é".repeat(8_000),
        "\u{1f9d1}".repeat(8_000),
        format!("  {}\n ", "y".repeat(8_000)),
        "Grüße, Ελληνικά, русский, 日本語, 한국어, ไทย, தமிழ்".to_owned(),
        "שלום עולם مرحبا بالعالم \u{202e}reversed\u{202c}".to_owned(),
        "👩🏽‍👩🏿‍👧‍👦 🏳️‍🌈 e\u{301} \u{200b}\u{feff}".to_owned(),
        "\u{0}nul \u{1} \u{7f} \u{85} \u{2028} \u{ffff} \u{10ffff}".to_owned(),
        "\"quotes\" \\ 'and' <script>alert(1)</script> %s {} ; DROP TABLE entries; --".to_owned(),
        "line\r\nline\n\n\ttab".to_owned(),
    ];
    for body in &bodies {
        client.say_and_wait(&pair.thread, body).await;
        assert_eq!(text(&clinician.expect("entry").await, "body"), body);
    }
    let page = clinician.ask(json!({"type": "fetch", "thread": pair.thread})).await;
    let stored: Vec<&str> = page["entries"].as_array().unwrap().iter().map(|entry| text(entry, "body")).collect();
    assert_eq!(stored, bodies);
}

#[actix_web::test]
async fn one_character_more_than_the_limit_is_too_large_in_any_script() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    for sign in ["x", "é", "\u{1f9d1}"] {
        client.say(&pair.thread, &sign.repeat(8_001)).await;
        assert_eq!(client.expect("error").await["code"], "tooLarge");
    }
    for empty in ["", " ", "\n\t\r ", "\u{a0}\u{2003}\u{3000}"] {
        client.say(&pair.thread, empty).await;
        assert_eq!(client.expect("error").await["code"], "invalid", "{empty:?}");
    }
    assert_eq!(database.query("SELECT count(*) FROM entries").await, ["0"]);
}

#[actix_web::test]
async fn a_reply_is_to_an_entry_of_the_same_thread() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let other = hub.open_thread(&pair.client, "Another").await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let here = client.say_and_wait(&pair.thread, "here").await;
    let there = client.say_and_wait(&other, "there").await;
    let reply = |to: &Value| json!({"type": "send", "id": uuid::Uuid::now_v7(), "thread": pair.thread, "body": "x", "replyTo": to});
    assert_eq!(client.ask(reply(&here["id"])).await["type"], "sent");
    let refused = client.ask(reply(&there["id"])).await;
    assert_eq!((text(&refused, "type"), text(&refused, "code")), ("error", "invalid"));
}

#[actix_web::test]
async fn a_closed_thread_takes_no_message_but_says_so_and_can_still_be_read() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let first = client.say_and_wait(&pair.thread, "first").await;
    let path = |what: &str| format!("/api/v1/ehr/threads/{}/{what}", pair.thread);
    hub.post(&path("close"), &pair.clinician, json!({})).await;
    let thread = client.expect_where("thread", |thread| thread["status"] == "closed").await;
    assert_eq!((&thread["id"], &thread["canReply"]), (&json!(pair.thread), &json!(false)));
    let id = uuid::Uuid::now_v7();
    let send = json!({"type": "send", "id": id, "thread": pair.thread, "body": "late"});
    let error = client.ask(send.clone()).await;
    assert_eq!((text(&error, "code"), &error["id"]), ("threadClosed", &json!(id)));
    assert_eq!(client.ask(json!({"type": "fetch", "thread": pair.thread})).await["type"], "page");
    // A resend of what was stored before is still the same entry.
    let again = json!({"type": "send", "id": first["id"], "thread": pair.thread, "body": "first"});
    assert_eq!(client.ask(again).await["seq"], first["seq"]);
    hub.post(&path("reopen"), &pair.clinician, json!({})).await;
    client.expect_where("thread", |thread| thread["status"] == "open").await;
    assert_eq!(client.ask(send).await["type"], "sent");
}

#[actix_web::test]
async fn a_clinician_sees_what_a_colleague_wrote_meanwhile_once_and_can_send_anyway() {
    let database = Database::fresh().await;
    let group = database.group(3).await;
    let hub = Hub::start(&database).await;
    let [client, one, two] = [0, 1, 2].map(|number| group.participants[number].clone());
    let mut client = Client::synced(&hub, &client).await;
    let mut one = Client::synced(&hub, &one).await;
    let mut two = Client::synced(&hub, &two).await;
    client.say_and_wait(&group.thread, "question").await;
    let send = |id: uuid::Uuid, based_on: Option<i64>| {
        let mut frame = json!({"type": "send", "id": id, "thread": group.thread, "body": "answer"});
        if let Some(seq) = based_on {
            frame["basedOn"] = json!(seq);
        }
        frame
    };
    assert_eq!(one.ask(send(uuid::Uuid::now_v7(), Some(1))).await["type"], "sent", "nobody has written since");
    let id = uuid::Uuid::now_v7();
    let conflict = two.ask(send(id, Some(1))).await;
    assert_eq!((text(&conflict, "type"), text(&conflict, "code"), &conflict["id"]), ("error", "conflict", &json!(id)));
    let newer = conflict["entries"].as_array().unwrap();
    assert_eq!(newer.len(), 1);
    assert_eq!((number(&newer[0], "seq"), text(&newer[0], "body"), text(&newer[0], "kind")), (2, "answer", "message"));
    assert_eq!(database.query("SELECT head FROM threads").await, ["2"], "not stored yet");
    assert_eq!(number(&two.ask(send(id, None)).await, "seq"), 3);
    // What the client, or oneself, wrote since is no reason to hold a send back.
    client.say_and_wait(&group.thread, "thanks").await;
    assert_eq!(number(&two.ask(send(uuid::Uuid::now_v7(), Some(3))).await, "seq"), 5);
    let heard = client.collect(Duration::from_millis(100)).await;
    assert!(!heard.iter().any(|frame| frame["type"] == "error"));
}
