use crate::support::practice::Practice;
use carehub::accounts::Role;
use serde_json::{Value, json};

#[actix_web::test]
async fn what_a_client_agreed_to_and_withdrew_is_kept_as_it_was() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let other = practice.person("Bea", Role::Client).await;
    let list = async || client.get("portal/privacy/consents").await.expect(200)["items"].as_array().unwrap().clone();
    let before = list().await;
    assert!(before.len() >= 3 && before.iter().all(|consent| consent["granted"] == Value::Null));
    assert!(
        before.iter().all(|consent| !consent["text"].as_str().unwrap().is_empty() && consent["history"] == json!([]))
    );
    let (kind, version) = (before[2]["kind"].clone(), before[2]["version"].clone());
    let decide = async |version: &Value, granted: bool| {
        client.post("portal/privacy/consents", json!({"kind": kind, "version": version, "granted": granted})).await
    };
    assert_eq!(decide(&version, true).await.expect(201)["granted"], true);
    assert_eq!(decide(&version, false).await.expect(201)["granted"], false);
    assert_eq!(decide(&version, true).await.expect(201)["granted"], true);
    decide(&json!("2020-01"), true).await.refused(409, "conflict");
    assert_eq!(
        decide(&json!("2020-01"), false).await.expect(201)["granted"],
        false,
        "withdrawn, whichever text it was"
    );
    decide(&json!("'; DROP TABLE"), false).await.refused(422, "invalid");
    let after = list().await;
    let history: Vec<_> =
        after[2]["history"].as_array().unwrap().iter().map(|decision| decision["granted"].clone()).collect();
    assert_eq!(history, [json!(false), json!(true), json!(false), json!(true)], "the newest first");
    assert_eq!(after[0], before[0]);
    assert!(other.get("portal/privacy/consents").await.expect(200).to_string().matches("\"at\"").next().is_none());
    let actions =
        practice.database.query("SELECT action FROM audit_events WHERE action LIKE 'consent.%' ORDER BY id").await;
    assert_eq!(actions, ["consent.granted", "consent.withdrawn", "consent.granted", "consent.withdrawn"]);
    // The hub's own role cannot rewrite it.
    for statement in ["UPDATE consents SET granted = true", "DELETE FROM consents", "DELETE FROM erasures"] {
        let refused = crate::dev::query(&practice.database.service_url(), statement).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{statement}");
    }
}
