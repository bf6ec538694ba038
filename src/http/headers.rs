//! What every answer carries, errors and static files too: what pages may load, and that nothing personal is cached.
//! Never decides what an answer says.

use super::{cookie, origin};
use crate::app::Services;
use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web,
};

const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        header::PERMISSIONS_POLICY,
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), browsing-topics=()",
    ),
];

/// One year, as scanners ask for.
const STRICT_TRANSPORT: &str = "max-age=31536000; includeSubDomains";

/// The middleware.
pub async fn add(
    services: web::Data<Services>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let live = origin::own(&services.config, request.headers()).map(|own| own.replacen("http", "ws", 1));
    let secure = cookie::is_secure(&services.config);
    let mut response = next.call(request).await?;
    set(response.headers_mut(), live.as_deref(), secure);
    Ok(response)
}

fn set(headers: &mut HeaderMap, live: Option<&str>, secure: bool) {
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page of somebody else's making brings the least that it needs along.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY)
        && let Ok(policy) = HeaderValue::from_str(&content_security_policy(live))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT));
    }
    // Assets say themselves how long they keep; all else may hold somebody's words.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Everything from the hub alone. Some browsers do not count `ws:` to the same host as `'self'`, so it is named.
fn content_security_policy(live: Option<&str>) -> String {
    format!(
        "default-src 'self'; connect-src 'self'{space}{live}; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'",
        space = if live.is_some() { " " } else { "" },
        live = live.unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inline_and_nothing_foreign_is_let_in() {
        let policy = content_security_policy(Some("wss://portal.example.org"));
        assert!(policy.contains("default-src 'self';"));
        assert!(policy.contains("connect-src 'self' wss://portal.example.org;"));
        assert!(!policy.contains("unsafe"));
        assert!(!policy.contains('*'));
    }

    #[test]
    fn an_answer_that_says_how_long_it_keeps_is_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, immutable"));
        set(&mut headers, None, false);
        assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "public, immutable");
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        let mut headers = HeaderMap::new();
        set(&mut headers, None, true);
        assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "no-store");
        assert!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}
