use crate::support::practice::Practice;
use carehub::accounts::Role;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_client_says_how_to_be_called_and_reached_and_changes_one_thing_at_a_time() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada", Role::Client).await;
    let bare = ada.get("portal/profile").await.expect(200);
    assert_eq!((&bare["name"], &bare["phone"], &bare["address"]), (&json!("Ada"), &Value::Null, &Value::Null));

    let said =
        json!({"preferredName": " Addie ", "phone": "(555) 010-0199", "address": {"city": "Salem", "line2": " "}});
    let profile = ada.call(reqwest::Method::PATCH, "portal/profile", Some(said)).await.expect(200);
    assert_eq!((&profile["preferredName"], &profile["phone"]), (&json!("Addie"), &json!("(555) 010-0199")));
    assert_eq!((&profile["address"]["city"], &profile["address"]["line2"]), (&json!("Salem"), &Value::Null));

    // What is left out stays, null takes away, and nobody gives themselves another name.
    let said = json!({"phone": null, "pronouns": "she/her", "name": "Somebody Else", "email": "other@example.org"});
    ada.put("portal/profile", said).await.expect(200);
    let profile = ada.get("portal/profile").await.expect(200);
    assert_eq!((&profile["name"], &profile["email"]), (&json!("Ada"), &json!(ada.email)));
    assert_eq!((&profile["preferredName"], &profile["phone"]), (&json!("Addie"), &Value::Null));
    assert_eq!(profile["pronouns"], "she/her");

    let bad = json!({"phone": "call my sister", "pronouns": "she/her"});
    let refused = ada.put("portal/profile", bad).await.refused(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/phone");

    // Nothing of it lies open in the store, and each change is on record without its words.
    let sealed = practice.database.query("SELECT encode(sealed, 'escape') FROM client_demographics").await;
    assert!(!sealed[0].contains("Addie") && !sealed[0].contains("Salem"), "{sealed:?}");
    let rows =
        practice.database.query("SELECT detail FROM audit_events WHERE action = 'profile.changed' ORDER BY id").await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[1].contains("pronouns") && !rows[1].contains("she/her"), "{rows:?}");
}

#[actix_web::test]
async fn whom_to_call_is_read_by_those_who_look_after_the_client_and_by_nobody_else() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let other = practice.person("Otto", Role::Clinician).await;
    practice.cares(&maya, &ada).await;
    let ben = json!({"name": "Ben Field", "relationship": "My brother", "phone": "+1 555 010 0123"});
    let eva = json!({"name": "Eva Field", "phone": "+1 555 010 0124"});
    ada.put("portal/profile/emergency-contacts", json!({"items": [ben, eva]})).await.expect(200);
    let stored = ada.get("portal/profile/emergency-contacts").await.expect(200);
    assert_eq!(stored["items"][0], ben);
    assert_eq!(stored["items"].as_array().unwrap().len(), 2);

    let path = format!("ehr/clients/{}/profile", ada.id);
    let seen = maya.get(&path).await.expect(200);
    assert_eq!(seen["emergencyContacts"][0], ben);
    other.get(&path).await.refused(404, "notFound");
    practice.stranger("Zoe", Role::Clinician).await.get(&path).await.refused(404, "notFound");
    let log = ada.get("portal/privacy/access-log").await.expect(200);
    assert!(log["items"].as_array().unwrap().iter().any(|row| row["action"] == "record.viewed"), "{log}");

    let nameless = json!({"items": [ben, {"name": " ", "phone": "+1 555 010 0124"}]});
    let refused = ada.put("portal/profile/emergency-contacts", nameless).await.refused(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/items/1/name");
    ada.put("portal/profile/emergency-contacts", json!({"items": vec![ben; 6]})).await.refused(422, "invalid");
    let stored = ada.get("portal/profile/emergency-contacts").await.expect(200);
    assert_eq!(stored["items"].as_array().unwrap().len(), 2, "a refusal changed something");
}

#[actix_web::test]
async fn a_client_chooses_language_and_time_zone_and_e_mails_follow() {
    let (practice, mail) = Practice::with_mail().await;
    let ada = practice.person("Ada", Role::Client).await;
    ada.put("portal/profile/settings", json!({"language": "es", "timeZone": "America/Denver"})).await.expect(200);
    ada.call(reqwest::Method::PATCH, "portal/profile/settings", Some(json!({"timeZone": "Europe/Berlin"})))
        .await
        .expect(200);
    let settings = ada.get("portal/profile/settings").await.expect(200);
    assert_eq!(settings, json!({"language": "es", "timeZone": "Europe/Berlin", "showsPresence": true}));
    for bad in [json!({"timeZone": "Mars/Olympus"}), json!({"language": "tlh"})] {
        ada.put("portal/profile/settings", bad).await.refused(422, "invalid");
    }
    practice.post("portal/auth/forgot-password", json!({"email": ada.email})).await.expect(202);
    let letter = mail.nth(&ada.email, 1).await;
    assert!(letter.header("Subject").starts_with("Elija una nueva"), "{}", letter.text);
}
