//! What people wrote is in no log and, in words, nowhere in the database; and opens only where it was written.

use crate::support::raw::{FIN, TEXT, frame};
use crate::support::{Client, Database, Hub, Raw, eventually, number, text};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[actix_web::test]
async fn what_people_write_is_in_no_line_of_the_log_and_in_no_column() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    database.query(&format!("UPDATE users SET name = 'Canaryname' WHERE id = '{}'", pair.clinician.id)).await;
    let hub = Hub::start_with(&database, &[("CAREHUB_LOG", "trace")]).await;
    let opened = hub
        .post("/api/v1/portal/messages", &pair.client, json!({"subject": "Canarysubject", "body": "Canaryopening"}))
        .await;
    let thread = text(&opened["thread"], "id").to_owned();
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let sent = client.say_and_wait(&pair.thread, "Canarybody \u{1f426}").await;
    clinician.expect("entry").await;
    let of = |what: &str| format!("/api/v1/ehr/threads/{}/{what}", pair.thread);
    let own = clinician.say_and_wait(&pair.thread, "Canaryanswer").await;
    hub.post(&of("notes"), &pair.clinician, json!({"body": "Canarynote"})).await;
    hub.post(
        &of(&format!("entries/{}/correction", text(&own, "id"))),
        &pair.clinician,
        json!({"body": "Canarycorrection"}),
    )
    .await;
    let draft = format!("/api/v1/portal/messages/{thread}/draft");
    let (status, saved) =
        hub.call(Method::PUT, &draft, &pair.client, Some(json!({"body": "Canarydraft", "revision": 0}))).await;
    assert_eq!(status, 200, "{saved}");
    // Whatever goes wrong on the way, too.
    client.send_text("{\"type\":\"send\",\"body\":\"Canarybroken\"}").await;
    client.send_text("Canarynoise").await;
    client.send(json!({"type": "send", "id": sent["id"], "thread": pair.thread, "body": "Canaryconflict"})).await;
    client
        .send(
            json!({"type": "send", "id": uuid::Uuid::now_v7(), "thread": uuid::Uuid::now_v7(), "body": "Canarystray"}),
        )
        .await;
    client.send(json!({"type": "send", "id": uuid::Uuid::now_v7(), "thread": pair.thread, "body": "Canarylong".repeat(1_000)})).await;
    client.send(json!({"type": "ping", "ref": "Canaryref"})).await;
    client.expect("pong").await;
    let mut raw = Raw::connect(&hub, &pair.client).await;
    raw.write(&frame(FIN | TEXT, b"{\"type\":\"send\",\"body\":\"Canaryutf\xff\"}")).await;
    raw.closed().await;
    let sign_in = json!({"email": "canarymail@example.org", "password": "Canarypassword"});
    hub.call(Method::POST, "/api/v1/portal/auth/login", &pair.client, Some(sign_in)).await;
    hub.call(Method::GET, "/api/v1/portal/messages?cursor=Canaryquery", &pair.client, None).await;
    hub.call(Method::POST, "/api/v1/portal/messages", &pair.client, Some(json!({"subject": 7, "body": "Canaryfield"})))
        .await;
    client.ask(json!({"type": "fetch", "thread": pair.thread})).await;
    hub.call(Method::GET, &format!("/api/v1/portal/messages/{thread}"), &pair.client, None).await;
    tokio::time::sleep(Duration::from_millis(300)).await;

    let logged = hub.logged();
    assert!(logged.contains("DEBUG"), "the log is that detailed");
    let lower = logged.to_ascii_lowercase();
    let shown: Vec<&str> = lower
        .match_indices("canary")
        .map(|(at, _)| &lower[at..lower[at..].find(|c: char| !c.is_alphanumeric()).map_or(lower.len(), |end| at + end)])
        .collect();
    assert!(shown.is_empty(), "{shown:?}");
    for secret in [&pair.client.token, &pair.clinician.token] {
        assert!(!logged.contains(secret.rsplit('.').next().unwrap()), "a token is in the log");
    }

    let hits = "SELECT count(*) FROM pg_tables, LATERAL (SELECT query_to_xml(format('SELECT 1 FROM %I.%I t WHERE t::text ILIKE ''%%canary%%'' \
        OR t::text ILIKE ''%%%s%%''', schemaname, tablename, WORD), true, true, '')::text AS found) x \
        WHERE schemaname = 'public' AND found LIKE '%<row%' AND tablename <> 'users'";
    // Bytes show as hexadecimal; "anary" is in all of them, however they begin.
    let hits = hits.replace("WORD", "encode('anary', 'hex')");
    assert_eq!(database.query(&hits).await, ["0"]);
    let stored: usize = database.query("SELECT (SELECT count(*) FROM entries) + (SELECT count(*) FROM drafts)").await
        [0]
    .parse()
    .unwrap();
    assert!(stored >= 6, "it is there, only not to be read: {stored}");
    // The same search does find words that are stored as such.
    database.query("UPDATE practices SET name = 'A canary'").await;
    assert_eq!(database.query(&hits).await, ["1"]);
}

#[actix_web::test]
async fn a_text_that_was_moved_or_altered_does_not_open_and_all_others_do() {
    let database = Database::fresh().await;
    let pairs = database.pairs(2).await;
    let pair = &pairs[0];
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut other = Client::synced(&hub, &pairs[1].client).await;
    for body in ["one", "two", "three", "four", "five", "six"] {
        client.say_and_wait(&pair.thread, body).await;
    }
    other.say_and_wait(&pairs[1].thread, "elsewhere").await;
    let set = |seq: i64, sealed: &str| {
        format!("UPDATE entries SET sealed = {sealed} WHERE thread_id = '{}' AND seq = {seq}", pair.thread)
    };
    let of =
        |thread: &str, seq: i64| format!("(SELECT sealed FROM entries WHERE thread_id = '{thread}' AND seq = {seq})");
    database.query(&set(2, &of(&pair.thread, 1))).await;
    database.query(&set(3, &of(&pairs[1].thread, 1))).await;
    database.query(&set(4, "set_byte(sealed, 14, get_byte(sealed, 14) # 1)")).await;
    database.query(&set(5, "(SELECT subject_sealed FROM threads WHERE id = entries.thread_id)")).await;
    let bodies = |entries: &Value| -> Vec<String> {
        entries
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| format!("{}:{}", text(entry, "kind"), text(entry, "body")))
            .collect()
    };
    let expected = ["message:one", "notice:", "notice:", "notice:", "notice:", "message:six"];
    let page = client.ask(json!({"type": "fetch", "thread": pair.thread})).await;
    assert_eq!(text(&page, "type"), "page", "{page}");
    assert_eq!(bodies(&page["entries"]), expected);
    assert_eq!(page["entries"][1]["from"], Value::Null);
    // Catching up goes past it, and live messages go on.
    let mut clinician = Client::connect(&hub, &pair.clinician).await;
    clinician.sync(Value::Null, json!({&pair.thread: 0})).await;
    assert_eq!(bodies(&json!(clinician.entries(&pair.thread, 6).await)), expected);
    client.say_and_wait(&pair.thread, "seven").await;
    assert_eq!(number(&clinician.expect("entry").await, "seq"), 7);
    let failures = hub.logged().matches("integrity failure").count();
    assert!(failures >= 4, "the operator is told: {failures}");

    // A subject of another thread, and a key that is none: that thread loses its words, the list stays.
    database
        .query(&format!(
            "UPDATE threads SET subject_sealed = (SELECT subject_sealed FROM threads WHERE id = '{}') WHERE id = '{}'",
            pairs[1].thread, pair.thread
        ))
        .await;
    let second = hub.open_thread(&pair.client, "A second thread").await;
    let synced = client.sync(Value::Null, json!({})).await;
    let subject = |id: &str| {
        synced["threads"].as_array().unwrap().iter().find(|thread| thread["id"] == *id).unwrap()["subject"].clone()
    };
    assert_eq!((subject(&pair.thread), subject(&second)), (json!(""), json!("A second thread")));
}

#[actix_web::test]
async fn an_altered_entry_that_others_wait_for_holds_nobody_up() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let mut hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    for _ in 0..3 {
        client.say_and_wait(&pair.thread, "x").await;
    }
    hub.kill();
    database.query("UPDATE entries SET sealed = '\\x00' WHERE seq = 2").await;
    hub.start_again().await;
    let mut clinician = Client::connect(&hub, &pair.clinician).await;
    clinician.sync(Value::Null, json!({&pair.thread: 0})).await;
    let heard =
        eventually("all three", Duration::from_secs(5), async || Some(clinician.entries(&pair.thread, 3).await)).await;
    let kinds: Vec<&str> = heard.iter().map(|entry| text(entry, "kind")).collect();
    assert_eq!(kinds, ["message", "notice", "message"]);
}
