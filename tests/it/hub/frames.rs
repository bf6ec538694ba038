//! Every frame of PROTOCOL: its fields, and its answer.

use crate::support::{Client, Database, Hub, keys, number, text};
use serde_json::{Value, json};
use std::time::Duration;

fn is_instant(value: &Value) -> bool {
    value.as_str().is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok() && text.ends_with('Z'))
}

#[actix_web::test]
async fn welcome_says_who_until_when_and_how_much() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let mut hub = Hub::start(&database).await;
    let client = Client::connect(&hub, &pair.client).await;
    let welcome = &client.welcome;
    let expected = "connection epoch expiresAt heartbeatSeconds limits serverTime type user window";
    assert_eq!(keys(welcome), expected.split(' ').collect::<Vec<_>>());
    assert_eq!(keys(&welcome["user"]), ["id", "name", "role"]);
    assert_eq!((&welcome["user"]["id"], &welcome["user"]["role"]), (&json!(pair.client.id), &json!("client")));
    assert!(is_instant(&welcome["serverTime"]) && is_instant(&welcome["expiresAt"]));
    assert_eq!(welcome["heartbeatSeconds"], 25);
    assert_eq!(welcome["window"], json!({"frames": 1_000, "bytes": 524_288}));
    assert_eq!(keys(&welcome["limits"]), ["bodyCharacters", "frameBytes", "sendsPerMinute"]);
    assert_eq!(
        (number(&welcome["limits"], "frameBytes"), number(&welcome["limits"], "bodyCharacters")),
        (65_536, 8_000)
    );
    // The epoch names the history, not the process or the connection.
    hub.kill();
    hub.start_again().await;
    let again = Client::connect(&hub, &pair.client).await;
    assert_eq!(again.welcome["epoch"], welcome["epoch"]);
    assert_ne!(again.welcome["connection"], welcome["connection"]);
}

#[actix_web::test]
async fn sent_entry_and_page_have_the_fields_of_the_protocol() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let id = uuid::Uuid::new_v4().to_string();
    let send = json!({"type": "send", "id": id, "thread": pair.thread, "body": "Hello", "priority": "urgent",
        "attachments": [], "replyTo": null, "basedOn": null, "unknownKey": {"is": ["ignored"]}});
    let sent = client.ask(send).await;
    assert_eq!(keys(&sent), ["at", "id", "ref", "seq", "thread", "type"]);
    assert_eq!(
        (&sent["type"], &sent["id"], &sent["thread"], number(&sent, "seq")),
        (&json!("sent"), &json!(id), &json!(pair.thread), 1)
    );
    assert!(is_instant(&sent["at"]));

    let entry = clinician.expect("entry").await;
    let expected = json!({"type": "entry", "thread": pair.thread, "seq": 1, "id": id, "kind": "message", "body": "Hello",
        "from": {"id": pair.client.id, "name": "Client 1", "role": "client"}, "priority": "urgent", "attachments": [],
        "replyTo": null, "at": sent["at"]});
    assert_eq!(entry, expected);

    let reply =
        json!({"type": "send", "id": uuid::Uuid::now_v7(), "thread": pair.thread, "body": "Yes?", "replyTo": id});
    clinician.ask(reply).await;
    assert_eq!(client.expect("entry").await["replyTo"], json!(id));

    let page = clinician.ask(json!({"type": "fetch", "thread": pair.thread})).await;
    assert_eq!(keys(&page), ["entries", "more", "ref", "thread", "type"]);
    assert_eq!((&page["type"], &page["more"], &page["thread"]), (&json!("page"), &json!(false), &json!(pair.thread)));
    let mut first = page["entries"][0].clone();
    first["type"] = json!("entry");
    assert_eq!(first, expected, "an entry of a page is the entry that was pushed");
}

#[actix_web::test]
async fn synced_names_all_open_threads_with_the_fields_of_a_thread() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::connect(&hub, &pair.client).await;
    client.say_and_wait(&pair.thread, "Hello").await;
    let mut clinician = Client::connect(&hub, &pair.clinician).await;
    let synced = clinician.ask(json!({"type": "sync", "cursor": null})).await;
    assert_eq!(keys(&synced), ["cursor", "ref", "threads", "type"]);
    assert!(synced["cursor"].is_string());
    let thread = &synced["threads"][0];
    let expected =
        "assignee canReply client delivered head id lastEntryAt participants priority read status subject unread";
    assert_eq!(keys(thread), expected.split(' ').collect::<Vec<_>>());
    assert_eq!((&thread["id"], &thread["subject"]), (&json!(pair.thread), &json!("Load generation")));
    assert_eq!(thread["client"], json!({"id": pair.client.id, "name": "Client 1"}));
    assert_eq!(thread["assignee"], json!({"id": pair.clinician.id, "name": "Clinician 1"}));
    assert_eq!(
        (&thread["status"], &thread["priority"], &thread["canReply"]),
        (&json!("open"), &json!("normal"), &json!(true))
    );
    let marks = ["head", "unread", "delivered", "read"].map(|key| number(thread, key));
    assert_eq!(marks, [1, 1, 0, 0]);
    assert!(is_instant(&thread["lastEntryAt"]));
    let people = thread["participants"].as_array().unwrap();
    assert_eq!(people.len(), 2);
    assert_eq!(keys(&people[0]), ["delivered", "id", "name", "read", "role"]);
}

#[actix_web::test]
async fn a_page_goes_before_and_after_up_to_its_limit_and_says_whether_there_is_more() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    for number in 1..=210 {
        client.say(&pair.thread, &number.to_string()).await;
    }
    client.expect_where("sent", |sent| sent["seq"] == 210).await;
    let mut fetch = async |more: Value| {
        let mut frame = json!({"type": "fetch", "thread": pair.thread});
        frame.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let page = client.ask(frame).await;
        assert_eq!(page["type"], "page", "{page}");
        let seqs: Vec<i64> = page["entries"].as_array().unwrap().iter().map(|entry| number(entry, "seq")).collect();
        assert!(seqs.windows(2).all(|two| two[1] == two[0] + 1), "ascending, no gap: {seqs:?}");
        (seqs.first().copied(), seqs.last().copied(), page["more"] == true)
    };
    assert_eq!(fetch(json!({})).await, (Some(161), Some(210), true), "the newest 50");
    assert_eq!(fetch(json!({"before": 161, "limit": 100})).await, (Some(61), Some(160), true));
    assert_eq!(fetch(json!({"before": 61, "limit": 200})).await, (Some(1), Some(60), false));
    assert_eq!(fetch(json!({"before": 61, "limit": 60})).await, (Some(1), Some(60), false), "exactly the rest");
    assert_eq!(fetch(json!({"after": 0, "limit": 200})).await, (Some(1), Some(200), true));
    assert_eq!(fetch(json!({"after": 200, "limit": 10})).await, (Some(201), Some(210), false));
    assert_eq!(fetch(json!({"after": 210})).await, (None, None, false));
    assert_eq!(fetch(json!({"before": 1, "after": null})).await, (None, None, false));
    assert_eq!(fetch(json!({"before": -5})).await, (None, None, false));
    assert_eq!(fetch(json!({"after": i64::MAX})).await, (None, None, false));
    assert_eq!(fetch(json!({"limit": 1})).await, (Some(210), Some(210), true));
    for wrong in [json!({"limit": 0}), json!({"limit": 201}), json!({"limit": -1}), json!({"before": 5, "after": 2})] {
        let mut frame = json!({"type": "fetch", "thread": pair.thread});
        frame.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let error = client.ask(frame).await;
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("invalid")), "{wrong}");
    }
}

#[actix_web::test]
async fn answers_and_errors_carry_the_ref_of_what_they_answer() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::connect(&hub, &pair.client).await;
    let nowhere = uuid::Uuid::now_v7();
    for (frame, answer, code) in [
        (json!({"type": "ping"}), "pong", Value::Null),
        (json!({"type": "sync"}), "synced", Value::Null),
        (json!({"type": "auth", "token": pair.client.token}), "welcome", Value::Null),
        (json!({"type": "nonsense"}), "error", json!("badFrame")),
        (json!({"type": "send", "id": 7}), "error", json!("badFrame")),
        (json!({"type": "send", "id": nowhere, "thread": nowhere, "body": "x"}), "error", json!("notFound")),
        (json!({"type": "send", "id": nowhere, "thread": pair.thread, "body": " "}), "error", json!("invalid")),
        (json!({"type": "send", "id": "x", "thread": pair.thread, "body": "x"}), "error", json!("invalid")),
        (
            json!({"type": "send", "id": nowhere, "thread": pair.thread, "body": "x", "priority": "high"}),
            "error",
            json!("invalid"),
        ),
        (json!({"type": "fetch", "thread": nowhere}), "error", json!("notFound")),
        (json!({"type": "fetch", "thread": "x"}), "error", json!("notFound")),
        (json!({"type": "read", "thread": nowhere, "seq": 1}), "error", json!("notFound")),
        (json!({"type": "read", "thread": pair.thread, "seq": -1}), "error", json!("invalid")),
        (json!({"type": "delivered", "thread": nowhere, "seq": 1}), "error", json!("notFound")),
        (json!({"type": "typing", "thread": nowhere, "on": true}), "error", json!("notFound")),
        (json!({"type": "acknowledge", "escalation": nowhere}), "error", json!("notFound")),
        (json!({"type": "sync", "cursor": "x".repeat(500)}), "error", json!("invalid")),
    ] {
        let said = client.ask(frame.clone()).await;
        assert_eq!((text(&said, "type"), &said["code"]), (answer, &code), "{frame}: {said}");
        if answer == "error" {
            assert!(!text(&said, "message").is_empty());
            let expected: &[&str] = if said["id"].is_null() {
                &["code", "message", "ref", "type"]
            } else {
                &["code", "id", "message", "ref", "type"]
            };
            assert_eq!(keys(&said), expected);
        }
    }
    client.send(json!({"type": "ping"})).await;
    assert_eq!(client.expect("pong").await, json!({"type": "pong"}), "no ref where none was given");
    client.send(json!({"type": "ping", "ref": "é".repeat(64)})).await;
    assert_eq!(client.expect("pong").await["ref"], "é".repeat(64));
    for reference in [json!("x".repeat(65)), json!(7), json!({})] {
        client.send(json!({"type": "ping", "ref": reference})).await;
        assert_eq!(client.expect("error").await["code"], "badFrame");
    }
}

#[actix_web::test]
async fn a_refused_send_names_its_id() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::connect(&hub, &pair.client).await;
    let id = uuid::Uuid::now_v7().to_string();
    let attachment = uuid::Uuid::now_v7();
    for (more, code) in [
        (json!({"body": ""}), "invalid"),
        (json!({"body": " \n\t\u{2003} "}), "invalid"),
        (json!({"body": "x".repeat(8_001)}), "tooLarge"),
        (json!({"attachments": [attachment]}), "invalid"),
        (json!({"attachments": vec![attachment; 11]}), "invalid"),
        (json!({"body": "", "attachments": [attachment]}), "invalid"),
        (json!({"replyTo": uuid::Uuid::now_v7()}), "invalid"),
        (json!({"replyTo": "x"}), "invalid"),
        (json!({"thread": uuid::Uuid::now_v7()}), "notFound"),
        (json!({"thread": "x"}), "notFound"),
    ] {
        let mut frame = json!({"type": "send", "id": id, "thread": pair.thread, "body": "x"});
        frame.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        client.send(frame).await;
        let error = client.expect("error").await;
        assert_eq!((text(&error, "code"), text(&error, "id")), (code, id.as_str()), "{more}");
    }
    assert_eq!(database.query("SELECT count(*) FROM entries").await, ["0"]);
    // None of these used the id up.
    let sent = client.ask(json!({"type": "send", "id": id, "thread": pair.thread, "body": "x"})).await;
    assert_eq!(sent["type"], "sent");
}

#[actix_web::test]
async fn typing_reaches_the_others_alone_and_lapses_after_six_seconds() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut second = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let type_on = |on: bool| json!({"type": "typing", "thread": pair.thread, "on": on});
    client.send(type_on(true)).await;
    let typing = |on: bool| json!({"type": "typing", "thread": pair.thread, "user": pair.client.id, "on": on});
    assert_eq!(clinician.expect("typing").await, typing(true));
    client.send(type_on(false)).await;
    assert_eq!(clinician.expect("typing").await, typing(false));
    client.send(type_on(true)).await;
    assert_eq!(clinician.expect("typing").await, typing(true));
    let since = std::time::Instant::now();
    tokio::time::sleep(Duration::from_secs(3)).await;
    // Said again: nothing new to tell, but it holds for longer.
    client.send(type_on(true)).await;
    assert_eq!(clinician.expect("typing").await, typing(false));
    let lapsed = since.elapsed().as_secs_f64();
    assert!((8.9..10.0).contains(&lapsed), "six seconds after it was said last: {lapsed}");
    for own in [&mut client, &mut second] {
        let heard = own.collect(Duration::from_millis(100)).await;
        assert!(!heard.iter().any(|frame| frame["type"] == "typing"), "{heard:?}");
    }
}

#[actix_web::test]
async fn presence_tells_who_comes_and_who_has_gone_for_good() {
    let database = Database::fresh().await;
    let pairs = database.pairs(2).await;
    let hub = Hub::start(&database).await;
    let pair = &pairs[0];
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut stranger = Client::synced(&hub, &pairs[1].client).await;
    let is = |state: &str| json!({"type": "presence", "user": pair.clinician.id, "state": state});
    let clinician = Client::synced(&hub, &pair.clinician).await;
    assert_eq!(client.expect("presence").await, is("online"));
    let mut late = Client::synced(&hub, &pair.client).await;
    assert_eq!(late.expect("presence").await, is("online"), "told at once to who comes later");
    drop(clinician);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let clinician = Client::synced(&hub, &pair.clinician).await;
    let heard = client.collect(Duration::from_millis(300)).await;
    assert!(heard.is_empty(), "a broken connection that comes back is nobody's concern: {heard:?}");
    drop(clinician);
    assert_eq!(client.expect("presence").await, is("offline"));
    let heard = stranger.collect(Duration::from_millis(100)).await;
    assert!(heard.is_empty(), "{heard:?}");
}

#[actix_web::test]
async fn whoever_hides_their_presence_is_offline_to_others_at_once_and_when_they_come_back() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let is = |state: &str| json!({"type": "presence", "user": pair.client.id, "state": state});
    assert_eq!(clinician.expect("presence").await, is("online"));
    let choose = async |shows: bool| {
        let call = reqwest::Client::new().patch(hub.url("/api/v1/portal/profile/settings"));
        let answer = call.bearer_auth(&pair.client.token).json(&json!({"showsPresence": shows})).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    };
    choose(false).await;
    assert_eq!(clinician.expect("presence").await, is("offline"));
    client.send(json!({"type": "typing", "thread": pair.thread, "on": true})).await;
    drop(client);
    let mut client = Client::synced(&hub, &pair.client).await;
    client.send(json!({"type": "typing", "thread": pair.thread, "on": true})).await;
    let heard = clinician.collect(Duration::from_millis(300)).await;
    assert!(heard.is_empty(), "{heard:?}");
    choose(true).await;
    assert_eq!(clinician.expect("presence").await, is("online"));
    client.send(json!({"type": "typing", "thread": pair.thread, "on": true})).await;
    assert_eq!(clinician.expect("typing").await["user"], json!(pair.client.id));
}
