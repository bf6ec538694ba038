use crate::support::practice::Practice;
use carehub::{
    accounts::Role,
    clock::Clock,
    crypto::Keyring,
    privacy::{retention::Retention, tombstone::Tombstones},
};
use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::json;
use std::sync::Arc;

#[actix_web::test]
async fn rules_are_applied_when_their_time_comes_and_never_over_a_legal_hold() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::start().await;
    let admin = practice.person("Alma", Role::Admin).await;
    let (ada, bea) = (practice.person("Ada", Role::Client).await, practice.person("Bea", Role::Client).await);
    for client in [&ada, &bea] {
        let thread = client.open("Sleep", "I cannot sleep").await;
        client
            .put(&format!("portal/messages/{thread}/draft"), json!({"body": "not sent", "revision": 0}))
            .await
            .expect(200);
    }
    let rules = admin.get("admin/retention").await.expect(200);
    let days = |kind: &str| {
        rules["items"].as_array().unwrap().iter().find(|rule| rule["kind"] == kind).unwrap()["days"].clone()
    };
    assert_eq!(
        (days("clientRecords"), days("deliveredMail")),
        (json!(null), json!(30)),
        "nobody is erased unless it was asked for"
    );
    let put = async |kind: &str, days: serde_json::Value| {
        admin.put("admin/retention", json!({"rules": [{"kind": kind, "days": days}]})).await
    };
    put("clientRecords", json!(365)).await.refused(422, "invalid");
    put("clientRecords", json!(0)).await.refused(422, "invalid");
    put("anything", json!(4_000)).await.refused(422, "invalid");
    put("clientRecords", json!(3_650)).await.expect(200);
    put("drafts", json!(30)).await.expect(200);
    admin.put(&format!("admin/clients/{}/legal-hold", bea.id), json!({"reason": "Court order"})).await.expect(200);

    let clock = Clock::movable();
    let retention = Retention {
        database_url: SecretString::from(practice.database.service_url()),
        keyring: Arc::new(Keyring::new(crate::support::people::master_key())),
        tombstones: Some(Arc::new(Tombstones::open(folder.path()).unwrap())),
        clock: clock.clone(),
    };
    let left = async || {
        let drafts =
            practice.database.query("SELECT u.name FROM drafts d JOIN users u ON u.id = d.user_id ORDER BY 1").await;
        let erased = practice.database.query("SELECT client_id FROM erasures").await;
        let sessions: usize =
            practice.database.query("SELECT count(*) FROM sign_in_sessions").await[0].parse().unwrap();
        (drafts, erased, sessions)
    };
    let (none, three) = (Vec::<String>::new(), 3);
    retention.apply().await.unwrap();
    assert_eq!(left().await, (vec!["Ada".to_owned(), "Bea".to_owned()], none.clone(), three), "nothing is due yet");
    clock.advance(TimeDelta::days(31));
    retention.apply().await.unwrap();
    assert_eq!(left().await, (vec!["Bea".to_owned()], none.clone(), three), "the draft of whoever is not held");
    clock.advance(TimeDelta::days(3_650 - 40));
    retention.apply().await.unwrap();
    let (_, erased, sessions) = left().await;
    assert_eq!((erased, sessions), (none, 1), "sign-ins that ended, but for those of whoever is held");
    clock.advance(TimeDelta::days(20));
    retention.apply().await.unwrap();
    assert_eq!(left().await, (vec!["Bea".to_owned()], vec![ada.id.to_string()], 1), "only whoever is not held");
    let cause = practice.database.query("SELECT cause FROM erasures WHERE erased_by IS NULL").await;
    assert_eq!(cause, ["retention"]);
    // Once lifted, the rule reaches them, too; a second round finds nothing more.
    admin.delete(&format!("admin/clients/{}/legal-hold", bea.id)).await;
    practice.database.query("UPDATE legal_holds SET lifted_at = now(), lifted_by = placed_by").await;
    retention.apply().await.unwrap();
    let (drafts, erased, _) = left().await;
    assert_eq!((drafts.len(), erased.len()), (0, 2));
    let state = "SELECT count(*) FROM audit_events WHERE action LIKE 'client.%' OR action LIKE 'retentionRule.applied'";
    let before = practice.database.query(state).await;
    retention.apply().await.unwrap();
    assert_eq!(practice.database.query(state).await, before);
}
