//! `GET {door}/auth/oidc/{provider}`: sends a browser to the provider, or back to the sign-in page
//! where the provider is away. Stores nothing.

use super::{callback_of, find, journey_cookie, sign_in_page, tell_away};
use crate::{
    accounts::{external::flow, http::door::At},
    app::Services,
    error::Result,
    http::answer::Redirect,
};
use actix_web::{CustomizeResponder, HttpRequest, Responder, web};

/// To sign in.
pub async fn start<D: At>(
    provider: web::Path<String>,
    request: HttpRequest,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<Redirect>> {
    let provider = find(&services, &provider)?;
    let callback = callback_of::<D>(&services, &request, provider)?;
    let http = services.identity_providers.http();
    let begun = flow::begin(provider, http, &services.clock, callback, D::DOOR, None).await;
    let (address, journey) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            tell_away(&error);
            return Ok(Redirect(sign_in_page(D::DOOR, "away")).customize());
        }
    };
    Ok(Redirect(address).customize().add_cookie(&journey_cookie::keep(&services, &journey)?))
}
