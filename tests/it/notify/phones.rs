//! Telephone numbers of people.

use super::office::{Office, code};
use crate::support::twilio::Instead;
use carehub::accounts::Role;
use serde_json::json;

const ADA: &str = "+15125550123";
const OTHER: &str = "+15125550177";

#[actix_web::test]
async fn a_number_counts_once_the_code_that_was_sent_to_it_came_back() {
    let office = Office::open().await;
    for role in [Role::Client, Role::Clinician] {
        let number = if role == Role::Client { ADA } else { OTHER };
        let person = office.practice.person("Ada", role).await;
        let path = format!("{}/account/phone", person.door());
        let typed = format!("{} {}", &number[..5], &number[5..]);
        person.put(&path, json!({"number": typed})).await.expect(202);
        let shown = person.get(&path).await.expect(200);
        assert_eq!((&shown["number"], &shown["pending"]), (&json!(null), &json!(number)));
        let sent = office.twilio.nth(number, 1).await;
        assert!(sent.body.starts_with("Carehub: "), "{}", sent.body);
        let right = code(&sent.body);
        let wrong = if right == "000000" { "000001" } else { "000000" };
        person.post(&format!("{path}/verify"), json!({"code": wrong})).await.refused(422, "invalid");
        person.post(&format!("{path}/verify"), json!({"code": right})).await.expect(204);
        let shown = person.get(&path).await.expect(200);
        assert_eq!((&shown["number"], &shown["pending"]), (&json!(number), &json!(null)));
        // A code is good once.
        person.post(&format!("{path}/verify"), json!({"code": right})).await.refused(422, "invalid");
        office.mail.about(&person.email, "Your telephone number was changed", 1).await;
        person.delete(&path).await.expect(204);
        assert_eq!(person.get(&path).await.expect(200)["number"], json!(null));
    }
    let rows = office.practice.database.query("SELECT encode(sealed, 'escape') FROM contact_points").await;
    assert!(rows.is_empty(), "{rows:?}");
    let log = office.practice.hub.logged();
    assert!(!log.contains(&ADA[2..]) && !log.contains(&OTHER[2..]), "{log}");
}

#[actix_web::test]
async fn the_number_in_use_stays_until_the_next_one_is_proven() {
    let office = Office::open().await;
    let person = office.person("Kim", Role::Clinician, ADA).await;
    person.put("ehr/account/phone", json!({"number": OTHER})).await.expect(202);
    let shown = person.get("ehr/account/phone").await.expect(200);
    assert_eq!((&shown["number"], &shown["pending"]), (&json!(ADA), &json!(OTHER)));
    let proof = code(&office.twilio.nth(OTHER, 1).await.body);
    person.post("ehr/account/phone/verify", json!({"code": proof})).await.expect(204);
    assert_eq!(person.get("ehr/account/phone").await.expect(200)["number"], OTHER);
    assert_eq!(office.practice.database.query("SELECT count(*) FROM contact_points").await, ["1"]);
    person.put("ehr/account/phone", json!({"number": OTHER})).await.refused(422, "invalid");
}

#[actix_web::test]
async fn codes_cannot_be_guessed_and_nobody_is_flooded_with_them() {
    let office = Office::open().await;
    let person = office.practice.person("Kim", Role::Clinician).await;
    person.put("ehr/account/phone", json!({"number": ADA})).await.expect(202);
    let right = code(&office.twilio.nth(ADA, 1).await.body);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        person.post("ehr/account/phone/verify", json!({"code": wrong})).await.refused(422, "invalid");
    }
    person.post("ehr/account/phone/verify", json!({"code": right})).await.refused(422, "invalid");
    for _ in 0..2 {
        person.put("ehr/account/phone", json!({"number": ADA})).await.expect(202);
    }
    person.put("ehr/account/phone", json!({"number": OTHER})).await.refused(429, "rateLimited");
    for typed in ["5125550123", "+1 555", "+15125550123\r\nX: y", "mailto:x", ""] {
        let refused = person.put("ehr/account/phone", json!({"number": typed})).await;
        assert_eq!(refused.refused(422, "invalid")["errors"][0]["pointer"], "/number", "{typed:?}");
    }
    // Somebody who was not asked for who they are a moment ago changes no number.
    office.practice.database.query("UPDATE sign_in_sessions SET reauthenticated_at = now() - interval '1 hour'").await;
    person.put("ehr/account/phone", json!({"number": OTHER})).await.refused(403, "reauthenticate");
    person.delete("ehr/account/phone").await.refused(403, "reauthenticate");
}

#[actix_web::test]
async fn a_number_that_is_not_proven_gets_nothing_but_its_code() {
    let office = Office::open().await;
    office.twilio.once(Instead::Refuse { status: 400, code: 21614, retry_after: None });
    let person = office.practice.person("Kim", Role::Clinician).await;
    person.put("ehr/account/phone", json!({"number": ADA})).await.expect(202);
    let look = "SELECT concat_ws(' ', kind, state, last_error) FROM outbox WHERE channel = 'sms'";
    crate::support::eventually("the code to bounce", std::time::Duration::from_secs(10), async || {
        (office.practice.database.query(look).await == ["phoneCode bounced twilio 21614"]).then_some(())
    })
    .await;
    let mut conn = office.practice.database.connect().await;
    assert!(carehub::notify::contact::reachable(&mut conn, person.id).await.unwrap().is_empty());
}
