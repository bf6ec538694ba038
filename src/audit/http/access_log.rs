//! `GET portal/privacy/access-log`: who opened the caller's record or changed it, when, and in which role.

use crate::{
    audit::{
        self, Event,
        search::{Filter, Found, Place, search},
    },
    db::Pool,
    error::{Error, Result},
    http::{
        page::{List, NewestQuery},
        principal::PortalPrincipal,
    },
    ids::UserId,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One access, as the person whose record it is sees it.
#[derive(Serialize, ToSchema)]
pub struct Access {
    id: Uuid,
    at: DateTime<Utc>,
    /// What was done, such as `thread.viewed`.
    action: String,
    outcome: String,
    /// None: the hub itself.
    by: Option<By>,
    /// Under break-glass.
    emergency: bool,
    thread: Option<Uuid>,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessBy)]
pub struct By {
    id: UserId,
    /// None: somebody who is no longer known by name.
    name: Option<String>,
    role: Option<String>,
}

impl From<Found> for Access {
    fn from(found: Found) -> Self {
        let thread = found.object.filter(|_| found.object_kind.as_deref() == Some("thread"));
        let Found { id, at, action, outcome, emergency, .. } = found;
        let by = found.actor.map(|id| By { id, name: found.actor_name, role: found.actor_role });
        Self { id, at, action, outcome, by, emergency, thread }
    }
}

/// What others did with the caller's record, the newest first.
pub async fn show(
    caller: PortalPrincipal,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<Access>>> {
    let (limit, before) = query.read()?;
    let (me, actor) = (caller.user_id, caller.actor());
    let mut conn = pool.get().await?;
    let found = conn
        .transaction(async |conn| {
            let filter = Filter { client: Some(me), not_by: Some(me), ..Filter::default() };
            let found = search(conn, &filter, before.map_or(Place::Newest, Place::Before), limit + 1).await?;
            audit::record(conn, Event::new(&actor, "accessLog.viewed").of_client(me)).await?;
            Ok::<_, Error>(found)
        })
        .await?;
    let accesses = found.into_iter().map(Access::from).collect();
    Ok(web::Json(List::newest(accesses, limit, |access: &Access| access.id)))
}
