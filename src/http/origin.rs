//! Which pages are the hub's own, and the refusal of state-changing calls that foreign pages make with a visitor's
//! cookie. Calls with a bearer token need no such care: no page can attach one unasked.

use super::{cookie, json};
use crate::{app::Services, config::Config, error::Error};
use actix_web::{
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap},
    middleware::Next,
    web,
};

/// The hub's own origin: that of the public URL, else of the host that this request was sent to.
pub fn own(config: &Config, headers: &HeaderMap) -> Option<String> {
    match &config.public_url {
        Some(url) => Some(url.origin().ascii_serialization()),
        None => {
            let host = headers.get(header::HOST)?.to_str().ok()?;
            let scheme = if cookie::is_secure(config) { "https" } else { "http" };
            // It goes into headers of ours: a name, an address, a port, nothing else.
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
            host.chars().all(plain).then(|| format!("{scheme}://{}", host.to_ascii_lowercase()))
        }
    }
}

/// What the headers tell about the page that makes a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Caller {
    /// One of the hub's own pages.
    Own,
    /// Somebody else's page, or one that hides where it comes from.
    Foreign,
    /// No browser said anything.
    Unsaid,
}

/// Judges by `Origin`, and by `Sec-Fetch-Site` where a browser sends it. Not for sockets: there the origin is always
/// said, while browsers do not agree on whether `ws:` and `http:` of one host are one site.
pub fn judge(config: &Config, headers: &HeaderMap) -> Caller {
    let is = |name: &str, values: &[&str]| {
        headers.get(name).map(|value| values.iter().any(|expected| value.as_bytes() == expected.as_bytes()))
    };
    let socket = is("sec-fetch-mode", &["websocket"]) == Some(true);
    if !socket && is("sec-fetch-site", &["same-origin", "none"]) == Some(false) {
        return Caller::Foreign;
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Caller::Unsaid };
    match (origin.to_str(), own(config, headers)) {
        (Ok(origin), Some(own)) if origin.eq_ignore_ascii_case(&own) => Caller::Own,
        _ => Caller::Foreign,
    }
}

/// The middleware.
pub async fn refuse_foreign(
    services: web::Data<Services>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    if is_forged(&services.config, &request) {
        return Ok(request.error_response(Error::Csrf).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn is_forged(config: &Config, request: &ServiceRequest) -> bool {
    if request.method().is_safe() || request.headers().contains_key(header::AUTHORIZATION) {
        return false;
    }
    // Whoever brings the cookie is a browser, and browsers say the origin; a program that signs in brings none.
    let with_cookie = cookie::read(config, request.request()).is_some();
    match judge(config, request.headers()) {
        // Without a cookie, a page of another site that was let in is a program like any other.
        Caller::Foreign => with_cookie || !is_let_in(config, request.headers()),
        Caller::Unsaid => with_cookie,
        // A form can send neither JSON nor bare bytes: a call to the API with anything else is no call of our pages.
        Caller::Own => {
            with_cookie && request.path().starts_with("/api/") && !sends_what_no_form_does(request.headers())
        }
    }
}

/// Whether the page is of a site that may call the API.
fn is_let_in(config: &Config, headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    origin.is_some_and(|origin| config.edge.allowed_origins.0.iter().any(|allowed| allowed == origin))
}

/// Whether the body, if there is one, says that it is JSON or a file.
fn sends_what_no_form_does(headers: &HeaderMap) -> bool {
    let is_file = |kind: &header::HeaderValue| kind.as_bytes() == b"application/octet-stream";
    headers.get(header::CONTENT_TYPE).is_none_or(|kind| json::is_json(kind) || is_file(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn config(public_url: Option<&str>) -> Config {
        let public_url = public_url.map(str::to_owned);
        Config::from_sources(move |name| (name == "CAREHUB_PUBLIC_URL").then(|| public_url.clone()).flatten(), "")
            .unwrap()
    }

    fn forged(public_url: Option<&str>, headers: &[(&str, &str)]) -> bool {
        let mut request = TestRequest::post().uri("/api/v1/portal/messages");
        for header in headers {
            request = request.insert_header(*header);
        }
        is_forged(&config(public_url), &request.to_srv_request())
    }

    const COOKIE: (&str, &str) = ("cookie", "carehub_session=x");
    const HOST: (&str, &str) = ("host", "127.0.0.1:8080");

    #[test]
    fn a_cookie_needs_the_hubs_own_origin() {
        assert!(!forged(None, &[COOKIE, HOST, ("origin", "http://127.0.0.1:8080")]));
        assert!(forged(None, &[COOKIE, HOST]));
        assert!(forged(None, &[COOKIE, HOST, ("origin", "null")]));
        assert!(forged(None, &[COOKIE, HOST, ("origin", "http://127.0.0.1:8081")]));
        assert!(forged(None, &[COOKIE, HOST, ("origin", "https://127.0.0.1:8080")]));
        assert!(forged(None, &[COOKIE, HOST, ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "cross-site")]));
        assert!(forged(None, &[COOKIE, HOST, ("origin", "http://127.0.0.1:8080"), ("content-type", "text/plain")]));
    }

    #[test]
    fn a_socket_is_judged_by_its_origin_alone() {
        let judged = |origin: &'static str| {
            let headers = [HOST, ("origin", origin), ("sec-fetch-mode", "websocket"), ("sec-fetch-site", "cross-site")];
            let request = headers.into_iter().fold(TestRequest::get(), TestRequest::insert_header);
            judge(&config(None), request.to_srv_request().headers())
        };
        assert_eq!(judged("http://127.0.0.1:8080"), Caller::Own);
        assert_eq!(judged("http://else.example"), Caller::Foreign);
    }

    #[test]
    fn behind_a_public_url_only_that_counts() {
        let url = Some("https://portal.example.org/");
        let cookie = ("cookie", "__Host-carehub_session=x");
        assert!(!forged(url, &[cookie, HOST, ("origin", "https://portal.example.org")]));
        assert!(forged(url, &[cookie, HOST, ("origin", "http://127.0.0.1:8080")]));
    }

    #[test]
    fn programs_without_a_cookie_need_no_origin() {
        assert!(!forged(None, &[HOST]));
        assert!(!forged(None, &[COOKIE, HOST, ("authorization", "Bearer x"), ("origin", "https://else.example")]));
        assert!(forged(None, &[HOST, ("origin", "https://else.example")]));
    }

    #[test]
    fn a_host_that_is_no_name_is_nobodys_origin() {
        let request = TestRequest::default().insert_header(("host", "a; script-src *")).to_srv_request();
        assert_eq!(own(&config(None), request.headers()), None);
    }
}
