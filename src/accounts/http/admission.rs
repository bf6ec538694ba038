//! `GET portal/auth/terms`, `POST portal/auth/register|verify-email|resend-verification`, `POST portal/profile/email`.

use crate::{
    accounts::admission::{
        change_email, confirm,
        register::{self, Application, Proof},
        terms,
    },
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{Accepted, NoContent},
        detached,
        evenly::evenly,
        json::Body,
        principal::PortalPrincipal,
        source::Source,
    },
};
use actix_web::web;
use chrono::NaiveDate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The terms of use.
#[derive(Serialize, ToSchema)]
pub struct Terms {
    version: &'static str,
    text: &'static str,
}

/// Who registers: one of `ssnLast4`, `mrn` and `invitation` shows that they are the practice's client.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    email: String,
    password: String,
    date_of_birth: NaiveDate,
    ssn_last4: Option<String>,
    mrn: Option<String>,
    invitation: Option<String>,
    /// The version of the terms that was read.
    accept_terms: String,
}

/// The token of a link.
#[derive(Deserialize, ToSchema)]
pub struct LinkToken {
    token: String,
}

/// Whose link.
#[derive(Deserialize, ToSchema)]
pub struct Resend {
    email: String,
}

/// The new address.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmailChange {
    email: String,
    /// Left out: they go on.
    #[serde(default)]
    end_other_sessions: bool,
}

/// Of everybody.
pub async fn terms() -> web::Json<Terms> {
    web::Json(Terms { version: terms::VERSION, text: terms::TEXT })
}

/// Of a client on file. Whoever it was, the answer is the same.
pub async fn register(
    source: Source,
    input: Body<Registration>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Accepted> {
    let application = read(input.0)?;
    evenly(async move {
        let means = services.means();
        let hash = register::prepare(&pool, means, &application).await?;
        register::register(&pool, means, &application, &hash, &source.nobody()).await
    })
    .await?;
    Ok(Accepted)
}

fn read(given: Registration) -> Result<Application> {
    let proof = match (given.ssn_last4, given.mrn, given.invitation) {
        (Some(digits), None, None) => Proof::SsnLast4(digits),
        (None, Some(mrn), None) => Proof::Mrn(mrn),
        (None, None, Some(token)) => Proof::Invitation(token.into()),
        _ => return Err(Error::field("/ssnLast4", "Send one of ssnLast4, mrn and invitation.")),
    };
    Ok(Application {
        email: given.email,
        password: given.password.into(),
        date_of_birth: given.date_of_birth,
        proof,
        terms_version: given.accept_terms,
    })
}

/// Takes the link's token.
pub async fn verify(
    source: Source,
    input: Body<LinkToken>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let token = SecretString::from(input.0.token);
    detached::to_the_end(async move {
        confirm::confirm(&pool, services.means(), &token, &source.nobody()).await?;
        Ok(NoContent)
    })
    .await
}

/// Mails the link again.
pub async fn resend(
    source: Source,
    input: Body<Resend>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Accepted> {
    evenly(async move { confirm::resend(&pool, services.means(), &input.0.email, &source.nobody()).await }).await?;
    Ok(Accepted)
}

/// Of the caller's own account.
pub async fn change_email(
    caller: PortalPrincipal,
    input: Body<EmailChange>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Accepted> {
    caller.require_recent()?;
    let (actor, EmailChange { email, end_other_sessions }) = (caller.actor(), input.0);
    evenly(async move {
        let ended = change_email::request(&pool, services.means(), &email, end_other_sessions, &actor).await?;
        ended.into_iter().for_each(|session| services.hub.end_sign_in(session));
        Ok(())
    })
    .await?;
    Ok(Accepted)
}
