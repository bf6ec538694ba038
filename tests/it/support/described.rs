//! Every answer to a call by REST, in whatever test, is one that the API's description names.

use actix_web::dev::ResourceDef;
use carehub::routes;
use reqwest::Method;
use serde_json::Value;
use std::sync::LazyLock;

/// The operations, in the order in which the router looks for them: method, address, and the answers by their status.
static OPERATIONS: LazyLock<Vec<(&str, ResourceDef, Value)>> = LazyLock::new(|| {
    let document = routes::document();
    let operation = |route: &routes::Route| {
        let answers = document.json()["paths"][route.path][route.method.to_lowercase()]["responses"].clone();
        (route.method, ResourceDef::new(route.path), answers)
    };
    routes::TABLE.iter().map(operation).collect()
});

/// Fails where the description does not name this status and, of a refusal, this code.
///
/// What is no call of the API (a page, an address or a method that there is not) is not looked at.
pub fn check(method: &Method, path: &str, status: u16, body: &Value) {
    let Some((_, resource, answers)) =
        OPERATIONS.iter().find(|(verb, resource, _)| method == verb && resource.is_match(path))
    else {
        return;
    };
    let address = resource.pattern().unwrap_or(path);
    let named = &answers[status.to_string()];
    assert!(named.is_object(), "{method} {address} answers {status}, which its description does not name: {body}");
    if let Some(code) = body["code"].as_str().filter(|_| status >= 400) {
        let codes = &named["content"]["application/problem+json"]["examples"];
        assert!(codes[code].is_object(), "{method} {address} {status}: the description does not name {code}: {body}");
    }
}

#[test]
#[should_panic(expected = "GET /api/v1/auth/me answers 409, which its description does not name")]
fn a_status_that_is_not_named_fails() {
    check(&Method::GET, "/api/v1/auth/me", 409, &Value::Null);
}

#[test]
#[should_panic(expected = "the description does not name feeDue")]
fn a_code_that_is_not_named_fails() {
    let path = "/api/v1/portal/payments/attempts/0199aaaa-0000-7000-8000-000000000000";
    check(&Method::GET, path, 404, &serde_json::json!({"code": "notFound"}));
    check(&Method::GET, path, 404, &serde_json::json!({"code": "feeDue"}));
}
