use super::registration::{ADA, on_file};
use crate::support::practice::{Answer, Practice};
use carehub::accounts::Role;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

const NEW: &str = "quiet orchard kettle";
const KIM: &str = "kim@example.org";
const SUBJECT: &str = "You are invited to open an account";

async fn accept(practice: &Practice, token: &str) -> Answer {
    let acceptance = json!({"token": token, "name": "Kim Reyes", "password": NEW});
    practice.post("ehr/auth/accept-invitation", acceptance).await
}

#[actix_web::test]
async fn a_colleague_accepts_an_invitation_once_and_has_the_role_that_it_names() {
    let (practice, mail) = Practice::with_mail().await;
    let admin = practice.person("Ruth", Role::Admin).await;
    admin.post("admin/invitations", json!({"email": KIM, "role": "clinician"})).await.expect(201);
    let token = mail.about(KIM, SUBJECT, 1).await.secret("/invitation");
    let mut statuses: Vec<u16> =
        join_all((0..10).map(|_| accept(&practice, &token))).await.into_iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![204], vec![422; 9]].concat());
    let signed_in = crate::support::practice::answer(practice.sign_in("ehr", KIM, NEW).await).await.expect(200);
    let user = &signed_in["user"];
    let role = practice.database.query(&format!("SELECT role FROM users WHERE email = '{KIM}'")).await;
    assert_eq!(role, ["clinician"], "{user}");
    mail.about(KIM, "Your account is open", 1).await;
    let listed = admin.get("admin/invitations").await.expect(200);
    assert!(listed["items"][0]["acceptedAt"].is_string(), "{listed}");
    admin.post("admin/invitations", json!({"email": KIM, "role": "staff"})).await.refused(409, "conflict");
}

#[actix_web::test]
async fn an_old_link_of_an_invitation_that_stands_is_answered_with_a_new_one_in_the_mail() {
    let (practice, mail) = Practice::with_mail().await;
    let admin = practice.person("Ruth", Role::Admin).await;
    admin.post("admin/invitations", json!({"email": KIM, "role": "staff"})).await.expect(201);
    let old = mail.about(KIM, SUBJECT, 1).await.secret("/invitation");
    practice.database.query("UPDATE one_time_tokens SET expires_at = expires_at - interval '61 minutes'").await;
    accept(&practice, &old).await.refused(422, "invalid");
    let new = mail.about(KIM, SUBJECT, 2).await.secret("/invitation");
    accept(&practice, &new).await.expect(204);
}

#[actix_web::test]
async fn an_invitation_taken_back_replaced_or_a_week_old_lets_nobody_in() {
    let (practice, mail) = Practice::with_mail().await;
    let admin = practice.person("Ruth", Role::Admin).await;
    let invite = async || admin.post("admin/invitations", json!({"email": KIM, "role": "staff"})).await.expect(201);
    let token = async |n| mail.about(KIM, SUBJECT, n).await.secret("/invitation");
    invite().await;
    let replaced = token(1).await;
    let second = invite().await;
    let taken_back = token(2).await;
    accept(&practice, &replaced).await.refused(422, "invalid");
    admin.delete(&format!("admin/invitations/{}", second["id"].as_str().unwrap())).await.expect(204);
    accept(&practice, &taken_back).await.refused(422, "invalid");
    invite().await;
    let old = token(3).await;
    practice.database.query("UPDATE invitations SET expires_at = now()").await;
    accept(&practice, &old).await.refused(422, "invalid");
    assert_eq!(mail.arrived(KIM).len(), 3);
    assert!(!practice.lets_in("ehr", KIM, NEW).await);
    admin.post("admin/invitations", json!({"email": KIM, "role": "client"})).await.refused(422, "invalid");
}

#[actix_web::test]
async fn a_clients_invitation_that_went_astray_is_worth_nothing_without_the_date_of_birth() {
    let (practice, mail) = Practice::with_mail().await;
    let (staff, client) = on_file(&practice).await;
    let invite = format!("ehr/clients/{}/invitation", client["id"].as_str().unwrap());
    staff.call(Method::POST, &invite, None).await.expect(201);
    let token = mail.about(ADA, SUBJECT, 1).await.secret("/register");
    let try_with = async |born: &str| {
        let given = json!({
            "email": ADA, "password": NEW, "dateOfBirth": born, "invitation": token, "acceptTerms": "2026-11-21",
        });
        assert_eq!(practice.post("portal/auth/register", given).await.expect(202), json!({}));
    };
    for year in 1980..1985 {
        try_with(&format!("{year}-01-01")).await;
    }
    try_with("1988-02-29").await;
    assert!(!practice.lets_in("portal", ADA, NEW).await, "after five wrong dates");
    // Only the practice helps, and it sees no account yet.
    staff.call(Method::POST, &invite, None).await.expect(201);
    let token = mail.about(ADA, SUBJECT, 2).await.secret("/register");
    let given: Value = json!({
        "email": ADA, "password": NEW, "dateOfBirth": "1988-02-29", "invitation": token, "acceptTerms": "2026-11-21",
    });
    // A colleague's page is no way around it.
    accept(&practice, &token).await.refused(422, "invalid");
    practice.post("portal/auth/register", given).await.expect(202);
    assert!(practice.lets_in("portal", ADA, NEW).await);
    staff.call(Method::POST, &invite, None).await.refused(409, "conflict");
}

#[actix_web::test]
async fn a_client_is_put_on_file_once_and_a_clinician_who_does_it_cares_for_them() {
    let practice = Practice::start().await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let file = json!({"name": "Ada Novak", "email": ADA, "dateOfBirth": "1988-02-29"});
    let client = clinician.post("ehr/clients", file.clone()).await.expect(201);
    assert_eq!(clinician.get("ehr/clients").await.expect(200)["items"][0]["id"], client["id"]);
    clinician.post("ehr/clients", file).await.refused(409, "conflict");
    for (pointer, wrong) in [
        ("/name", json!({"name": " ", "email": "b@example.com", "dateOfBirth": "1988-02-29"})),
        ("/email", json!({"name": "B", "email": "b", "dateOfBirth": "1988-02-29"})),
        ("/dateOfBirth", json!({"name": "B", "email": "b@example.com", "dateOfBirth": "1388-02-29"})),
        ("/ssnLast4", json!({"name": "B", "email": "b@example.com", "dateOfBirth": "1988-02-29", "ssnLast4": "12a4"})),
        ("/language", json!({"name": "B", "email": "b@example.com", "dateOfBirth": "1988-02-29", "language": "xx"})),
    ] {
        let problem = clinician.post("ehr/clients", wrong).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
}
