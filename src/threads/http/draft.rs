//! `GET|PUT|DELETE portal/messages/{thread|new}/draft`, the same below `ehr/messages` and `ehr/threads`.

use crate::{
    app::Services,
    db::Pool,
    error::Result,
    http::{answer::NoContent, json::Body, principal::Caller},
    threads::drafts::{Draft, For, Saving, drop_draft, find_draft, save_draft},
};
use actix_web::web;

/// What the caller is writing there.
pub async fn get<C: Caller>(
    caller: C,
    of: web::Path<For>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Draft>> {
    let mut conn = pool.get().await?;
    Ok(web::Json(find_draft(&mut conn, &services.keyring, caller.viewer(), *of).await?))
}

/// Keeps it.
pub async fn put<C: Caller>(
    caller: C,
    of: web::Path<For>,
    input: Body<Saving>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Draft>> {
    let mut conn = pool.get().await?;
    Ok(web::Json(save_draft(&mut conn, &services.keyring, caller.viewer(), *of, input.0).await?))
}

/// Drops it.
pub async fn delete<C: Caller>(caller: C, of: web::Path<For>, pool: web::Data<Pool>) -> Result<NoContent> {
    drop_draft(&mut *pool.get().await?, caller.viewer(), *of).await?;
    Ok(NoContent)
}
