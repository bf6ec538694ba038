use crate::support::{
    hub::MASTER_KEY,
    practice::{PASSWORD, Practice, answer},
};
use carehub::accounts::Role;
use serde_json::json;
use std::process::Command;

#[actix_web::test]
async fn the_practice_helps_somebody_who_lost_their_phone_and_they_are_told() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let app = client.enrol().await;
    let ticket = practice.ticket(&client).await;
    let path = format!("ehr/clients/{}/reset-second-factor", client.id);
    clinician.post(&path, json!({})).await.expect(204);
    client.get("auth/me").await.refused(401, "unauthenticated");
    practice.verify(&client, &ticket, &app.backup_codes[0]).await.refused(401, "ticketExpired");
    assert!(answer(practice.sign_in("portal", &client.email, PASSWORD).await).await.expect(200)["user"].is_object());
    let row = "SELECT actor_id::text || ' ' || client_id::text FROM audit_events WHERE action = 'secondFactor.reset'";
    assert_eq!(practice.database.query(row).await, [format!("{} {}", clinician.id, client.id)]);
    let told = format!("SELECT count(*) >= 2 FROM outbox WHERE recipient_id = '{}'", client.id);
    assert_eq!(practice.database.query(&told).await, ["t"]);
}

#[actix_web::test]
async fn nobody_else_takes_a_second_factor_away() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let admin = practice.person("Root", Role::Admin).await;
    for person in [&client, &clinician, &admin] {
        person.enrol().await;
    }
    let stranger = practice.stranger("Zoe", Role::Admin).await;
    let of_client = format!("ehr/clients/{}/reset-second-factor", client.id);
    let of_clinician = format!("ehr/clients/{}/reset-second-factor", clinician.id);
    let of_user = |id| format!("admin/users/{id}/reset-second-factor");
    stranger.post(&of_client, json!({})).await.refused(404, "notFound");
    stranger.post(&of_user(client.id), json!({})).await.refused(404, "notFound");
    clinician.post(&of_clinician, json!({})).await.refused(404, "notFound");
    clinician.post(&of_user(clinician.id), json!({})).await.refused(403, "forbidden");
    client.post(&of_client, json!({})).await.refused(403, "forbidden");
    // An administrator's own goes by their own factor.
    admin.post(&of_user(admin.id), json!({})).await.refused(404, "notFound");
    assert_eq!(practice.database.query("SELECT count(*) FROM totp_authenticators").await, ["3"]);
    admin.post(&of_user(clinician.id), json!({})).await.expect(204);
    assert_eq!(practice.database.query("SELECT count(*) FROM totp_authenticators").await, ["2"]);
}

#[actix_web::test]
async fn a_forgotten_password_does_not_get_round_the_second_factor() {
    const NEW: &str = "quiet orchard kettle";
    let (practice, mail) = Practice::with_mail().await;
    let client = practice.person("Ada", Role::Client).await;
    let app = client.enrol().await;
    let before = practice.ticket(&client).await;
    practice.post("portal/auth/forgot-password", json!({"email": client.email})).await.expect(202);
    let token = mail.about(&client.email, "Choose a new password", 1).await.secret("/reset-password");
    practice.post("portal/auth/reset-password", json!({"token": token, "password": NEW})).await.expect(204);
    // What the old password began ends with it.
    practice.verify(&client, &before, &app.code(1)).await.refused(401, "ticketExpired");
    let asked = practice.sign_in("portal", &client.email, NEW).await;
    assert!(asked.headers().get("set-cookie").is_none());
    let asked = answer(asked).await.expect(200);
    assert!(asked["user"].is_null() && asked["accessToken"].is_null(), "{asked}");
    let ticket = asked["mfa"]["ticket"].as_str().unwrap();
    practice.verify(&client, ticket, &app.code(1)).await.expect(200);
}

#[actix_web::test]
async fn an_operator_helps_the_only_administrator_from_the_command_line() {
    let practice = Practice::start().await;
    let admin = practice.person("Root", Role::Admin).await;
    let app = admin.enrol().await;
    let ticket = practice.ticket(&admin).await;
    let reset = |email: &str| {
        let mut carehub = Command::new(env!("CARGO_BIN_EXE_carehub"));
        carehub.args(["user", "reset-second-factor", email]).env_clear();
        carehub.env("DATABASE_URL", practice.database.service_url()).env("CAREHUB_MASTER_KEY", MASTER_KEY);
        carehub.output().unwrap()
    };
    let unknown = reset("nobody@example.org");
    assert!(!unknown.status.success());
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("nobody signs in with nobody@example.org"));
    admin.get("auth/me").await.expect(200);

    let done = reset(&admin.email);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8(done.stdout).unwrap().contains("signs in with the password alone"));
    admin.get("auth/me").await.refused(401, "unauthenticated");
    practice.verify(&admin, &ticket, &app.backup_codes[0]).await.refused(401, "ticketExpired");
    for left in ["totp_authenticators", "backup_codes"] {
        assert_eq!(practice.database.query(&format!("SELECT count(*) FROM {left}")).await, ["0"], "{left}");
    }
    assert!(answer(practice.sign_in("ehr", &admin.email, PASSWORD).await).await.expect(200)["user"].is_object());
    let row = "SELECT actor_role || ' ' || outcome || ' ' || coalesce(object_id::text, '') FROM audit_events
        WHERE action = 'secondFactor.reset'";
    assert_eq!(practice.database.query(row).await, [format!("hub done {}", admin.id)]);
}
