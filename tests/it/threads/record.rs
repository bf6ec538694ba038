use crate::support::practice::Practice;
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_note_never_reaches_the_client() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    maya.claim(&thread).await.expect(200);
    maya.post(&format!("ehr/threads/{thread}/notes"), json!({"body": "canary"})).await.expect(201);
    let shown = client.get(&format!("portal/messages/{thread}")).await.expect(200);
    let note = &shown["entries"][2];
    assert_eq!((&note["kind"], &note["from"], &note["body"]), (&json!("notice"), &Value::Null, &json!("")));
    let list = client.get("portal/messages").await.expect(200);
    assert!(!shown.to_string().contains("canary") && !list.to_string().contains("canary"));
    assert_eq!(client.get("portal/messages/unread-count").await.expect(200), json!({"unread": 0, "threads": 0}));
    assert_eq!(maya.get(&format!("ehr/threads/{thread}")).await.expect(200)["entries"][2]["body"], "canary");
}

#[actix_web::test]
async fn only_its_author_corrects_or_takes_back_a_message_and_the_original_stays() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    maya.claim(&thread).await.expect(200);
    let sent = maya.post(&format!("ehr/threads/{thread}/reply"), json!({"body": "Take 20 mg"})).await.expect(201);
    let at = |entry: &Value, what: &str| format!("ehr/threads/{thread}/entries/{}/{what}", entry.as_str().unwrap());
    maya.post(&at(&sent["id"], "correction"), json!({"body": "Take 2 mg"})).await.expect(201);
    maya.call(Method::POST, &at(&sent["id"], "retraction"), None).await.expect(201);
    let shown = client.get(&format!("portal/messages/{thread}")).await.expect(200);
    let kinds: Vec<&Value> = shown["entries"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["message", "notice", "message", "correction", "retraction"]);
    assert_eq!(shown["entries"][2]["body"], "Take 20 mg");
    assert_eq!(shown["entries"][3]["replyTo"], sent["id"]);
    maya.post(&at(&shown["entries"][0]["id"], "correction"), json!({"body": "x"})).await.refused(403, "forbidden");
    maya.post(&at(&json!(uuid::Uuid::now_v7()), "correction"), json!({"body": "x"})).await.refused(404, "notFound");
}

#[actix_web::test]
async fn a_clinician_is_shown_what_a_colleague_wrote_meanwhile_and_can_send_anyway() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let tom = practice.person("Tom", Role::Clinician).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    maya.claim(&thread).await.expect(200);
    // Assigned on, the former assignee goes on taking part.
    maya.post(&format!("ehr/threads/{thread}/assign"), json!({"assignee": tom.id})).await.expect(200);
    let reply = format!("ehr/threads/{thread}/reply");
    maya.post(&reply, json!({"body": "Try tea"})).await.expect(201);
    let id = uuid::Uuid::now_v7();
    let problem = tom.post(&reply, json!({"id": id, "body": "Try milk", "basedOn": 3})).await.refused(409, "conflict");
    assert_eq!(problem["entries"][0]["body"], "Try tea");
    assert_eq!(tom.post(&reply, json!({"id": id, "body": "Try milk"})).await.expect(201)["seq"], 5);
}

#[actix_web::test]
async fn a_reply_sent_again_is_the_same_entry() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    let reply = format!("portal/messages/{thread}/reply");
    let id = uuid::Uuid::now_v7();
    let first = client.post(&reply, json!({"id": id, "body": "Still not"})).await.expect(201);
    assert_eq!(client.post(&reply, json!({"id": id, "body": "Still not"})).await.expect(200), first);
    client.post(&reply, json!({"id": id, "body": "Now I can"})).await.refused(409, "conflict");
    client.post(&reply, json!({"body": "  "})).await.refused(422, "invalid");
    client.post(&reply, json!({"body": "x".repeat(8_001)})).await.refused(413, "tooLarge");
    client.post(&reply, json!({"body": "x", "attachments": [uuid::Uuid::now_v7()]})).await.refused(422, "invalid");
    client.post(&reply, json!({"body": "x", "replyTo": uuid::Uuid::now_v7()})).await.refused(422, "invalid");
    assert_eq!(practice.database.query("SELECT count(*) FROM entries").await, ["2"]);
}
