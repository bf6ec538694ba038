//! The cookie in which a browser keeps its [`Journey`]. Unlike the session's, it comes along when another site sends the
//! browser back (`SameSite=Lax`). Sealed: it holds what nobody else may know.

use crate::{
    accounts::external::{Journey, journey},
    app::Services,
    crypto::MasterKey,
    error::Result,
    http::cookie::is_secure,
};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, CookieJar, Key, SameSite, time::Duration},
};
use anyhow::Context;

const NAME: &str = "carehub_journey";
const HOST_NAME: &str = "__Host-carehub_journey";

fn name(services: &Services) -> &'static str {
    if is_secure(&services.config) { HOST_NAME } else { NAME }
}

fn key(master: &MasterKey) -> anyhow::Result<Key> {
    Ok(Key::derive_from(master.derive(b"journeys to identity providers")?.as_slice()))
}

fn build(services: &Services, text: String) -> Cookie<'static> {
    Cookie::build(name(services), text)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_secure(&services.config))
        .max_age(Duration::seconds(journey::LASTS.num_seconds()))
        .finish()
}

/// Gives it to the browser.
pub fn keep(services: &Services, journey: &Journey) -> Result<Cookie<'static>> {
    let text = serde_json::to_string(journey).context("a journey")?;
    let mut jar = CookieJar::new();
    jar.private_mut(&key(&services.keyring.master())?).add(build(services, text));
    Ok(jar.get(name(services)).cloned().context("a cookie that was just sealed")?)
}

/// Takes it back: it leads back once.
pub fn clear(services: &Services) -> Cookie<'static> {
    let mut cookie = build(services, String::new());
    cookie.make_removal();
    cookie
}

/// What the browser brought, where it was sealed here.
pub fn read(services: &Services, request: &HttpRequest) -> Option<Journey> {
    let cookie = request.cookie(name(services))?;
    let mut jar = CookieJar::new();
    jar.add_original(cookie);
    services.keyring.masters().all().find_map(|master| {
        let opened = jar.private(&key(master).ok()?).get(name(services))?;
        serde_json::from_str(opened.value()).ok()
    })
}
