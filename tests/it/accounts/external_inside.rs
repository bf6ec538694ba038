//! I8: whatever an identity provider names, and wherever it sends the hub on to, nothing inside is asked.

use crate::support::{odd_server::OddServer, practice::Practice};
use reqwest::Method;

/// Sets out to a provider that describes itself so; where the hub sends the browser then.
async fn sets_out(issuer: &OddServer) -> (u16, String) {
    let url = issuer.url("");
    let settings = [
        ("OIDC_PROVIDERS", "acme"),
        ("OIDC_ACME_ISSUER", &*url),
        ("OIDC_ACME_CLIENT_ID", "carehub"),
        ("OIDC_ACME_CLIENT_SECRET", "secret"),
    ];
    let practice = Practice::start_with(&settings).await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = http.request(Method::GET, practice.hub.url("/api/v1/portal/auth/oidc/acme"));
    let asked = request.header("accept", "text/html").send().await.unwrap();
    let location = asked.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    (asked.status().as_u16(), location)
}

#[actix_web::test]
async fn a_provider_that_redirects_or_is_too_long_or_no_provider_at_all_leads_nowhere() {
    let inside = OddServer::answering("200 OK\r\ncontent-type: application/json", b"{}");
    let redirect = format!("302 Found\r\nlocation: {}", inside.url("/.well-known/openid-configuration"));
    for issuer in [
        OddServer::answering(&redirect, b""),
        OddServer::answering("200 OK\r\ncontent-type: application/json", &vec![b' '; 10 << 20]),
        OddServer::answering("200 OK\r\ncontent-type: text/html", b"<html>hotel</html>"),
        OddServer::answering("200 OK\r\ncontent-type: application/json", b"{\"issuer\": ["),
    ] {
        let (status, location) = sets_out(&issuer).await;
        assert!(issuer.came() > 0, "vacuous: it was not asked");
        assert_eq!((status, &*location), (302, "/sign-in?provider=away"));
    }
    assert_eq!(inside.came(), 0, "a redirect was followed");
}
