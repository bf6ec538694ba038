use crate::{
    http::pages::submit,
    support::practice::{PASSWORD, Practice, answer},
};
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::json;
use std::time::Instant;

async fn try_to_sign_in(practice: &Practice, email: &str, password: &str) -> reqwest::Response {
    practice.sign_in("portal", email, password).await
}

/// Sends until it is one too many: on a machine that is busy, some come back meanwhile.
async fn until_refused(send: impl AsyncFn() -> reqwest::Response) -> reqwest::Response {
    for _ in 0..20 {
        let answered = send().await;
        if answered.status() == 429 {
            return answered;
        }
    }
    panic!("twenty more, and none was refused");
}

#[actix_web::test]
async fn a_locked_account_keeps_its_live_sessions_and_the_twenty_first_try_of_an_address_waits() {
    let practice = Practice::start_with(&[("CAREHUB_SIGN_INS_PER_MINUTE", "20")]).await;
    let client = practice.person("Ada", Role::Client).await;
    let stranger_to_lock = practice.person("Bea", Role::Client).await;
    for _ in 0..6 {
        assert_eq!(try_to_sign_in(&practice, &client.email, "not the password").await.status(), 401);
    }
    // Locked: the right password reads like a wrong one.
    assert_eq!(try_to_sign_in(&practice, &client.email, PASSWORD).await.status(), 401);
    // A minute gives twenty, evenly: those that were spent above come back one in three seconds, and no faster.
    let since = Instant::now();
    let empty = || practice.request(Method::POST, "/api/v1/portal/auth/login").json(&json!({})).send();
    let mut taken = 7;
    while empty().await.unwrap().status() == 422 {
        taken += 1;
    }
    let came_back = 7 + since.elapsed().as_secs() / 3;
    assert!((20..=20 + came_back + 1).contains(&taken), "{taken} tries in {:?}", since.elapsed());
    let refused = try_to_sign_in(&practice, &stranger_to_lock.email, PASSWORD).await;
    let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3).contains(&seconds), "one try in three seconds comes back, not after {seconds}");
    answer(refused).await.refused(429, "rateLimited");
    // However the address is spelt.
    let spelt = || practice.request(Method::POST, "/api/v1/portal/%61uth/login").json(&json!({}));
    until_refused(async || spelt().send().await.unwrap()).await;
    until_refused(async || submit(&practice, &[("email", "x"), ("password", "x")]).await).await;
    // A browser is told so by a page.
    let form = || {
        let form = practice.request(Method::POST, "/sign-in").header("origin", practice.hub.url(""));
        let form = form.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        form.header("content-type", "application/x-www-form-urlencoded").body("email=x")
    };
    let form = until_refused(async || form().send().await.unwrap()).await;
    assert!(form.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(form.headers().contains_key("retry-after") && form.headers().contains_key("content-security-policy"));
    let page = form.text().await.unwrap();
    assert!(page.contains("Wait a moment and try again.") && !page.contains('{'), "{page}");
    client.get("portal/messages").await.expect(200);
    assert_eq!(practice.database.query("SELECT count(*) FROM users WHERE locked_until > now()").await, ["1"]);
}

#[actix_web::test]
async fn a_user_who_calls_too_often_waits_and_nobody_else_does() {
    let practice = Practice::start_with(&[("CAREHUB_CALLS_PER_MINUTE", "5")]).await;
    let client = practice.person("Ada", Role::Client).await;
    let other = practice.person("Bea", Role::Client).await;
    for _ in 0..5 {
        client.get("portal/messages").await.expect(200);
    }
    let problem = client.get("auth/me").await.refused(429, "rateLimited");
    assert!(problem["retryAfterMs"].as_u64().unwrap() > 0);
    other.get("portal/messages").await.expect(200);
}

#[actix_web::test]
async fn an_address_that_calls_too_often_waits_whoever_calls_and_is_still_told_that_the_hub_lives() {
    let practice = Practice::start_with(&[("CAREHUB_CALLS_PER_MINUTE_AND_ADDRESS", "7")]).await;
    let client = practice.person("Ada", Role::Client).await;
    for at in 1..=7 {
        let path = if at % 2 == 0 { "/api/v1/auth/me" } else { "/nowhere" };
        assert_ne!(practice.request(Method::GET, path).send().await.unwrap().status(), 429, "call {at}");
    }
    client.get("portal/messages").await.refused(429, "rateLimited");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(practice.request(Method::GET, path).send().await.unwrap().status(), 200);
    }
}

/// X4: whoever guesses links waits; whoever signs in too often, or calls too often, at the same address keeps nobody from
/// following theirs.
#[actix_web::test]
async fn links_of_pages_have_an_allowance_of_their_own_that_nobody_else_uses_up() {
    let settings = [("CAREHUB_LINKS_PER_MINUTE", "6"), ("CAREHUB_CALLS_PER_MINUTE_AND_ADDRESS", "3")];
    let practice = Practice::start_with(&settings).await;
    let status = async |method: Method, path: &str| {
        let request = practice.request(method, path).header("origin", practice.hub.url(""));
        request.send().await.unwrap().status().as_u16()
    };
    for _ in 0..3 {
        status(Method::GET, "/nowhere").await;
    }
    assert_eq!(status(Method::GET, "/nowhere").await, 429, "the address called too often");
    for (method, path) in [
        (Method::GET, "/api/v1/ack/guess"),
        (Method::POST, "/api/v1/ack/guess"),
        (Method::GET, "/ack/guess"),
        (Method::POST, "/ack/guess"),
    ] {
        assert_eq!(status(method.clone(), path).await, 404, "{method} {path}");
    }
    let guess = || practice.request(Method::POST, "/api/v1/%61ck/guess");
    let refused = until_refused(async || guess().send().await.unwrap()).await;
    assert!(refused.headers().contains_key("retry-after"));
    until_refused(async || practice.request(Method::GET, "/ack/guess").send().await.unwrap()).await;
}
