//! `GET portal/messages`: a client's threads, newest activity first.

use crate::{
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{
        detached,
        page::{List, PageQuery},
        principal::PortalPrincipal,
    },
    threads::{
        model::Summary,
        summaries::{After, Scope, read_summaries},
        view,
    },
};
use actix_web::web;
use diesel_async::AsyncConnection;

/// Open and closed ones.
pub async fn list(
    caller: PortalPrincipal,
    query: web::Query<PageQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Summary>>> {
    let (limit, after) = query.read()?;
    let (viewer, actor, keyring) = (caller.viewer(), caller.actor(), services.keyring.clone());
    let list = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let found = read_summaries(conn, &keyring, viewer, &Scope::Own, None, after, limit + 1).await?;
            let list = List::from_one_more(found, limit, place);
            let event = Event::new(&actor, "threads.listed").of_client(viewer.user);
            audit::record(conn, event.with(view::of_list(&list.items))).await?;
            Ok::<_, Error>(list)
        })
        .await
    });
    Ok(web::Json(list.await?))
}

/// Where a list goes on after this thread.
pub(super) fn place(summary: &Summary) -> After {
    After { last_entry_at: summary.last_entry_at, thread: summary.id }
}
