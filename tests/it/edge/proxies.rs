use crate::support::practice::{Practice, answer};
use reqwest::Method;
use serde_json::json;

const TWO: (&str, &str) = ("CAREHUB_SIGN_INS_PER_MINUTE", "2");

/// The status of a try to sign in that says it came from there.
async fn from(practice: &Practice, forwarded_for: &str) -> u16 {
    let request = practice.request(Method::POST, "/api/v1/portal/auth/login").header("x-forwarded-for", forwarded_for);
    answer(request.json(&json!({})).send().await.unwrap()).await.status
}

#[actix_web::test]
async fn who_is_no_trusted_proxy_cannot_say_where_a_call_comes_from() {
    let practice = Practice::start_with(&[TWO, ("CAREHUB_TRUSTED_PROXIES", "192.0.2.0/24")]).await;
    assert_eq!(from(&practice, "203.0.113.1").await, 422);
    assert_eq!(from(&practice, "203.0.113.2").await, 422);
    for at in 3..9 {
        assert_eq!(from(&practice, &format!("203.0.113.{at}")).await, 429);
    }
    for header in ["forwarded", "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip"] {
        let request = practice.request(Method::POST, "/api/v1/portal/auth/login").header(header, "203.0.113.77");
        assert_eq!(request.json(&json!({})).send().await.unwrap().status(), 429, "{header}");
    }
}

#[actix_web::test]
async fn a_trusted_proxy_is_believed_and_what_its_caller_wrote_before_is_not() {
    let practice = Practice::start_with(&[TWO, ("CAREHUB_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")]).await;
    for at in 1..5 {
        assert_eq!(from(&practice, &format!("203.0.113.{at}")).await, 422);
    }
    // One caller, who writes other addresses before its own, with a further proxy of ours behind.
    assert_eq!(from(&practice, "198.51.100.1, 203.0.113.77").await, 422);
    assert_eq!(from(&practice, "198.51.100.2, 203.0.113.77, 10.1.2.3").await, 422);
    assert_eq!(from(&practice, "198.51.100.3, 203.0.113.77").await, 429);
    assert_eq!(from(&practice, "nonsense, 203.0.113.77").await, 429);
    assert_eq!(from(&practice, "203.0.113.78").await, 422);
}
