//! The calls of identity providers: which there are, the way there and back, and linking one's account.

pub mod callback;
pub mod journey_cookie;
pub mod link;
pub mod providers;
pub mod start;

use super::door::At;
use crate::{
    accounts::{Audience, external::Provider},
    app::Services,
    error::{Error, Result},
    http::origin,
};
use actix_web::HttpRequest;

/// The provider of this name.
fn find<'a>(services: &'a Services, id: &str) -> Result<&'a Provider> {
    services.identity_providers.find(id).ok_or(Error::NotFound)
}

/// Where a provider sends people back to. Each has an address of its own: an answer of one cannot pass for another's.
fn callback_of<D: At>(services: &Services, request: &HttpRequest, provider: &Provider) -> Result<String> {
    let own = origin::own(&services.config, request.headers());
    let own = own.ok_or_else(|| Error::BadRequest("The Host header is missing.".into()))?;
    let door = match D::DOOR {
        Audience::Portal => "portal",
        Audience::Ehr => "ehr",
    };
    Ok(format!("{own}/api/v1/{door}/auth/oidc/{}/callback", provider.id()))
}

/// The sign-in page of a door, which says why somebody is back.
fn sign_in_page(door: Audience, why: &str) -> String {
    let at = if door == Audience::Ehr { "door=clinician&" } else { "" };
    format!("/sign-in?{at}provider={why}")
}

/// For operators: whoever wanted to sign in is told by the page.
fn tell_away(error: &anyhow::Error) {
    tracing::warn!(error = format!("{error:#}"), "an identity provider did not answer");
}

/// What a program is told when a provider does not answer.
fn away(error: anyhow::Error) -> Error {
    tell_away(&error);
    Error::Busy { retry_after: std::time::Duration::from_secs(5) }
}
