//! JSON that is none, or not of the protocol: `badFrame`, quickly, and the connection stays.

use crate::support::{Client, Database, Hub, text};
use serde_json::json;
use std::time::{Duration, Instant};

#[actix_web::test]
async fn what_is_not_of_the_protocol_is_a_bad_frame_and_the_connection_stays() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::connect(&hub, &pair.client).await;
    let id = uuid::Uuid::now_v7();
    let thread = &pair.thread;
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let keys: String = (0..6_000).map(|number| format!("\"{number}\":1,")).collect();
    let send = |body: &str| format!(r#"{{"type":"send","id":"{id}","thread":"{thread}","body":{body}}}"#);
    for frame in [
        String::new(),
        " ".into(),
        "\u{feff}{\"type\":\"ping\"}".into(),
        "ping".into(),
        "null".into(),
        "7".into(),
        "\"ping\"".into(),
        "[]".into(),
        "[\"ping\"]".into(),
        "{}".into(),
        "{".into(),
        "}".into(),
        "{\"type\":\"ping\"} {}".into(),
        "{\"type\":\"ping\",}".into(),
        "{'type':'ping'}".into(),
        "{\"type\":null}".into(),
        "{\"type\":[\"ping\"]}".into(),
        "{\"type\":\"Ping\"}".into(),
        "{\"type\":\"pong\"}".into(),
        "{\"type\":\"welcome\"}".into(),
        "{\"Type\":\"ping\"}".into(),
        "{\"type\":\"ping\",\"type\":\"ping\"}".into(),
        "{\"type\":\"ping\",\"ref\":\"a\",\"ref\":\"b\"}".into(),
        "{\"type\":\"ping\",\"x\":NaN}".into(),
        "{\"type\":\"ping\",\"x\":Infinity}".into(),
        "{\"type\":\"ping\",\"x\":01}".into(),
        "{\"type\":\"ping\",\"x\":\"\u{1}\"}".into(),
        "{\"type\":\"ping\" /* comment */}".into(),
        "{\"type\":\"\\ud800\"}".into(),
        "{\"type\":\"\\udc00\\ud800\"}".into(),
        deep("[", "]"),
        deep("{\"a\":", "}"),
        format!("{{\"type\":{}}}", deep("[", "]")),
        "[".repeat(60_000),
        "{\"a\":".repeat(12_000),
        format!("{{{keys}\"type\":\"nonsense\"}}"),
        send("null"),
        send("7"),
        send("[]"),
        send("{\"text\":\"x\"}"),
        send("\"\\ud83d\""),
        send("\"x\",\"body\":\"y\""),
        send("\"x\",\"attachments\":[7]"),
        send("\"x\",\"attachments\":{}"),
        send("\"x\",\"priority\":7"),
        send("\"x\",\"basedOn\":\"1\""),
        send(&deep("[", "]")),
        format!("{{\"type\":\"read\",\"thread\":\"{thread}\",\"seq\":1e400}}"),
        format!("{{\"type\":\"read\",\"thread\":\"{thread}\",\"seq\":1.5}}"),
        format!("{{\"type\":\"read\",\"thread\":\"{thread}\",\"seq\":\"1\"}}"),
        format!("{{\"type\":\"read\",\"thread\":\"{thread}\",\"seq\":9223372036854775808}}"),
        format!("{{\"type\":\"read\",\"thread\":\"{thread}\",\"seq\":1{}}}", "0".repeat(50_000)),
        format!("{{\"type\":\"read\",\"thread\":\"{thread}\"}}"),
        format!("{{\"type\":\"typing\",\"thread\":\"{thread}\",\"on\":\"true\"}}"),
        format!("{{\"type\":\"fetch\",\"thread\":\"{thread}\",\"limit\":\"many\"}}"),
        "{\"type\":\"fetch\"}".into(),
        "{\"type\":\"sync\",\"have\":[]}".into(),
        "{\"type\":\"sync\",\"have\":{\"x\":\"1\"}}".into(),
        "{\"type\":\"sync\",\"cursor\":7}".into(),
        "{\"type\":\"auth\"}".into(),
        "{\"type\":\"acknowledge\"}".into(),
    ] {
        let since = Instant::now();
        client.send_text(&frame).await;
        let answer = client.next_frame().await.expect("the connection stays");
        let short: String = frame.chars().take(80).collect();
        assert_eq!((text(&answer, "type"), &answer["code"]), ("error", &json!("badFrame")), "{short}: {answer}");
        assert!(since.elapsed() < Duration::from_millis(500), "{short}");
    }
    assert_eq!(client.ask(json!({"type": "ping"})).await["type"], "pong");
    assert_eq!(database.query("SELECT count(*) FROM entries").await, ["0"]);
}

#[actix_web::test]
async fn unknown_keys_are_ignored_whatever_they_hold() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::connect(&hub, &pair.client).await;
    let keys: String = (0..6_000).map(|number| format!("\"{number}\":1,")).collect();
    for frame in [
        "{\"type\":\"ping\",\"x\":{\"type\":\"pong\"},\"\":[]}".to_owned(),
        "{\"x\":1e400,\"type\":\"ping\"}".to_owned(),
        format!("{{{keys}\"type\":\"ping\"}}"),
        " \n{ \"type\" : \"p\\u0069ng\" }\r\n".to_owned(),
    ] {
        client.send_text(&frame).await;
        let answer = client.next_frame().await.expect("the connection stays");
        assert_eq!(answer["type"], "pong", "{}", frame.chars().take(80).collect::<String>());
    }
}
