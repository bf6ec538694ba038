use crate::support::{
    app::App,
    practice::{Caller, PASSWORD, Practice, answer},
};
use carehub::accounts::Role;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

async fn enrolled(practice: &Practice, role: Role) -> (Caller, App) {
    let person = practice.person("Ada", role).await;
    let app = person.enrol().await;
    (person, app)
}

#[actix_web::test]
async fn with_an_app_the_password_alone_begins_no_session() {
    let practice = Practice::start().await;
    let (client, app) = enrolled(&practice, Role::Client).await;
    let state = client.get("portal/auth/mfa").await.expect(200);
    assert!(state["totp"]["enrolledAt"].is_string() && state["backupCodesLeft"] == 10 && state["required"] == false);
    let sessions = "SELECT count(*) FROM sign_in_sessions";
    let before = practice.database.query(sessions).await;

    let asked = practice.sign_in("portal", &client.email, PASSWORD).await;
    assert!(asked.headers().get("set-cookie").is_none());
    let asked = answer(asked).await.expect(200);
    assert_eq!(asked["mfa"]["methods"], json!(["totp", "backupCode"]));
    assert_eq!(asked.as_object().unwrap().len(), 1, "{asked}");
    assert_eq!(practice.database.query(sessions).await, before);

    let ticket = asked["mfa"]["ticket"].as_str().unwrap();
    practice.verify(&client, ticket, &app.wrong_code()).await.refused(401, "invalidCode");
    let signed_in = practice.verify(&client, ticket, &app.code(1)).await.expect(200);
    let caller = client.with_token(signed_in["accessToken"].as_str().unwrap());
    assert_eq!(caller.get("auth/me").await.expect(200)["id"], client.id.to_string());
    practice.verify(&client, ticket, &app.code(1)).await.refused(401, "ticketExpired");
}

#[actix_web::test]
async fn a_code_of_the_app_opens_once() {
    let practice = Practice::start().await;
    let (client, app) = enrolled(&practice, Role::Client).await;
    // The code that confirmed the app was used by that.
    let used = app.confirmed_by.clone();
    practice.verify(&client, &practice.ticket(&client).await, &used).await.refused(401, "invalidCode");
    let next = app.code(1);
    practice.verify(&client, &practice.ticket(&client).await, &next).await.expect(200);
    for replayed in [&next, &used] {
        practice.verify(&client, &practice.ticket(&client).await, replayed).await.refused(401, "invalidCode");
    }
}

#[actix_web::test]
async fn of_ten_uses_of_one_code_at_once_one_lets_in() {
    let practice = Practice::start().await;
    let (client, app) = enrolled(&practice, Role::Client).await;
    for code in [app.code(1), app.backup_codes[0].clone()] {
        let tickets = join_all((0..10).map(|_| practice.ticket(&client))).await;
        let answers = join_all(tickets.iter().map(|ticket| practice.verify(&client, ticket, &code))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{code}");
        practice.database.query("UPDATE users SET failed_sign_ins = 0, locked_until = NULL").await;
    }
}

#[actix_web::test]
async fn a_backup_code_opens_once_and_its_owner_is_told() {
    let practice = Practice::start().await;
    let (client, app) = enrolled(&practice, Role::Client).await;
    let typed = app.backup_codes[3].to_lowercase().replace('-', " ");
    practice.verify(&client, &practice.ticket(&client).await, &typed).await.expect(200);
    practice.verify(&client, &practice.ticket(&client).await, &typed).await.refused(401, "invalidCode");
    assert_eq!(client.get("portal/auth/mfa").await.expect(200)["backupCodesLeft"], 9);
    let told = "SELECT count(*) FROM outbox WHERE kind = 'security'";
    // Of the app, of the code, and of sign-ins from a new place where they are told of.
    assert!(practice.database.query(told).await[0].parse::<u32>().unwrap() >= 2);

    let renewed = client.post("portal/auth/mfa/backup-codes", json!({})).await.expect(200);
    assert_eq!(renewed["backupCodes"].as_array().unwrap().len(), 10);
    let old = &app.backup_codes[4];
    practice.verify(&client, &practice.ticket(&client).await, old).await.refused(401, "invalidCode");
}

#[actix_web::test]
async fn five_wrong_codes_lock_and_nobody_can_tell() {
    let practice = Practice::start().await;
    let (client, app) = enrolled(&practice, Role::Client).await;
    let (ticket, another) = (practice.ticket(&client).await, practice.ticket(&client).await);
    let mut wrong = practice.verify(&client, &ticket, &app.wrong_code()).await;
    for _ in 0..3 {
        wrong = practice.verify(&client, &ticket, &app.wrong_code()).await;
    }
    wrong.clone().refused(401, "invalidCode");
    // The right password wipes nothing out.
    let fresh = practice.ticket(&client).await;
    practice.verify(&client, &fresh, "AAAAA-AAAAA").await.refused(401, "invalidCode");
    assert_eq!(practice.verify(&client, &another, &app.code(1)).await, wrong, "a right code was told from a wrong one");
    practice.database.query("UPDATE users SET locked_until = now() - interval '1 second'").await;
    practice.verify(&client, &another, &app.code(1)).await.expect(200);
}

#[actix_web::test]
async fn guesses_at_once_are_counted_before_they_are_judged() {
    let practice = Practice::start().await;
    let (client, app) = enrolled(&practice, Role::Client).await;
    let tickets = join_all((0..12).map(|_| practice.ticket(&client))).await;
    join_all(tickets.iter().map(|ticket| practice.verify(&client, ticket, "999999"))).await;
    let refusals = "SELECT count(*) FROM audit_events WHERE detail->>'reason' = 'wrongSecondFactor'";
    assert_eq!(practice.database.query(refusals).await, ["5"], "more guesses were judged than are allowed");
    practice.verify(&client, &tickets[11], &app.code(1)).await.refused(401, "invalidCode");
}

#[actix_web::test]
async fn seeds_are_sealed_and_backup_codes_hashed() {
    let practice = Practice::start().await;
    let (_, app) = enrolled(&practice, Role::Client).await;
    let stored = practice.database.query("SELECT a::text || b::text FROM totp_authenticators a, backup_codes b").await;
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    for secret in app.backup_codes.iter().flat_map(|code| [code.clone(), code.replace('-', "")]).chain([app.secret]) {
        assert!(!stored[0].contains(&secret) && !stored[0].contains(&hex(&secret)), "{secret} is in the store");
    }
}

#[actix_web::test]
async fn a_seed_counts_only_after_a_code_of_it_was_typed() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let app = App::scan(&client.post("portal/auth/mfa/totp", json!({})).await.expect(200));
    let wrong = json!({"code": app.wrong_code()});
    client.post("portal/auth/mfa/totp/confirm", wrong).await.refused(422, "invalid");
    practice.sign_in("portal", &client.email, PASSWORD).await.headers()["set-cookie"].to_str().unwrap();
    // Another phone: the old one goes on until the new one is confirmed.
    let old = client.enrol().await;
    let new = App::scan(&client.post("portal/auth/mfa/totp", json!({})).await.expect(200));
    practice.verify(&client, &practice.ticket(&client).await, &old.code(1)).await.expect(200);
    let code = json!({"code": new.code(0)});
    client.post("portal/auth/mfa/totp/confirm", code.clone()).await.expect(200);
    client.post("portal/auth/mfa/totp/confirm", code).await.refused(409, "conflict");
    practice.forget_used_codes().await;
    practice.verify(&client, &practice.ticket(&client).await, &old.code(0)).await.refused(401, "invalidCode");
    practice.verify(&client, &practice.ticket(&client).await, &new.code(0)).await.expect(200);
}

#[actix_web::test]
async fn removing_the_app_ends_what_is_signed_in_elsewhere() {
    let practice = Practice::start().await;
    let (client, app) = enrolled(&practice, Role::Client).await;
    let elsewhere = practice.verify(&client, &practice.ticket(&client).await, &app.code(1)).await.expect(200);
    let elsewhere = client.with_token(elsewhere["accessToken"].as_str().unwrap());
    elsewhere.get("auth/me").await.expect(200);
    let ticket = practice.ticket(&client).await;
    client.delete("portal/auth/mfa/totp").await.expect(204);
    client.get("auth/me").await.expect(200);
    elsewhere.get("auth/me").await.refused(401, "unauthenticated");
    practice.verify(&client, &ticket, &app.backup_codes[0]).await.refused(401, "ticketExpired");
    let state = client.get("portal/auth/mfa").await.expect(200);
    assert!(state["totp"]["enrolledAt"].is_null() && state["backupCodesLeft"] == 0);
    assert!(answer(practice.sign_in("portal", &client.email, PASSWORD).await).await.expect(200)["user"].is_object());
    client.delete("portal/auth/mfa/totp").await.refused(404, "notFound");
    client.post("portal/auth/mfa/backup-codes", json!({})).await.refused(409, "conflict");
}

#[actix_web::test]
async fn a_ticket_is_good_at_its_own_door_alone() {
    let practice = Practice::start().await;
    let (clinician, app) = enrolled(&practice, Role::Clinician).await;
    let ticket = practice.ticket(&clinician).await;
    let other_door = practice.request(Method::POST, "/api/v1/portal/auth/mfa/verify");
    let other_door = other_door.json(&json!({"ticket": ticket, "code": app.code(1)})).send().await.unwrap();
    answer(other_door).await.refused(401, "ticketExpired");
    // A ticket of somebody who has a factor enrols no other one.
    let enrol = practice.request(Method::POST, "/api/v1/ehr/auth/mfa/enrol").json(&json!({"ticket": ticket}));
    answer(enrol.send().await.unwrap()).await.refused(401, "ticketExpired");
    practice.verify(&clinician, &ticket, &app.code(1)).await.expect(200);
}

#[actix_web::test]
async fn in_production_staff_come_in_with_two_factors_only() {
    let checkpoints = tempfile::tempdir().unwrap();
    let folder = checkpoints.path().to_str().unwrap();
    let settings = [("CAREHUB_PROFILE", "production"), ("CAREHUB_AUDIT_CHECKPOINTS", folder)];
    let practice = Practice::start_with(&settings).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let asked = practice.sign_in("ehr", &clinician.email, PASSWORD).await;
    assert!(asked.headers().get("set-cookie").is_none());
    let asked = answer(asked).await.expect(200);
    assert_eq!(asked.as_object().unwrap().len(), 1, "{asked}");
    assert_eq!((&asked["mfa"]["methods"], &asked["mfa"]["enrol"]), (&json!([]), &json!(true)));
    let ticket = asked["mfa"]["ticket"].as_str().unwrap();
    practice.verify(&clinician, ticket, "123456").await.refused(401, "invalidCode");

    let enrol = async |path: &str, body| {
        let request = practice.request(Method::POST, &format!("/api/v1/ehr/auth/mfa/enrol{path}"));
        answer(request.json(&body).send().await.unwrap()).await
    };
    let app = App::scan(&enrol("", json!({"ticket": ticket})).await.expect(200));
    enrol("/confirm", json!({"ticket": ticket, "code": app.wrong_code()})).await.refused(422, "invalid");
    let signed_in = enrol("/confirm", json!({"ticket": ticket, "code": app.code(0)})).await.expect(200);
    assert_eq!(signed_in["backupCodes"].as_array().unwrap().len(), 10);
    let caller = clinician.with_token(signed_in["accessToken"].as_str().unwrap());
    assert_eq!(caller.get("ehr/auth/mfa").await.expect(200)["required"], true);
    caller.delete("ehr/auth/mfa/totp").await.refused(403, "forbidden");
    practice.forget_used_codes().await;
    practice.verify(&clinician, &practice.ticket(&clinician).await, &app.code(0)).await.expect(200);
    // Clients choose for themselves.
    let client = practice.person("Ada", Role::Client).await;
    assert!(answer(practice.sign_in("portal", &client.email, PASSWORD).await).await.expect(200)["user"].is_object());
}
