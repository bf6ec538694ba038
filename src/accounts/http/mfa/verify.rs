//! `POST {door}/auth/mfa/verify`: the second step of signing in, with a code of the app or a backup code.

use crate::{
    accounts::{
        http::{door::At, signed_in},
        second_factor::verify,
    },
    app::Services,
    db::Pool,
    error::Result,
    http::{detached, json::Body, source::Source},
};
use actix_web::{CustomizeResponder, web};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// What signing in was answered with, and a code.
#[derive(Deserialize, ToSchema)]
#[schema(as = SecondStep)]
pub struct Step {
    ticket: String,
    code: String,
}

/// At the door of `D`.
pub async fn verify<D: At>(
    input: Body<Step>,
    source: Source,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<web::Json<signed_in::Welcome>>> {
    let Step { ticket, code } = input.0;
    let (ticket, code) = (SecretString::from(ticket), SecretString::from(code));
    // Going away in time must not spare anybody a failure.
    let signed_in = {
        let services = services.clone();
        detached::to_the_end(async move {
            verify::verify(&pool, services.means(), D::DOOR, &ticket, &code, &source.nobody()).await
        })
        .await?
    };
    Ok(signed_in::welcome(&services.config, signed_in))
}
