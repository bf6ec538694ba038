//! `GET/PUT/DELETE …/account/phone`, `POST …/account/phone/verify`: the caller's own number for text messages.

use crate::{
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{Accepted, NoContent},
        detached,
        json::Body,
        principal::Caller,
    },
    notify::contact::phone::{self, Means, Phones},
};
use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

/// A number with its country.
#[derive(Deserialize, ToSchema)]
pub struct PhoneNumber {
    number: String,
}

/// What was sent to it.
#[derive(Deserialize, ToSchema)]
pub struct PhoneCode {
    code: String,
}

fn means(services: &Services) -> Means<'_> {
    Means { keyring: &services.keyring, clock: &services.clock }
}

/// The number in use, and the one that waits for its code.
pub async fn show<C: Caller>(
    caller: C,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Phones>> {
    Ok(web::Json(phone::show(&mut *pool.get().await?, &services.keyring, caller.user_id).await?))
}

/// Sends a code to it.
pub async fn enter<C: Caller>(
    caller: C,
    input: Body<PhoneNumber>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Accepted> {
    caller.require_recent()?;
    if services.twilio.is_none() {
        return Err(Error::conflict("Text messages are not set up here. Your practice can tell you more."));
    }
    let actor = caller.actor();
    detached::to_the_end(async move {
        phone::enter(&mut *pool.get().await?, means(&services), &actor, &input.0.number).await?;
        Ok(Accepted)
    })
    .await
}

/// Takes the code.
pub async fn verify<C: Caller>(
    caller: C,
    input: Body<PhoneCode>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let actor = caller.actor();
    detached::to_the_end(async move {
        phone::verify(&mut *pool.get().await?, means(&services), &actor, &input.0.code).await?;
        Ok(NoContent)
    })
    .await
}

/// Forgets it.
pub async fn remove<C: Caller>(caller: C, pool: web::Data<Pool>, services: web::Data<Services>) -> Result<NoContent> {
    caller.require_recent()?;
    let actor = caller.actor();
    detached::to_the_end(async move {
        phone::remove(&mut *pool.get().await?, means(&services), &actor).await?;
        Ok(NoContent)
    })
    .await
}
