use crate::support::{Client, practice::Practice};
use carehub::accounts::Role;
use serde_json::json;

/// Z7.
#[actix_web::test]
async fn emergency_access_needs_a_permission_and_a_reason_ends_by_itself_and_is_no_secret() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada", Role::Client).await;
    let bea = practice.person("Bea", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let tom = practice.person("Tom", Role::Clinician).await;
    let sid = practice.person("Sid", Role::Staff).await;
    let ana = practice.person("Ana", Role::Admin).await;
    let stranger = practice.stranger("Zoe", Role::Clinician).await;
    let thread = ada.open("Sleep", "I cannot sleep").await;
    maya.claim(&thread).await.expect(200);
    let others = bea.open("Work", "Not hers").await;
    maya.claim(&others).await.expect(200);
    let (show, glass) = (format!("ehr/threads/{thread}"), format!("ehr/clients/{}/break-glass", ada.id));
    let reason = json!({"reason": "She called the front desk in distress."});

    sid.post(&glass, reason.clone()).await.refused(403, "forbidden");
    stranger.post(&glass, reason.clone()).await.refused(404, "notFound");
    for silent in ["", "urgent", "          \n          "] {
        let refused = tom.post(&glass, json!({"reason": silent})).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/reason");
    }
    tom.get(&show).await.refused(404, "notFound");
    let granted = tom.post(&glass, reason).await.expect(201);
    assert_eq!(tom.get(&show).await.expect(200)["entries"][0]["body"], "I cannot sleep");
    let mut live = Client::synced(&practice.hub, &tom.someone()).await;
    assert_eq!(live.ask(json!({"type": "fetch", "thread": thread})).await["entries"][0]["body"], "I cannot sleep");
    // Of this client alone, and for reading alone.
    tom.get(&format!("ehr/threads/{others}")).await.refused(404, "notFound");
    tom.post(&format!("{show}/reply"), json!({"body": "x"})).await.refused(403, "forbidden");
    ana.post(&format!("ehr/clients/{}/break-glass", ada.id), json!({"reason": "Checking a complaint."}))
        .await
        .expect(201);
    ana.post(&format!("{show}/assign"), json!({"assignee": ana.id})).await.refused(403, "forbidden");
    tom.post(&format!("ehr/clients/{}/care-team", ada.id), json!({"user": tom.id})).await.refused(403, "forbidden");

    // The client sees who, the practice also why; both were written to.
    let seen = ada.get("portal/privacy/break-glass").await.expect(200);
    assert_eq!(seen["items"][1]["by"]["name"], "Tom");
    assert!(!seen.to_string().contains("distress"));
    assert_eq!(bea.get("portal/privacy/break-glass").await.expect(200)["items"], json!([]));
    let listed = ana.get("admin/break-glass").await.expect(200);
    assert_eq!(listed["items"][1]["reason"], "She called the front desk in distress.");
    assert_eq!(listed["items"][1]["id"], granted["id"]);
    let told = "SELECT u.name FROM outbox o JOIN users u ON u.id = o.recipient_id ORDER BY o.id LIMIT 2";
    assert_eq!(practice.database.query(told).await, ["Ada", "Ana"]);
    let row = "SELECT emergency::text || ' ' || (client_id IS NOT NULL) || ' ' || outcome FROM audit_events \
        WHERE action = 'breakGlass.granted' ORDER BY id LIMIT 1";
    assert_eq!(practice.database.query(row).await, ["true true done"]);
    let sealed = "SELECT count(*) FROM break_glass WHERE encode(reason_sealed, 'escape') LIKE '%distress%'";
    assert_eq!(practice.database.query(sealed).await, ["0"]);

    // An hour later.
    let hour = "SELECT bool_and(expires_at - started_at = interval '60 minutes') FROM break_glass";
    assert_eq!(practice.database.query(hour).await, ["t"]);
    practice.database.query("UPDATE break_glass SET expires_at = now()").await;
    tom.get(&show).await.refused(404, "notFound");
    assert_eq!(live.ask(json!({"type": "fetch", "thread": thread})).await["code"], "notFound");
}

#[actix_web::test]
async fn whoever_cares_for_a_client_breaks_no_glass() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    practice.cares(&maya, &ada).await;
    let glass = format!("ehr/clients/{}/break-glass", ada.id);
    maya.post(&glass, json!({"reason": "I want to read her thread."})).await.refused(409, "conflict");
    assert_eq!(practice.database.query("SELECT count(*) FROM break_glass").await, ["0"]);
}
