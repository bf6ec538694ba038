//! The second step of signing in: a code of an authenticator app or a backup code, which works without script; a
//! passkey or setting up the first app, which do not. The ticket of the first step goes from form to form and never
//! into an address. Never says more than that a code was wrong.

use super::{
    assets,
    shell::{Away, page, prefix},
    sign_in,
};
use crate::{
    accounts::{
        Audience,
        second_factor::verify,
        sign_in::{Method, second_factor::find_methods, ticket},
    },
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{detached, source::Source},
};
use actix_web::{HttpResponse, ResponseError, http::StatusCode, web};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "second_step.html")]
struct SecondStep<'a> {
    assets: &'static str,
    modules: &'static [String],
    door: &'static str,
    ticket: &'a str,
    next: Option<&'a str>,
    by_code: bool,
    by_passkey: bool,
    /// Nothing is set up yet, and this person may not come in without.
    enrols: bool,
    failure: Option<&'static str>,
}

/// The form, as it was filled in.
#[derive(Deserialize)]
pub struct Filled {
    ticket: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    door: String,
    /// Which other ways there are, as the first form knew.
    #[serde(default)]
    by_passkey: String,
    next: Option<String>,
}

const WRONG: &str = "This code is not right, or was used before. Wait for the next one in your app, or use a backup \
    code. After several failures you start again with your password.";

/// Asks for one of these; where there is none yet, for setting one up.
pub fn ask(ticket: &SecretString, methods: &[Method], door: Audience, next: Option<&str>) -> HttpResponse {
    let has = |method| methods.contains(&method);
    page(
        StatusCode::OK,
        &SecondStep {
            assets: assets::base(),
            modules: assets::modules("entrance.js"),
            door: prefix(door),
            ticket: ticket.expose_secret(),
            next,
            by_code: has(Method::Totp) || has(Method::BackupCode),
            by_passkey: has(Method::Passkey),
            enrols: methods.is_empty(),
            failure: None,
        },
    )
}

/// `POST /sign-in/second-step`
pub async fn submit(
    filled: web::Form<Filled>,
    source: Source,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<HttpResponse> {
    let Filled { ticket, code, door, by_passkey, next } = filled.into_inner();
    let door = if door == "ehr" { Audience::Ehr } else { Audience::Portal };
    let next = next.filter(|address| sign_in::is_own(address));
    let (secret, code) = (SecretString::from(ticket.clone()), SecretString::from(code));
    if code.expose_secret().trim().is_empty() {
        return begin(&secret, door, next.as_deref(), &pool).await;
    }
    // Going away in time must not spare anybody a failure.
    let outcome = {
        let services = services.clone();
        detached::to_the_end(async move {
            verify::verify(&pool, services.means(), door, &secret, &code, &source.nobody()).await
        })
        .await
    };
    match outcome {
        Ok(signed_in) => Ok(sign_in::go_on(&services.config, &signed_in, door, next)),
        Err(Error::InvalidCode) => Ok(page(
            StatusCode::UNAUTHORIZED,
            &SecondStep {
                assets: assets::base(),
                modules: assets::modules("entrance.js"),
                door: prefix(door),
                ticket: &ticket,
                next: next.as_deref(),
                by_code: true,
                by_passkey: !by_passkey.is_empty(),
                enrols: false,
                failure: Some(WRONG),
            },
        )),
        Err(Error::TicketExpired) => Ok(Away::to("/sign-in?late=1").error_response()),
        Err(other) => Err(other),
    }
}

/// Whoever comes with a ticket alone, let in by an identity provider, is asked as after a password.
async fn begin(secret: &SecretString, door: Audience, next: Option<&str>, pool: &Pool) -> Result<HttpResponse> {
    let conn = &mut *pool.get().await?;
    let Some(ticket) = ticket::find(conn, secret, door).await? else {
        return Ok(Away::to("/sign-in?late=1").error_response());
    };
    Ok(ask(secret, &find_methods(conn, ticket.user()).await?, door, next))
}
