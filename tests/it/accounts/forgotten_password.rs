use crate::support::{
    Client, MailServer,
    practice::{Answer, Caller, PASSWORD, Practice, answer},
};
use carehub::accounts::Role;
use futures_util::future::join_all;
use serde_json::json;

const NEW: &str = "quiet orchard kettle";

async fn asked(practice: &Practice, mail: &MailServer, who: &Caller) -> String {
    const SUBJECT: &str = "Choose a new password";
    let before = mail.arrived(&who.email).iter().filter(|mail| mail.header("Subject") == SUBJECT).count();
    practice.post(&format!("{}/auth/forgot-password", who.door()), json!({"email": who.email})).await.expect(202);
    mail.about(&who.email, SUBJECT, before + 1).await.secret(match who.door() {
        "portal" => "/reset-password",
        _ => "/reset-password?door=clinician",
    })
}

async fn reset(practice: &Practice, door: &str, token: &str, password: &str) -> Answer {
    practice.post(&format!("{door}/auth/reset-password"), json!({"token": token, "password": password})).await
}

#[actix_web::test]
async fn a_link_to_the_address_on_file_gives_a_new_password_and_ends_every_session() {
    let (practice, mail) = Practice::with_mail().await;
    for role in [Role::Client, Role::Clinician] {
        let who = practice.person("Ada", role).await;
        let mut live = Client::synced(&practice.hub, &who.someone()).await;
        let token = asked(&practice, &mail, &who).await;
        let wrong_door = if who.door() == "portal" { "ehr" } else { "portal" };
        assert_eq!(
            reset(&practice, wrong_door, &token, NEW).await.refused(422, "invalid")["errors"][0]["pointer"],
            "/token"
        );
        let answer = reset(&practice, who.door(), &token, NEW).await;
        assert_eq!(answer.expect(204), serde_json::Value::Null);
        assert_eq!(live.closed().await, Some(4401));
        who.get("auth/me").await.refused(401, "unauthenticated");
        assert!(!practice.lets_in(who.door(), &who.email, PASSWORD).await);
        assert!(practice.lets_in(who.door(), &who.email, NEW).await);
        mail.about(&who.email, "Your password was changed", 1).await;
    }
}

#[actix_web::test]
async fn a_link_works_once_however_many_use_it_at_the_same_moment() {
    let (practice, mail) = Practice::with_mail().await;
    let client = practice.person("Ada", Role::Client).await;
    let token = asked(&practice, &mail, &client).await;
    assert!(token.len() * 6 >= 128, "fewer than 128 bits: {token}");
    let uses = (0..10).map(|n| {
        let (practice, token) = (&practice, &token);
        async move { reset(practice, "portal", token, &format!("{NEW} {n}")).await }
    });
    let mut statuses: Vec<u16> = join_all(uses).await.into_iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![204], vec![422; 9]].concat());
    // Nobody who reads the store can use it.
    let rows = practice.database.query("SELECT t::text FROM one_time_tokens t").await.join("\n");
    assert!(!rows.is_empty() && !rows.contains(&token));
}

#[actix_web::test]
async fn a_link_is_over_after_an_hour_after_a_change_of_address_and_after_a_change_of_password() {
    let (practice, mail) = Practice::with_mail().await;
    let refused = async |token: &str| drop(reset(&practice, "portal", token, NEW).await.refused(422, "invalid"));
    let client = practice.person("Ada", Role::Client).await;
    let token = asked(&practice, &mail, &client).await;
    practice.database.query("UPDATE one_time_tokens SET expires_at = expires_at - interval '61 minutes'").await;
    refused(&token).await;

    let token = asked(&practice, &mail, &client).await;
    let elsewhere = format!("UPDATE users SET email = 'else@example.org' WHERE id = '{}'", client.id);
    practice.database.query(&elsewhere).await;
    refused(&token).await;

    let client = practice.person("Bea", Role::Client).await;
    let (first, second) = (asked(&practice, &mail, &client).await, asked(&practice, &mail, &client).await);
    reset(&practice, "portal", &first, NEW).await.expect(204);
    refused(&second).await;

    let client = practice.person("Cleo", Role::Client).await;
    let token = asked(&practice, &mail, &client).await;
    let change = json!({"currentPassword": PASSWORD, "newPassword": NEW});
    client.post("portal/auth/change-password", change).await.expect(204);
    refused(&token).await;

    let client = practice.person("Dora", Role::Client).await;
    let token = asked(&practice, &mail, &client).await;
    practice.database.query("UPDATE users SET status = 'disabled'").await;
    refused(&token).await;
}

#[actix_web::test]
async fn a_new_password_is_no_way_around_the_second_factor() {
    let (practice, mail) = Practice::with_mail().await;
    let client = practice.person("Ada", Role::Client).await;
    client.enrol().await;
    let token = asked(&practice, &mail, &client).await;
    reset(&practice, "portal", &token, NEW).await.expect(204);
    let signed_in = practice.sign_in("portal", &client.email, NEW).await;
    assert!(!signed_in.headers().contains_key("set-cookie"));
    let asked = answer(signed_in).await.expect(200);
    assert!(asked["mfa"]["ticket"].is_string() && asked["accessToken"].is_null(), "{asked}");
}

#[actix_web::test]
async fn a_password_that_is_none_does_not_use_the_link_up() {
    let (practice, mail) = Practice::with_mail().await;
    let client = practice.person("Ada", Role::Client).await;
    let token = asked(&practice, &mail, &client).await;
    for bad in ["elevenchars", "password1234", &"x y".repeat(43), "elm-street-elm"] {
        let refused = reset(&practice, "portal", &token, bad).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/password", "{bad}");
    }
    // Any characters, taken as they are; the same character typed in another way is the same.
    let odd = " Cafe\u{301} 🦉 \t'; DROP TABLE users; -- ";
    reset(&practice, "portal", &token, odd).await.expect(204);
    assert!(practice.lets_in("portal", &client.email, odd).await);
    assert!(practice.lets_in("portal", &client.email, &odd.replace("e\u{301}", "é")).await);
    assert!(!practice.lets_in("portal", &client.email, odd.trim()).await);
    assert!(!practice.lets_in("portal", &client.email, &odd.to_lowercase()).await);
}

#[actix_web::test]
async fn nobodys_letter_box_is_filled_by_somebody_else() {
    let (practice, mail) = Practice::with_mail().await;
    let client = practice.person("Ada", Role::Client).await;
    for _ in 0..3 {
        asked(&practice, &mail, &client).await;
    }
    practice.post("portal/auth/forgot-password", json!({"email": client.email})).await.expect(202);
    assert_eq!(practice.database.query("SELECT count(*) FROM outbox").await, ["3"]);
}

#[actix_web::test]
async fn asking_and_resetting_are_on_record_without_what_was_typed() {
    let (practice, mail) = Practice::with_mail().await;
    let client = practice.person("Ada", Role::Client).await;
    practice.post("portal/auth/forgot-password", json!({"email": "canary@example.org"})).await.expect(202);
    let token = asked(&practice, &mail, &client).await;
    reset(&practice, "portal", &token, NEW).await.expect(204);
    let rows =
        practice.database.query("SELECT concat_ws(' ', action, outcome, client_id) FROM audit_events ORDER BY id");
    let of_client = client.id;
    assert_eq!(
        rows.await,
        [
            "passwordReset.requested refused".to_owned(),
            format!("passwordReset.requested done {of_client}"),
            format!("password.reset done {of_client}"),
        ]
    );
    let all = practice.database.query("SELECT e::text FROM audit_events e").await.join("\n");
    assert!(!all.contains("canary") && !all.contains(&token), "{all}");
    assert!(!practice.hub.logged().contains("canary") && !practice.hub.logged().contains(&token));
}
