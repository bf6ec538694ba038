//! `POST push-confirmations`: a browser's service worker says that it showed a push. It has no session then, and needs none:
//! the token came with the push.

use crate::{
    app::Services,
    db::Pool,
    error::Result,
    http::{answer::NoContent, json::Body},
    notices::confirm,
};
use actix_web::web;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// What came with the push.
#[derive(Deserialize, ToSchema)]
pub struct PushConfirmation {
    token: String,
}

/// Takes it. Answers everybody alike.
pub async fn confirm(
    input: Body<PushConfirmation>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    confirm::confirm(&mut *pool.get().await?, &SecretString::from(input.0.token), services.clock.now()).await?;
    Ok(NoContent)
}
