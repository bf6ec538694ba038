use crate::support::{
    Client, Someone,
    practice::{PASSWORD, Practice, answer},
};
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::json;

#[actix_web::test]
async fn signing_out_ends_the_token_the_cookie_and_the_live_connection() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let signed_in = practice.sign_in("portal", &client.email, PASSWORD).await;
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let token = answer(signed_in).await.expect(200)["accessToken"].as_str().unwrap().to_owned();
    let mut live = Client::synced(&practice.hub, &Someone { id: client.id.to_string(), token: token.clone() }).await;
    let with_cookie = |method: Method, path: &str| practice.request(method, path).header("cookie", &cookie);
    assert_eq!(with_cookie(Method::GET, "/api/v1/auth/me").send().await.unwrap().status(), 200);

    let out = with_cookie(Method::POST, "/api/v1/portal/auth/logout").header("origin", practice.hub.url(""));
    let out = out.send().await.unwrap();
    assert_eq!(out.status(), 204);
    assert_eq!(out.headers()["clear-site-data"], r#""cache", "storage""#);
    assert!(out.headers()["set-cookie"].to_str().unwrap().starts_with("carehub_session=;"));
    assert_eq!(live.closed().await, Some(4401));
    assert_eq!(with_cookie(Method::GET, "/api/v1/auth/me").send().await.unwrap().status(), 401);
    let by_token = practice.request(Method::GET, "/api/v1/auth/me").bearer_auth(&token).send().await.unwrap();
    assert_eq!(by_token.status(), 401);
    // Nobody else's session, and signing out twice is no fault.
    client.get("auth/me").await.expect(200);
    let again = with_cookie(Method::POST, "/api/v1/portal/auth/logout").header("origin", practice.hub.url(""));
    assert_eq!(again.send().await.unwrap().status(), 204);
}

#[actix_web::test]
async fn only_what_the_person_does_keeps_a_session_alive() {
    let practice = Practice::start().await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let ago = async |minutes: u32| {
        let moved = format!("UPDATE sign_in_sessions SET last_active_at = now() - interval '{minutes} minutes'");
        practice.database.query(&moved).await;
    };
    let ends = async || clinician.get("auth/me").await.expect(200)["session"]["idleExpiresAt"].clone();
    ago(10).await;
    let before = ends().await;
    clinician.get("ehr/messages/unread-count").await.expect(200);
    assert_eq!(ends().await, before, "polling counted as activity");
    clinician.get("ehr/inbox").await.expect(200);
    assert_ne!(ends().await, before, "opening the inbox did not count as activity");
    ago(16).await;
    clinician.get("ehr/inbox").await.refused(401, "unauthenticated");
}

#[actix_web::test]
async fn a_session_ends_however_busy_it_is() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    practice.database.query("UPDATE sign_in_sessions SET expires_at = now() - interval '1 second'").await;
    client.post("portal/messages", json!({"subject": "x", "body": "x"})).await.refused(401, "unauthenticated");
}
