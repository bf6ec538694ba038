//! `GET admin/undelivered`, `POST admin/undelivered/{outbox}/resend`.

use crate::{
    accounts::Permission,
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::Result,
    http::{
        answer::Accepted,
        detached,
        page::{List, NewestQuery},
        principal::AdminPrincipal,
    },
    ids::OutboxId,
    notify::undelivered::{self, Undelivered},
};
use actix_web::web;
use serde_json::json;

/// Newest first.
pub async fn list(
    caller: AdminPrincipal,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Undelivered>>> {
    caller.require(Permission::ResendMessages)?;
    let (limit, before) = query.read()?;
    let (mut conn, actor) = (pool.get().await?, caller.actor());
    let found = undelivered::list(&mut conn, &services.clock, caller.practice_id, before, limit + 1).await?;
    audit::record(&mut conn, Event::new(&actor, "undelivered.listed").with(json!({"count": found.len()}))).await?;
    Ok(web::Json(List::newest(found, limit, |message| message.id.0)))
}

/// Sends it once more.
pub async fn resend(
    caller: AdminPrincipal,
    outbox: web::Path<OutboxId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Accepted> {
    caller.require(Permission::ResendMessages)?;
    let (actor, id) = (caller.actor(), *outbox);
    detached::to_the_end(async move {
        undelivered::resend(&mut *pool.get().await?, &services.keyring, &services.clock, &actor, id).await?;
        Ok(Accepted)
    })
    .await
}
