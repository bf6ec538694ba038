//! The calls of passkeys: adding and removing them, and signing in with one.

pub mod manage;
pub mod register;
pub mod sign_in;

use crate::{
    accounts::passkeys::RelyingParty,
    app::Services,
    error::{Error, Result},
    http::origin,
};
use actix_web::HttpRequest;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What an authenticator said. Read apart from the rest of the body, so that who may call is settled first.
fn parse<T: DeserializeOwned>(credential: Value) -> Result<T> {
    let unreadable = |_| Error::field("/credential", "This is not what an authenticator says.");
    serde_json::from_value(credential).map_err(unreadable)
}

/// The hub, at the address that this request was sent to.
fn relying_party(services: &Services, request: &HttpRequest) -> Result<RelyingParty> {
    let own = origin::own(&services.config, request.headers());
    RelyingParty::at(&own.ok_or_else(|| Error::BadRequest("The Host header is missing.".into()))?)
}
