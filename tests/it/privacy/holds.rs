use crate::support::practice::Practice;
use carehub::accounts::Role;
use serde_json::json;

#[actix_web::test]
async fn under_a_legal_hold_nothing_is_erased_and_every_step_is_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::start_with(&[("CAREHUB_TOMBSTONES", folder.path().to_str().unwrap())]).await;
    let admin = practice.person("Alma", Role::Admin).await;
    let client = practice.person("Ada", Role::Client).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    let hold = format!("admin/clients/{}/legal-hold", client.id);
    admin.get(&hold).await.refused(404, "notFound");
    admin.put(&hold, json!({"reason": "  "})).await.refused(422, "invalid");
    let placed = admin.put(&hold, json!({"reason": "Court order of May"})).await.expect(200);
    assert_eq!(
        (placed["reason"].as_str(), placed["placedBy"].as_str()),
        (Some("Court order of May"), Some(&*admin.id.to_string()))
    );
    assert_eq!(admin.get(&hold).await.expect(200), placed);

    admin.erase(&client).await.refused(409, "legalHold");
    assert_eq!(practice.database.query("SELECT count(*) FROM data_keys WHERE erased_at IS NOT NULL").await, ["0"]);
    assert_eq!(std::fs::read_to_string(folder.path().join("erasures.jsonl")).unwrap(), "");
    client.get(&format!("portal/messages/{thread}")).await.expect(200);

    // Somebody else's administrator sees neither client nor hold; those who are no administrators are refused.
    let stranger = practice.stranger("Zoe", Role::Admin).await;
    stranger.get(&hold).await.refused(404, "notFound");
    stranger.put(&hold, json!({"reason": "x"})).await.refused(404, "notFound");
    stranger.erase(&client).await.refused(404, "notFound");
    let clinician = practice.person("Maya", Role::Clinician).await;
    clinician.erase(&client).await.refused(403, "forbidden");
    stranger.delete(&hold).await.refused(404, "notFound");

    admin.put(&hold, json!({"reason": "Prolonged"})).await.expect(200);
    admin.delete(&hold).await.expect(204);
    admin.delete(&hold).await.expect(204);
    admin.get(&hold).await.refused(404, "notFound");
    admin.erase(&client).await.expect(201);
    let steps = practice.database.query(&format!(
        "SELECT action FROM audit_events WHERE client_id = '{}' AND (action LIKE 'legalHold.%' OR action LIKE 'client.%') \
         AND outcome = 'done' ORDER BY id", client.id)).await;
    let expected = ["legalHold.placed", "legalHold.viewed", "legalHold.placed", "legalHold.lifted", "client.erased"];
    assert_eq!(steps, expected);
    assert_eq!(practice.database.query("SELECT count(*) FROM legal_holds WHERE lifted_at IS NOT NULL").await, ["2"]);
    let words = practice.database.dump();
    assert!(!words.contains("Court order"), "reasons are sealed");
}
