use crate::support::practice::Practice;
use carehub::accounts::Role;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_device_that_fell_behind_never_overwrites_what_it_has_not_seen() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    let draft = format!("portal/messages/{thread}/draft");
    let none = json!({"body": "", "subject": null, "kind": null, "pendingId": null, "revision": 0, "updatedAt": null});
    assert_eq!(client.get(&draft).await.expect(200), none);
    let save = async |body: &str, revision: i64| client.put(&draft, json!({"body": body, "revision": revision})).await;
    assert_eq!(save("one", 0).await.expect(200)["revision"], 1);
    assert_eq!(save("other", 0).await.refused(409, "conflict")["current"]["body"], "one");
    assert_eq!(save("two", 1).await.expect(200)["revision"], 2);
    client.delete(&draft).await.expect(204);
    assert_eq!(client.get(&draft).await.expect(200), none);
    assert_eq!(save("late", 2).await.refused(409, "conflict")["current"], none);
    // Counting goes on, so that no earlier revision comes again.
    assert_eq!(save("three", 0).await.expect(200)["revision"], 4);
    assert_eq!(client.put(&draft, json!({"body": "four"})).await.expect(200)["revision"], 5);
    let racing = (0..6).map(|n| client.put(&draft, json!({"body": format!("racer {n}"), "revision": 5})));
    let racing = futures_util::future::join_all(racing).await;
    assert_eq!(racing.iter().filter(|answer| answer.status == 200).count(), 1);
}

#[actix_web::test]
async fn a_draft_is_its_authors_alone_and_sealed() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let other = practice.person("Bea", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    let pending = uuid::Uuid::now_v7();
    let own = format!("portal/messages/{thread}/draft");
    client.put(&own, json!({"body": "canary", "pendingId": pending})).await.expect(200);
    assert_eq!(client.get(&own).await.expect(200)["pendingId"], pending.to_string());
    for path in [format!("ehr/threads/{thread}/draft"), format!("ehr/messages/{thread}/draft")] {
        assert_eq!(maya.get(&path).await.expect(200)["body"], "");
    }
    let new = "portal/messages/new/draft";
    client.put(new, json!({"body": "canary", "subject": "Canary"})).await.expect(200);
    maya.put("ehr/messages/new/draft", json!({"body": "canary"})).await.expect(200);
    assert_eq!(client.get(new).await.expect(200)["subject"], "Canary");
    assert_eq!(other.get(new).await.expect(200)["subject"], Value::Null);
    let plain = "SELECT count(*) FROM drafts WHERE encode(sealed, 'escape') ILIKE '%canary%'";
    assert_eq!(practice.database.query(plain).await, ["0"]);
    assert_eq!(practice.database.query("SELECT count(*) FROM drafts").await, ["3"]);
    // Moved to another person's row, it does not open there.
    practice.database.query(&format!("UPDATE drafts SET user_id = '{}' WHERE thread_id = '{thread}'", maya.id)).await;
    let moved = maya.get(&format!("ehr/threads/{thread}/draft")).await.refused(500, "internal");
    assert!(!moved.to_string().contains("canary"));
    assert!(!practice.hub.logged().to_lowercase().contains("canary"));
}
