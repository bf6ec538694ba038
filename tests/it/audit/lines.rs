//! L5 and L6: what goes into the log stays in its line, and what goes wrong tells its caller nothing but an id.

use crate::support::{Database, Hub, eventually, practice::Practice};
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn nothing_that_somebody_sends_breaks_out_of_its_line_in_the_log() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start_with(&database, &[("CAREHUB_LOG", "trace"), ("CAREHUB_LOG_FORMAT", "json")]).await;
    let evil = "x\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}\u{1b}[31m\"\u{2028}forged";
    let http = reqwest::Client::new();
    let calls = [
        http.post(hub.url("/api/v1/portal/auth/login")).json(&json!({"email": evil, "password": evil})),
        http.get(hub.url("/api/v1/portal/messages/%0d%0a%7b%22forged%22%3a1%7d")).bearer_auth(&pair.client.token),
        http.get(hub.url("/forged%1b%5b31m%0a?forged=%0a"))
            .header("user-agent", "\u{1b}forged \"x\"".escape_debug().to_string()),
        http.request(Method::from_bytes(b"FORGED").unwrap(), hub.url("/api/v1/portal/messages")),
        http.post(hub.url("/api/v1/portal/messages"))
            .bearer_auth(&pair.client.token)
            .json(&json!({"subject": evil.replace(['\r', '\n'], " "), "body": evil})),
    ];
    for call in calls {
        let status = call.send().await.unwrap().status().as_u16();
        assert!(status < 500, "{status}");
    }
    let logged = async || (hub.logged().matches("\"message\":\"answered\"").count() >= 5).then_some(());
    eventually("a line in the log for each call", Duration::from_secs(5), logged).await;
    let log = hub.logged();
    for line in log.lines() {
        let parsed: Result<Value, _> = serde_json::from_str(line);
        assert!(parsed.is_ok_and(|line| line["level"].is_string() && line["message"] != "forged"), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
}

#[tokio::test]
async fn a_fault_of_ours_tells_the_id_under_which_it_was_logged_and_nothing_else() {
    let practice = Practice::start().await;
    let client = practice.person("Cleo Client", Role::Client).await;
    client.open("Sleep", "I cannot sleep.").await;
    practice.database.query("ALTER TABLE drafts RENAME COLUMN revision TO gone").await;
    let problem = client.get("portal/messages/new/draft").await.refused(500, "internal");
    let keys: Vec<&String> = problem.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "detail", "status", "title", "traceId", "type"]);
    assert_eq!(problem["detail"], "Something went wrong on our side. It was logged; try again.");
    let id = problem["traceId"].as_str().unwrap();
    let told = |line: &str| line.contains(id) && line.contains("a request failed");
    let logged = async || practice.hub.logged().lines().any(told).then_some(());
    eventually("the fault in the log, under its id", Duration::from_secs(10), logged).await;
    // Everybody else is served.
    client.get("portal/messages").await.expect(200);
}
