use super::Care;
use reqwest::Method;
use serde_json::Value;

/// X4.
#[actix_web::test]
async fn a_link_acts_once_for_one_person_in_one_emergency_and_following_it_does_nothing() {
    let care = Care::start().await;
    let id = care.emergency().await;
    care.settle().await;
    let tokens = care.tokens().await;
    assert_eq!(tokens.len(), 1, "Maya was mailed one");
    let path = format!("/api/v1/ack/{}", tokens[0]);
    for _ in 0..3 {
        let shown = care.practice.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(shown.status(), 200);
        let shown: Value = shown.json().await.unwrap();
        assert_eq!((&shown["usable"], shown["name"].as_str()), (&Value::Bool(true), Some("Maya")));
        for secret in ["Ada", &care.thread, &care.ada.id.to_string(), "not safe"] {
            assert!(!shown.to_string().contains(secret), "{shown}");
        }
    }
    assert_eq!(care.at(&id).await, "paging 0 0", "a mail scanner that follows links takes nothing");
    let taken: Value = care.practice.request(Method::POST, &path).send().await.unwrap().json().await.unwrap();
    assert_eq!((&taken["state"], &taken["acknowledgedBy"]), (&"acknowledged".into(), &"Maya".into()), "{taken}");
    let again = care.practice.request(Method::POST, &path).send().await.unwrap();
    assert_eq!(again.status(), 409, "good once");
    let via = format!(
        "SELECT actor_id || ' ' || (detail ->> 'via') FROM audit_events
        WHERE object_id = '{id}' AND action = 'escalation.acknowledged'"
    );
    assert_eq!(care.practice.database.query(&via).await, [format!("{} link", care.maya.id)]);
}

#[actix_web::test]
async fn links_of_nobody_of_those_who_left_and_of_old_are_no_links() {
    let care = Care::start().await;
    care.emergency().await;
    care.settle().await;
    let path = format!("/api/v1/ack/{}", care.tokens().await[0]);
    for method in [Method::GET, Method::POST] {
        let unknown = care.practice.request(method, "/api/v1/ack/x").send().await.unwrap();
        assert_eq!(unknown.status(), 404);
    }
    let database = &care.practice.database;
    database.query("UPDATE ack_links SET expires_at = now() - interval '1 second'").await;
    assert_eq!(care.practice.request(Method::POST, &path).send().await.unwrap().status(), 409);
    database.query("UPDATE users SET status = 'disabled' WHERE name = 'Maya'").await;
    assert_eq!(care.practice.request(Method::GET, &path).send().await.unwrap().status(), 404);
    let digests = "SELECT count(*) FROM ack_links WHERE length(digest) = 32";
    assert_ne!(database.query(digests).await, ["0"], "only digests are stored");
}
