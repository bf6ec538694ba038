//! `POST portal/auth/login`, `POST ehr/auth/login`.

use crate::{
    accounts::{
        Audience, Role,
        profile::Practice,
        sign_in::{self, Attempt},
    },
    app::Services,
    db::Pool,
    error::Result,
    http::{cookie, detached, json::Body},
    ids::UserId,
};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// What is sent.
#[derive(Deserialize)]
pub struct Credentials {
    email: String,
    password: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_at: DateTime<Utc>,
    user: User<'a>,
}

#[derive(Serialize)]
struct User<'a> {
    id: UserId,
    name: &'a str,
    role: Role,
    practice: &'a Practice,
}

/// Of clients.
pub async fn portal(input: Body<Credentials>, pool: web::Data<Pool>, hub: web::Data<Services>) -> Result<HttpResponse> {
    login(Audience::Portal, input.0, pool, hub).await
}

/// Of those who work for a practice.
pub async fn ehr(input: Body<Credentials>, pool: web::Data<Pool>, hub: web::Data<Services>) -> Result<HttpResponse> {
    login(Audience::Ehr, input.0, pool, hub).await
}

async fn login(
    door: Audience,
    input: Credentials,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<HttpResponse> {
    let attempt = Attempt { email: input.email, password: SecretString::from(input.password), door };
    // Going away in time must not spare anybody a failure.
    let signed_in = {
        let services = services.clone();
        detached::to_the_end(async move { sign_in::sign_in(&pool, &services.tokens, &services.clock, attempt).await })
            .await?
    };
    let profile = &signed_in.profile;
    let user = User { id: profile.id, name: &profile.name, role: profile.role, practice: &profile.practice };
    Ok(HttpResponse::Ok().cookie(cookie::keep(&services.config, &signed_in.cookie)).json(Answer {
        access_token: signed_in.access_token.expose_secret(),
        token_type: "Bearer",
        expires_at: signed_in.access_token_expires_at,
        user,
    }))
}
