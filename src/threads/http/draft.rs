//! `GET|PUT|DELETE portal/messages/{thread|new}/draft`, the same below `ehr/messages` and `ehr/threads`.

use crate::{
    app::Services,
    db::Pool,
    error::Result,
    http::{answer::NoContent, detached, json::Body, principal::Caller},
    threads::drafts::{Draft, For, Saving, drop_draft, find_draft, save_draft},
};
use actix_web::web;
use diesel_async::AsyncConnection;

/// What the caller is writing there.
pub async fn get<C: Caller>(
    caller: C,
    of: web::Path<For>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Draft>> {
    let mut conn = pool.get().await?;
    Ok(web::Json(find_draft(&mut conn, &services.keyring, caller.viewer(), &caller.actor(), *of).await?))
}

/// Keeps it.
pub async fn put<C: Caller>(
    caller: C,
    of: web::Path<For>,
    input: Body<Saving>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Draft>> {
    let (viewer, actor, of) = (caller.viewer(), caller.actor(), *of);
    let kept = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| save_draft(conn, &services.keyring, viewer, &actor, of, input.0).await).await
    });
    Ok(web::Json(kept.await?))
}

/// Drops it.
pub async fn delete<C: Caller>(caller: C, of: web::Path<For>, pool: web::Data<Pool>) -> Result<NoContent> {
    let (viewer, actor, of) = (caller.viewer(), caller.actor(), *of);
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| drop_draft(conn, viewer, &actor, of).await).await
    })
    .await?;
    Ok(NoContent)
}
