//! The browser's session cookie: its name, its flags, and taking it back. Never readable by scripts, never sent along
//! by foreign pages.

use crate::config::Config;
use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite},
};
use secrecy::{ExposeSecret, SecretString};

const NAME: &str = "carehub_session";
/// With this prefix, browsers take the cookie only over TLS, for this host alone and for the whole site.
const HOST_NAME: &str = "__Host-carehub_session";

/// Whether browsers reach the hub over TLS.
pub fn is_secure(config: &Config) -> bool {
    config.public_url.as_ref().map_or(config.edge.tls.is_some(), |url| url.scheme() == "https")
}

fn name(config: &Config) -> &'static str {
    if is_secure(config) { HOST_NAME } else { NAME }
}

/// The cookie that keeps a browser signed in until it is closed, or the session ends.
pub fn keep(config: &Config, secret: &SecretString) -> Cookie<'static> {
    Cookie::build(name(config), secret.expose_secret().to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_secure(config))
        .finish()
}

/// Takes the cookie back.
pub fn clear(config: &Config) -> Cookie<'static> {
    let mut cookie = keep(config, &SecretString::default());
    cookie.make_removal();
    cookie
}

/// What the browser presented.
pub fn read(config: &Config, request: &HttpRequest) -> Option<SecretString> {
    request.cookie(name(config)).map(|cookie| cookie.value().to_owned().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let source = |name: &str| (name == "CAREHUB_PUBLIC_URL").then(|| "https://portal.example.org".to_owned());
        let config = Config::from_sources(source, "").unwrap();
        let cookie = keep(&config, &"x".to_owned().into()).to_string();
        assert_eq!(cookie, "__Host-carehub_session=x; HttpOnly; SameSite=Strict; Secure; Path=/");
        let plain = Config::from_sources(|_| None, "").unwrap();
        let cookie = keep(&plain, &"x".to_owned().into()).to_string();
        assert_eq!(cookie, "carehub_session=x; HttpOnly; SameSite=Strict; Path=/");
    }
}
