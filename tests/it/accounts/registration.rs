use crate::support::practice::{Answer, Caller, Practice};
use carehub::accounts::Role;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

const NEW: &str = "quiet orchard kettle";
pub const ADA: &str = "ada.novak@example.com";

/// Puts Ada on file.
pub async fn on_file(practice: &Practice) -> (Caller, Value) {
    let staff = practice.person("Sid", Role::Staff).await;
    let file =
        json!({"name": "Ada Novak", "email": ADA, "dateOfBirth": "1988-02-29", "ssnLast4": "0417", "mrn": "elm-0042"});
    let client = staff.post("ehr/clients", file).await.expect(201);
    (staff, client)
}

fn given(change: impl FnOnce(&mut Value)) -> Value {
    let mut given = json!({
        "email": ADA, "password": NEW, "dateOfBirth": "1988-02-29", "ssnLast4": "0417", "acceptTerms": "2026-11-21",
    });
    change(&mut given);
    given
}

async fn register(practice: &Practice, given: Value) -> Answer {
    practice.post("portal/auth/register", given).await
}

async fn confirm(practice: &Practice, token: &str) -> Answer {
    practice.post("portal/auth/verify-email", json!({"token": token})).await
}

async fn waits_for_mail(practice: &Practice) -> usize {
    practice.database.query("SELECT count(*) FROM outbox").await[0].parse().unwrap()
}

#[actix_web::test]
async fn a_client_on_file_registers_and_comes_in_once_the_address_on_file_is_confirmed() {
    let (practice, mail) = Practice::with_mail().await;
    let (staff, client) = on_file(&practice).await;
    let terms = practice.request(Method::GET, "/api/v1/portal/auth/terms").send().await.unwrap();
    assert_eq!(crate::support::practice::answer(terms).await.expect(200)["version"], "2026-11-21");
    assert_eq!(register(&practice, given(|_| {})).await.expect(202), json!({}));
    assert!(!practice.lets_in("portal", ADA, NEW).await, "before the address is confirmed");
    let token = mail.about(ADA, "Please confirm your e-mail address", 1).await.secret("/verify-email");
    confirm(&practice, &token).await.expect(204);
    assert!(practice.lets_in("portal", ADA, NEW).await);
    mail.about(ADA, "Your account is open", 1).await;
    confirm(&practice, &token).await.refused(422, "invalid");
    let accepted = practice.database.query("SELECT user_id || ' ' || version FROM accepted_terms").await;
    assert_eq!(accepted, [format!("{} 2026-11-21", client["id"].as_str().unwrap())]);
    // The practice finds them, and nothing of the file is readable in the store.
    let found = staff.get("ehr/clients?q=novak&all=true").await.expect(200);
    assert_eq!(found["items"][0]["name"], "Ada Novak", "{found}");
    let dump = practice.database.query("SELECT f::text FROM client_files f").await.join("");
    assert!(!dump.contains("0417") && !dump.contains("1988") && !dump.contains(&hex("1988-02-29")), "{dump}");
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[actix_web::test]
async fn whoever_registers_is_answered_alike_and_only_the_client_on_file_gets_an_e_mail() {
    let (practice, mail) = Practice::with_mail().await;
    on_file(&practice).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    for wrong in [
        given(|given| given["email"] = json!("nobody@example.com")),
        given(|given| given["email"] = json!(clinician.email)),
        given(|given| given["dateOfBirth"] = json!("1988-02-28")),
        given(|given| given["ssnLast4"] = json!("0418")),
    ] {
        assert_eq!(register(&practice, wrong).await.expect(202), json!({}));
    }
    assert_eq!(waits_for_mail(&practice).await, 0);
    let by_number = |given: &mut Value| {
        given.as_object_mut().unwrap().remove("ssnLast4");
        given["mrn"] = json!(" ELM-0042 ");
    };
    register(&practice, given(by_number)).await.expect(202);
    let token = mail.about(ADA, "Please confirm your e-mail address", 1).await.secret("/verify-email");
    confirm(&practice, &token).await.expect(204);
    // Registered already: the owner of the address learns it, the caller does not.
    assert_eq!(
        register(&practice, given(|given| given["password"] = json!("another orchard kettle"))).await.expect(202),
        json!({})
    );
    mail.about(ADA, "You have an account already", 1).await;
    assert!(!practice.lets_in("portal", ADA, "another orchard kettle").await);
    let all = practice
        .database
        .query("SELECT concat_ws(' ', action, outcome, user_agent, detail) FROM audit_events")
        .await
        .join("\n");
    assert!(!all.contains("0418") && !all.contains("1988") && !all.contains("nobody@"), "{all}");
}

#[actix_web::test]
async fn what_only_the_input_tells_is_refused_with_its_place() {
    let practice = Practice::start().await;
    for (pointer, wrong) in [
        ("/email", given(|given| given["email"] = json!("nobody"))),
        ("/dateOfBirth", given(|given| given["dateOfBirth"] = json!("2999-01-01"))),
        ("/dateOfBirth", given(|given| given["dateOfBirth"] = json!("1989-02-29"))),
        ("/ssnLast4", given(|given| given["ssnLast4"] = json!("123"))),
        ("/ssnLast4", given(|given| given["mrn"] = json!("x"))),
        ("/acceptTerms", given(|given| given["acceptTerms"] = json!("2001-01-01"))),
        ("/password", given(|given| given["password"] = json!("ada.novak@example.com"))),
        ("/password", given(|given| given["password"] = json!("password1234"))),
    ] {
        let problem = register(&practice, wrong).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
}

#[actix_web::test]
async fn the_sixth_try_of_a_day_is_refused_even_if_it_is_right_and_then_only_an_invitation_helps() {
    let (practice, mail) = Practice::with_mail().await;
    let (staff, client) = on_file(&practice).await;
    let guesses = (0..8).map(|n| register(&practice, given(|given| given["ssnLast4"] = json!(format!("100{n}")))));
    for answer in join_all(guesses).await {
        assert_eq!(answer.expect(202), json!({}));
    }
    assert_eq!(register(&practice, given(|_| {})).await.expect(202), json!({}));
    assert_eq!(waits_for_mail(&practice).await, 0);
    // An invitation helps, and tomorrow is another day.
    let invite = format!("ehr/clients/{}/invitation", client["id"].as_str().unwrap());
    staff.call(Method::POST, &invite, None).await.expect(201);
    let token = mail.about(ADA, "You are invited to open an account", 1).await.secret("/register");
    let with_invitation = |given: &mut Value| {
        given.as_object_mut().unwrap().remove("ssnLast4");
        given["invitation"] = json!(token);
    };
    register(&practice, given(with_invitation)).await.expect(202);
    assert!(practice.lets_in("portal", ADA, NEW).await);
}

#[actix_web::test]
async fn tries_are_counted_for_a_day() {
    let (practice, mail) = Practice::with_mail().await;
    on_file(&practice).await;
    for n in 0..5 {
        register(&practice, given(|given| given["ssnLast4"] = json!(format!("100{n}")))).await.expect(202);
    }
    practice.database.query("UPDATE registration_tries SET at = at - interval '24 hours'").await;
    register(&practice, given(|_| {})).await.expect(202);
    mail.about(ADA, "Please confirm your e-mail address", 1).await;
}

#[actix_web::test]
async fn one_network_may_try_twenty_times_a_day_whomever_it_is_about() {
    let practice = Practice::start().await;
    let tries = (0..24).map(|n| register(&practice, given(|given| given["email"] = json!(format!("{n}@example.com")))));
    let mut statuses: Vec<u16> = join_all(tries).await.into_iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![202; 20], vec![429; 4]].concat());
}

#[actix_web::test]
async fn a_confirmation_works_once_and_the_newest_one_alone() {
    let (practice, mail) = Practice::with_mail().await;
    on_file(&practice).await;
    register(&practice, given(|_| {})).await.expect(202);
    let first = mail.about(ADA, "Please confirm your e-mail address", 1).await.secret("/verify-email");
    for email in [ADA, "nobody@example.com"] {
        let answer = practice.post("portal/auth/resend-verification", json!({"email": email})).await;
        assert_eq!(answer.expect(202), json!({}));
    }
    let second = mail.about(ADA, "Please confirm your e-mail address", 2).await.secret("/verify-email");
    confirm(&practice, &first).await.refused(422, "invalid");
    let uses = join_all((0..10).map(|_| confirm(&practice, &second))).await;
    assert_eq!(uses.iter().filter(|answer| answer.status == 204).count(), 1);
    practice.post("portal/auth/resend-verification", json!({"email": ADA})).await.expect(202);
    let confirmations = mail.arrived(ADA).into_iter().filter(|mail| mail.text.contains("/verify-email#")).count();
    assert_eq!(confirmations, 2, "an account that is open needs no confirmation");
}
