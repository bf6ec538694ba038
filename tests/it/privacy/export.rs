use crate::support::practice::Practice;
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn an_export_holds_everything_about_a_client_and_nothing_of_anybody_else() {
    let practice = Practice::start().await;
    let admin = practice.person("Alma", Role::Admin).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let client = practice.person("Ada", Role::Client).await;
    let other = practice.person("Canaryother", Role::Client).await;
    other.open("Canarysubject", "Canarybody").await;
    let thread = client.open("Sleep \"quoted\" \u{1f426}", "I cannot sleep\nat all").await;
    // More than two pages of entries; copies do not open, and count all the same.
    let copies = format!(
        "INSERT INTO entries SELECT thread_id, 1 + n, gen_random_uuid(), sender_id, 'message', 'normal', sealed, NULL, now() \
         FROM entries, generate_series(1, 1200) n WHERE thread_id = '{thread}' AND seq = 1; \
         UPDATE threads SET head = 1201 WHERE id = '{thread}'"
    );
    practice.database.query(&copies).await;
    clinician.claim(&thread).await.expect(200);
    clinician.post(&format!("ehr/threads/{thread}/notes"), json!({"body": "between us"})).await.expect(201);
    client
        .put(&format!("portal/messages/{thread}/draft"), json!({"body": "not sent", "revision": 0}))
        .await
        .expect(200);
    let consents = client.get("portal/privacy/consents").await.expect(200);
    let decision =
        json!({"kind": consents["items"][0]["kind"], "version": consents["items"][0]["version"], "granted": true});
    client.post("portal/privacy/consents", decision).await.expect(201);

    let path = format!("admin/clients/{}/export", client.id);
    let full = admin.get(&path).await.expect(200);
    assert_eq!(
        (full["format"].as_str(), full["client"].as_str()),
        (Some("carehub-export/1"), Some(&*client.id.to_string()))
    );
    assert_eq!((&full["account"][0]["name"], &full["account"][0]["email"]), (&json!("Ada"), &json!(client.email)));
    assert_eq!(full["consents"].as_array().unwrap().len(), 1);
    assert_eq!(full["drafts"][0]["draft"]["body"], "not sent");
    let exported = &full["threads"][0];
    assert_eq!(exported["subject"], "Sleep \"quoted\" \u{1f426}");
    assert_eq!(exported["participants"].as_array().unwrap().len(), 2);
    let entries = exported["entries"].as_array().unwrap();
    let stored: usize =
        practice.database.query(&format!("SELECT count(*) FROM entries WHERE thread_id = '{thread}'")).await[0]
            .parse()
            .unwrap();
    assert_eq!(entries.len(), stored);
    assert!(entries.iter().zip(1..).all(|(entry, seq)| entry["seq"] == seq), "without a gap");
    assert_eq!(entries[0]["body"], "I cannot sleep\nat all");
    assert!(full.to_string().contains("between us"));
    assert!(
        full["accessLog"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["action"] == "client.exported" && row["by"] == "Alma")
    );

    let own = client.post("portal/privacy/export", json!({})).await.expect(200);
    assert!(!own.to_string().contains("between us"), "what staff wrote among themselves");
    assert_eq!(own["threads"][0]["entries"].as_array().unwrap().len(), stored, "without a gap, too");
    for document in [&full, &own] {
        assert!(!document.to_string().contains("Canary"), "something of another client");
    }
    assert_eq!(
        practice.database.query("SELECT count(*) FROM audit_events WHERE action = 'client.exported'").await,
        ["2"]
    );

    // Others, and those who have not shown lately who they are, get nothing.
    practice.stranger("Zoe", Role::Admin).await.get(&path).await.refused(404, "notFound");
    clinician.get(&path).await.refused(403, "forbidden");
    admin.get(&format!("admin/clients/{}/export", clinician.id)).await.refused(404, "notFound");
    practice.database.query("UPDATE sign_in_sessions SET reauthenticated_at = now() - interval '6 minutes'").await;
    admin.get(&path).await.refused(403, "reauthenticate");
    client.post("portal/privacy/export", json!({})).await.refused(403, "reauthenticate");
    admin.erase(&client).await.refused(403, "reauthenticate");
}

#[actix_web::test]
async fn an_export_that_cannot_be_finished_is_broken_off_and_not_taken_for_whole() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    client.open("Sleep", "I cannot sleep").await;
    // A kind of entry that no version of the hub wrote.
    practice.database.query("UPDATE entries SET kind = 'nonsense'").await;
    let request = practice.request(Method::POST, "/api/v1/portal/privacy/export").bearer_auth(&client.token);
    let body = request.send().await.unwrap().text().await;
    let whole = body.ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    assert!(whole.is_none(), "{whole:?}");
}
