//! What a page that takes cards may load beside the hub's own: Stripe's script, its frames, and what they call. Every
//! other page of the hub loads nothing from anywhere else.

use crate::{app::Services, http::origin};
use actix_web::{
    HttpRequest,
    http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue},
};
use url::Url;

/// Where Stripe's own script gets its frames and makes its calls.
const STRIPES: &str = "js.stripe.com";
const FRAMES: &str = "https://*.js.stripe.com https://hooks.stripe.com";
const CALLS: &str = "https://api.stripe.com";

/// The header of such a page; None where no cards are taken.
pub fn of_page(services: &Services, request: &HttpRequest) -> Option<(HeaderName, HeaderValue)> {
    let stripe = services.stripe.as_ref()?;
    let live = origin::own(&services.config, request.headers()).map(|own| own.replacen("http", "ws", 1));
    let policy = policy(stripe.script(), live.as_deref().unwrap_or_default());
    HeaderValue::from_str(&policy).ok().map(|value| (CONTENT_SECURITY_POLICY, value))
}

fn policy(script: &Url, live: &str) -> String {
    let from = script.origin().ascii_serialization();
    let (frames, calls) = match script.host_str() {
        Some(STRIPES) => (format!("{from} {FRAMES}"), CALLS.to_owned()),
        // A stand-in calls where it comes from.
        _ => (from.clone(), from.clone()),
    };
    format!(
        "default-src 'self'; script-src 'self' {from}; frame-src {frames}; connect-src 'self' {live} {calls}; \
         object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_takes_cards_loads_stripes_script_and_nothing_else_foreign() {
        let policy = policy(&"https://js.stripe.com/v3/".parse().unwrap(), "wss://portal.example.org");
        assert!(policy.contains("script-src 'self' https://js.stripe.com;"));
        assert!(policy.contains("connect-src 'self' wss://portal.example.org https://api.stripe.com;"));
        assert!(policy.contains("frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com;"));
        assert!(policy.starts_with("default-src 'self';"));
        assert!(!policy.contains("unsafe"));
        assert!(policy.contains("object-src 'none'; base-uri 'none'; frame-ancestors 'none'"));
    }
}
