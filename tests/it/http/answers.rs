use crate::support::practice::{Practice, answer};
use carehub::accounts::Role;
use reqwest::Method;

#[actix_web::test]
async fn every_answer_says_what_may_be_loaded_and_that_nothing_is_kept() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let list = "/api/v1/portal/messages";
    let large = practice.request(Method::POST, list).header("content-type", "application/json");
    for (request, status) in [
        (practice.request(Method::GET, list), 200),
        (practice.request(Method::HEAD, list), 200),
        (practice.request(Method::GET, "/nowhere"), 404),
        (practice.request(Method::DELETE, list), 405),
        (practice.request(Method::TRACE, list), 405),
        (large.body(" ".repeat(70_000)), 413),
        (practice.request(Method::POST, list).header("content-type", "text/plain").body("x"), 415),
    ] {
        let response = request.bearer_auth(&client.token).send().await.unwrap();
        assert_eq!(response.status(), status);
        let headers = response.headers();
        assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'self';"));
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(headers[name], value, "{status}");
        }
        assert!(!headers.contains_key("access-control-allow-origin") && !headers.contains_key("server"));
        if status == 405 {
            assert_eq!(headers["allow"], "HEAD, GET, POST");
        }
        if status >= 400 {
            assert_eq!(headers["content-type"], "application/problem+json");
            assert_eq!(answer(response).await.body["status"], status);
        }
    }
}

#[actix_web::test]
async fn what_cannot_be_read_is_answered_with_the_place_and_never_quoted() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    for (body, status, pointer) in [
        (r#"{"subject": "x"}"#, 422, Some("/body")),
        (r#"{"subject": "x", "body": ["canary"]}"#, 422, Some("/body")),
        (r#"{"subject": "x", "body": "x", "priority": "canary"}"#, 422, Some("/priority")),
        (r#"{"subject": "x", "body": "canary"#, 400, None),
        ("canary", 400, None),
    ] {
        let request = practice.request(Method::POST, "/api/v1/portal/messages").bearer_auth(&client.token);
        let request = request.header("content-type", "application/json").body(body);
        let problem = answer(request.send().await.unwrap()).await.expect(status);
        assert_eq!(problem["errors"][0]["pointer"].as_str(), pointer, "{problem}");
        assert!(!problem.to_string().contains("canary"), "{problem}");
    }
    assert!(!practice.hub.logged().contains("canary"));
    for (path, status) in [
        ("portal/messages?limit=0", 422),
        ("portal/messages?limit=201", 422),
        ("portal/messages?limit=many", 400),
        ("portal/messages?cursor=canary", 422),
        ("portal/messages/canary", 404),
    ] {
        let problem = client.get(path).await.expect(status);
        assert!(!problem.to_string().contains("canary"), "{problem}");
    }
}
