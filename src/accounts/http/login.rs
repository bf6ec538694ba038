//! `POST portal/auth/login`, `POST ehr/auth/login`.

use super::signed_in::{self, Answer};
use crate::{
    accounts::{
        Audience,
        sign_in::{self, Attempt},
    },
    app::Services,
    db::Pool,
    error::Result,
    http::{detached, json::Body, source::Source},
};
use actix_web::{CustomizeResponder, HttpRequest, web};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is sent.
#[derive(Deserialize, ToSchema)]
pub struct Credentials {
    email: String,
    password: String,
    /// True: access and refresh tokens instead of a cookie. False: the cookie alone.
    tokens: Option<bool>,
}

/// Of clients.
pub async fn portal(
    request: HttpRequest,
    input: Body<Credentials>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<web::Json<Answer>>> {
    login(Audience::Portal, request, input.0, pool, services).await
}

/// Of those who work for a practice.
pub async fn ehr(
    request: HttpRequest,
    input: Body<Credentials>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<web::Json<Answer>>> {
    login(Audience::Ehr, request, input.0, pool, services).await
}

async fn login(
    door: Audience,
    request: HttpRequest,
    input: Credentials,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<web::Json<Answer>>> {
    let attempt = Attempt { email: input.email, password: SecretString::from(input.password), door };
    let (handover, from) = (signed_in::handover(&request, input.tokens), Source::of(&request).nobody());
    // Going away in time must not spare anybody a failure.
    let step = {
        let services = services.clone();
        detached::to_the_end(async move { sign_in::sign_in(&pool, services.means(), attempt, handover, &from).await })
            .await?
    };
    Ok(signed_in::answer(&services.config, step))
}
