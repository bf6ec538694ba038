//! Refresh tokens: each once, and none twice (S1, S7).

use crate::support::{
    Client, Hub, Someone,
    practice::{Answer, Caller, PASSWORD, Practice, answer},
    text,
};
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// What a program is given that keeps itself signed in.
async fn tokens(practice: &Practice, who: &Caller) -> Value {
    let body = json!({"email": who.email, "password": PASSWORD, "tokens": true});
    let path = format!("/api/v1/{}/auth/login", who.door());
    answer(practice.request(Method::POST, &path).json(&body).send().await.unwrap()).await.expect(200)
}

async fn refresh(practice: &Practice, door: &str, token: &str) -> Answer {
    let path = format!("/api/v1/{door}/auth/refresh-token");
    let request = practice.request(Method::POST, &path).json(&json!({ "refreshToken": token }));
    answer(request.send().await.unwrap()).await
}

#[actix_web::test]
async fn a_refresh_token_is_good_once_for_both_of_its_successors() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let first = tokens(&practice, &client).await;
    refresh(&practice, "ehr", text(&first, "refreshToken")).await.refused(401, "unauthenticated");
    refresh(&practice, "portal", "made up").await.refused(401, "unauthenticated");
    let second = refresh(&practice, "portal", text(&first, "refreshToken")).await.expect(200);
    assert_ne!(first["refreshToken"], second["refreshToken"]);
    assert_eq!(first["refreshTokenExpiresAt"], second["refreshTokenExpiresAt"], "using it prolongs nothing");
    let third = refresh(&practice, "portal", text(&second, "refreshToken")).await.expect(200);
    for known in [&first, &second, &third] {
        client.with_token(text(known, "accessToken")).get("auth/me").await.expect(200);
    }
    let stored = "SELECT count(*) FROM refresh_tokens WHERE hash = sha256(convert_to('{}', 'UTF8'))";
    let stored = stored.replace("{}", text(&third, "refreshToken"));
    assert_eq!(practice.database.query(&stored).await, ["1"], "stored as anything but a digest");
}

#[actix_web::test]
async fn a_refresh_token_used_twice_ends_its_family_on_both_nodes_within_five_seconds() {
    let practice = Practice::start().await;
    let other_node = Hub::start(&practice.database).await;
    let client = practice.person("Ada", Role::Client).await;
    let first = tokens(&practice, &client).await;
    let second = refresh(&practice, "portal", text(&first, "refreshToken")).await.expect(200);
    let someone = Someone { id: client.id.to_string(), token: text(&second, "accessToken").to_owned() };
    let mut here = Client::synced(&practice.hub, &someone).await;
    let mut there = Client::synced(&other_node, &someone).await;
    // The thief comes with what was used already.
    refresh(&practice, "portal", text(&first, "refreshToken")).await.refused(401, "unauthenticated");
    let closed = tokio::time::timeout(Duration::from_secs(5), async { (here.closed().await, there.closed().await) });
    assert_eq!(closed.await.expect("sockets lived on"), (Some(4401), Some(4401)));
    for known in [&first, &second] {
        client.with_token(text(known, "accessToken")).get("auth/me").await.refused(401, "unauthenticated");
    }
    let (status, _) = other_node.call(Method::GET, "/api/v1/auth/me", &someone, None).await;
    assert_eq!(status, 401);
    refresh(&practice, "portal", text(&second, "refreshToken")).await.refused(401, "unauthenticated");
    let row = format!(
        "SELECT concat_ws(' ', outcome, client_id = '{}', detail->>'reason') FROM audit_events WHERE action = 'token.reuse'",
        client.id
    );
    assert_eq!(practice.database.query(&row).await, ["refused t used"]);
    client.get("auth/me").await.expect(200);
}

#[actix_web::test]
async fn of_two_uses_at_the_same_moment_exactly_one_succeeds_and_the_family_ends() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    for _ in 0..5 {
        let first = tokens(&practice, &client).await;
        let uses = (0..2).map(|_| refresh(&practice, "portal", text(&first, "refreshToken")));
        let mut answers = futures_util::future::join_all(uses).await;
        answers.sort_by_key(|answer| answer.status);
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 401]);
        let won = text(&answers[0].body, "accessToken");
        client.with_token(won).get("auth/me").await.refused(401, "unauthenticated");
    }
}

#[actix_web::test]
async fn a_refresh_token_ends_with_its_session_however_often_it_is_used() {
    let practice = Practice::start().await;
    for (role, seconds) in [(Role::Client, 30 * 86_400), (Role::Clinician, 12 * 3_600)] {
        let person = practice.person("Ada", role).await;
        let first = tokens(&practice, &person).await;
        let of = format!("WHERE user_id = '{}' AND cookie_hash IS NULL AND user_agent IS NULL", person.id);
        let lasts = format!("SELECT round(extract(epoch FROM expires_at - created_at)) FROM sign_in_sessions {of}");
        assert!(practice.database.query(&lasts).await.contains(&seconds.to_string()));
        // Four minutes before its end, the access token ends with it.
        let near = format!("UPDATE sign_in_sessions SET expires_at = now() + interval '4 minutes' {of}");
        practice.database.query(&near).await;
        let second = refresh(&practice, person.door(), text(&first, "refreshToken")).await.expect(200);
        assert!(text(&second, "expiresAt")[..19] <= text(&second, "refreshTokenExpiresAt")[..19], "{second}");
        practice.database.query(&format!("UPDATE sign_in_sessions SET expires_at = now() {of}")).await;
        let late = refresh(&practice, person.door(), text(&second, "refreshToken")).await;
        late.refused(401, "unauthenticated");
        person.with_token(text(&second, "accessToken")).get("auth/me").await.refused(401, "unauthenticated");
    }
}

#[actix_web::test]
async fn refreshing_is_no_activity_and_an_idle_session_is_not_refreshed() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let first = tokens(&practice, &client).await;
    let ago = async |minutes: u32| {
        let moved = format!("UPDATE sign_in_sessions SET last_active_at = now() - interval '{minutes} minutes'");
        practice.database.query(&moved).await;
    };
    ago(14).await;
    let second = refresh(&practice, "portal", text(&first, "refreshToken")).await.expect(200);
    let untouched = "SELECT DISTINCT last_active_at < now() - interval '13 minutes' FROM sign_in_sessions";
    assert_eq!(practice.database.query(untouched).await, ["t"]);
    ago(15).await;
    refresh(&practice, "portal", text(&second, "refreshToken")).await.refused(401, "unauthenticated");
}
