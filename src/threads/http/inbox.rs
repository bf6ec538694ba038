//! `GET ehr/inbox`: what there is to do for somebody who works for the practice.

use super::list::place;
use crate::{
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{
        detached,
        page::{List, PageQuery},
        principal::EhrPrincipal,
    },
    ids::UserId,
    threads::{
        counts::{InboxCounts, count_inbox},
        model::Summary,
        summaries::{Scope, read_summaries},
        view,
    },
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The drawers.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Filter {
    Mine,
    Unassigned,
    Unread,
    Urgent,
    Closed,
    #[default]
    All,
}

impl From<Filter> for Scope {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::Mine => Self::Mine,
            Filter::Unassigned => Self::Pool,
            Filter::Unread => Self::Unread,
            Filter::Urgent => Self::Urgent,
            Filter::Closed => Self::Closed,
            Filter::All => Self::Visible,
        }
    }
}

/// `?filter=&client=&limit=&cursor=`.
#[derive(Deserialize, IntoParams)]
pub struct InboxQuery {
    #[serde(default)]
    #[param(inline)]
    filter: Filter,
    client: Option<UserId>,
    // Flattened, numbers of a query would arrive as text.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// A list, and what the drawers hold.
#[derive(Serialize, ToSchema)]
pub struct Inbox {
    items: Vec<Summary>,
    next: Option<String>,
    counts: InboxCounts,
}

/// One drawer.
pub async fn inbox(
    caller: EhrPrincipal,
    query: web::Query<InboxQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Inbox>> {
    let InboxQuery { filter, client, limit, cursor } = query.into_inner();
    let (limit, after) = PageQuery { limit, cursor }.read()?;
    let (viewer, actor, keyring) = (caller.viewer(), caller.actor(), services.keyring.clone());
    let scope = match (filter, client) {
        // All of one client: also what colleagues look after, where the viewer is in the care team or broke the glass.
        (Filter::All, Some(_)) => Scope::OfClient,
        _ => filter.into(),
    };
    let inbox = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let found = read_summaries(conn, &keyring, viewer, &scope, client, after, limit + 1).await?;
            let counts = count_inbox(conn, viewer).await?;
            let List { items, next } = List::from_one_more(found, limit, place);
            let event = Event::new(&actor, "threads.listed").with(view::of_list(&items));
            audit::record(conn, client.into_iter().fold(event, Event::of_client)).await?;
            Ok::<_, Error>(Inbox { items, next, counts })
        })
        .await
    });
    Ok(web::Json(inbox.await?))
}
