//! `GET portal/messages/{thread}`, `GET ehr/threads/{thread}`: a thread with a page of its entries.

use crate::{
    app::Services,
    audit,
    db::Pool,
    error::{Error, Result},
    http::{detached, page, principal::Caller},
    ids::ThreadId,
    threads::{
        access::find_access,
        entries::{Page, Range, read_page},
        model::{Entry, Summary},
        summaries::read_summary,
        view,
    },
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `?before=|after=&limit=`.
#[derive(Deserialize, IntoParams)]
pub struct Window {
    before: Option<i64>,
    after: Option<i64>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

impl Window {
    fn range(&self) -> Result<Range> {
        match (self.before, self.after) {
            (None, None) => Ok(Range::Newest),
            (Some(seq), None) => Ok(Range::Before(seq)),
            (None, Some(seq)) => Ok(Range::After(seq)),
            (Some(_), Some(_)) => Err(Error::field("/before", "Ask for what is before or after, not both.")),
        }
    }
}

/// A thread, opened.
#[derive(Serialize, ToSchema)]
#[schema(as = ThreadWithEntries)]
pub struct Shown {
    thread: Summary,
    entries: Vec<Entry>,
    more: bool,
}

/// As the caller may see it.
pub async fn show<C: Caller>(
    caller: C,
    thread: web::Path<ThreadId>,
    window: web::Query<Window>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let (range, limit) = (window.range()?, page::limit(window.limit)?);
    let (viewer, actor, thread, keyring) = (caller.viewer(), caller.actor(), *thread, services.keyring.clone());
    let shown = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = find_access(conn, viewer, thread).await?.ok_or(Error::NotFound)?;
            // The entries first: the summary then is never older than they are.
            let Page { entries, more, .. } = read_page(conn, &keyring, &access, range, limit).await?;
            let thread = read_summary(conn, &keyring, &access).await?;
            audit::record(conn, access.event(&actor, "thread.viewed").with(view::of_page(&entries))).await?;
            Ok::<_, Error>(Shown { thread, entries, more })
        })
        .await
    });
    Ok(web::Json(shown.await?))
}
