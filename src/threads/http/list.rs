//! `GET portal/messages`: a client's threads, newest activity first.

use crate::{
    app::Services,
    db::Pool,
    error::Result,
    http::{
        page::{List, PageQuery},
        principal::PortalPrincipal,
    },
    threads::{
        model::Summary,
        summaries::{After, Scope, read_summaries},
    },
};
use actix_web::web;

/// Open and closed ones.
pub async fn list(
    caller: PortalPrincipal,
    query: web::Query<PageQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Summary>>> {
    let (limit, after) = query.read()?;
    let mut conn = pool.get().await?;
    let found =
        read_summaries(&mut conn, &services.keyring, caller.viewer(), &Scope::Own, None, after, limit + 1).await?;
    Ok(web::Json(List::from_one_more(found, limit, place)))
}

/// Where a list goes on after this thread.
pub(super) fn place(summary: &Summary) -> After {
    After { last_entry_at: summary.last_entry_at, thread: summary.id }
}
