//! `POST portal/auth/refresh-token`, `POST ehr/auth/refresh-token`. The token is the credential; any other is ignored.

use super::logout::cut;
use crate::{
    accounts::{
        Audience,
        refresh::{self, Refreshed},
    },
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{detached, json::Body, source::Source},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is sent.
#[derive(Deserialize, ToSchema)]
#[schema(as = RefreshToken)]
#[serde(rename_all = "camelCase")]
pub struct Presented {
    refresh_token: String,
}

/// Two new tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = NewTokens)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    access_token: String,
    token_type: &'static str,
    expires_at: DateTime<Utc>,
    refresh_token: String,
    refresh_token_expires_at: DateTime<Utc>,
}

/// Of clients.
pub async fn portal(
    source: Source,
    input: Body<Presented>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Answer>> {
    renew(Audience::Portal, source, input.0, pool, services).await
}

/// Of those who work for a practice.
pub async fn ehr(
    source: Source,
    input: Body<Presented>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Answer>> {
    renew(Audience::Ehr, source, input.0, pool, services).await
}

async fn renew(
    door: Audience,
    source: Source,
    input: Presented,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Answer>> {
    let presented = SecretString::from(input.refresh_token);
    detached::to_the_end(async move {
        let from = source.nobody();
        let mut conn = pool.get().await?;
        match refresh::refresh(&mut conn, services.means(), &presented, door, &from).await? {
            Refreshed::Renewed { access, refresh } => Ok(web::Json(Answer {
                access_token: access.secret.expose_secret().to_owned(),
                token_type: "Bearer",
                expires_at: access.expires_at,
                refresh_token: refresh.secret.expose_secret().to_owned(),
                refresh_token_expires_at: refresh.expires_at,
            })),
            Refreshed::Refused => Err(Error::Unauthenticated),
            Refreshed::Reused(session) => {
                cut(&services, &[session]);
                Err(Error::Unauthenticated)
            }
        }
    })
    .await
}
