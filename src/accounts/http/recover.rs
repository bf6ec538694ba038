//! `POST portal|ehr/auth/forgot-password|reset-password|change-password`.

use crate::{
    accounts::{
        Audience,
        change_password::{self, Change},
        recovery,
    },
    app::Services,
    db::Pool,
    error::Result,
    http::{
        answer::{Accepted, NoContent},
        detached,
        evenly::evenly,
        json::Body,
        principal::Caller,
        source::Source,
    },
};
use actix_web::web;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// Who forgot.
#[derive(Deserialize, ToSchema)]
pub struct Forgotten {
    email: String,
}

/// The token of the link, and the new password.
#[derive(Deserialize, ToSchema)]
pub struct Reset {
    token: String,
    password: String,
}

/// The password as it is and as it shall be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasswordChange {
    current_password: String,
    new_password: String,
    /// Left out: they end.
    #[serde(default = "yes")]
    end_other_sessions: bool,
}

fn yes() -> bool {
    true
}

/// Of a client.
pub async fn forgot_at_portal(
    source: Source,
    input: Body<Forgotten>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Accepted> {
    forgot(Audience::Portal, source, input.0, pool, services).await
}

/// Of those who work for a practice.
pub async fn forgot_at_ehr(
    source: Source,
    input: Body<Forgotten>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Accepted> {
    forgot(Audience::Ehr, source, input.0, pool, services).await
}

async fn forgot(
    door: Audience,
    source: Source,
    input: Forgotten,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Accepted> {
    evenly(async move { recovery::ask(&pool, services.means(), door, &input.email, &source.nobody()).await }).await?;
    Ok(Accepted)
}

/// Of a client.
pub async fn reset_at_portal(
    source: Source,
    input: Body<Reset>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    reset(Audience::Portal, source, input.0, pool, services).await
}

/// Of those who work for a practice.
pub async fn reset_at_ehr(
    source: Source,
    input: Body<Reset>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    reset(Audience::Ehr, source, input.0, pool, services).await
}

async fn reset(
    door: Audience,
    source: Source,
    input: Reset,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let (token, password) = (SecretString::from(input.token), SecretString::from(input.password));
    detached::to_the_end(async move {
        let from = source.nobody();
        let ended = recovery::reset(&pool, services.means(), door, token, password, &from).await?;
        ended.into_iter().for_each(|session| services.hub.end_sign_in(session));
        Ok(NoContent)
    })
    .await
}

/// Of the caller.
pub async fn change<C: Caller>(
    caller: C,
    input: Body<PasswordChange>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let PasswordChange { current_password, new_password, end_other_sessions } = input.0;
    let change = Change { current: current_password.into(), new: new_password.into(), end_other_sessions };
    let actor = caller.actor();
    detached::to_the_end(async move {
        let ended = change_password::change(&pool, services.means(), change, &actor).await?;
        ended.into_iter().for_each(|session| services.hub.end_sign_in(session));
        Ok(NoContent)
    })
    .await
}
