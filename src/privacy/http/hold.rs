//! `GET|PUT|DELETE admin/clients/{client}/legal-hold`.

use crate::{
    accounts::Permission,
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{answer::NoContent, detached, json::Body, principal::AdminPrincipal},
    ids::UserId,
    privacy::hold,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most characters of a reason.
const REASON_CHARACTERS: usize = 1_000;

/// Why.
#[derive(Deserialize, ToSchema)]
pub struct HoldReason {
    reason: String,
}

/// A hold that lies on a client.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LegalHold {
    client: UserId,
    reason: String,
    placed_by: UserId,
    placed_at: DateTime<Utc>,
}

impl LegalHold {
    fn new(client: UserId, hold: hold::LegalHold) -> Self {
        Self { client, reason: hold.reason, placed_by: hold.placed_by, placed_at: hold.placed_at }
    }
}

/// The hold; not found where none lies.
pub async fn show(
    caller: AdminPrincipal,
    client: web::Path<UserId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<LegalHold>> {
    caller.require(Permission::ManagePrivacy)?;
    let mut conn = pool.get().await?;
    let found = hold::find(&mut conn, &services.keyring, caller.practice_id, *client).await?;
    let found = found.ok_or(Error::NotFound)?;
    audit::record(&mut conn, Event::new(&caller.actor(), "legalHold.viewed").of_client(*client)).await?;
    Ok(web::Json(LegalHold::new(*client, found)))
}

/// Places one.
pub async fn place(
    caller: AdminPrincipal,
    client: web::Path<UserId>,
    input: Body<HoldReason>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<LegalHold>> {
    caller.require(Permission::ManagePrivacy)?;
    let reason = check_reason(input.0.reason)?;
    let placed = detached::to_the_end(async move {
        let (mut conn, practice) = (pool.get().await?, caller.practice_id);
        let placed = hold::place(&mut conn, &services.keyring, &caller.actor(), practice, *client, &reason).await?;
        Ok(LegalHold::new(*client, placed))
    });
    Ok(web::Json(placed.await?))
}

/// Lifts it.
pub async fn lift(caller: AdminPrincipal, client: web::Path<UserId>, pool: web::Data<Pool>) -> Result<NoContent> {
    caller.require(Permission::ManagePrivacy)?;
    detached::to_the_end(async move {
        hold::lift(&mut *pool.get().await?, &caller.actor(), caller.practice_id, *client).await
    })
    .await?;
    Ok(NoContent)
}

/// A reason is needed, and PostgreSQL takes no NUL.
pub(super) fn check_reason(reason: String) -> Result<String> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("/reason", "Say why, for those who look into it later."));
    }
    if reason.chars().count() > REASON_CHARACTERS {
        return Err(Error::field("/reason", "The reason is longer than 1,000 characters. Shorten it."));
    }
    Ok(reason.to_owned())
}
