//! The calls: behind the client's door [`portal`] and [`submitted`], behind the practice's [`library`], [`assignments`]
//! and [`submissions`]; [`files`] behind both. What both doors do is here.

pub mod assignments;
pub mod files;
pub mod library;
pub mod portal;
pub mod submissions;
pub mod submitted;

use super::{
    assignments::{self as given, Assigned, Summary},
    drafts,
};
use crate::{
    accounts::access::find_client_access,
    app::Services,
    audit::{self, Actor},
    db::Pool,
    error::{Error, Result},
    http::{
        detached,
        page::{List, NewestQuery},
        principal::Principal,
    },
    ids::{FormAssignmentId, UserId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use futures_util::future::BoxFuture;

/// What a client was given, for whoever may see their record.
async fn list(
    caller: &Principal,
    (client, only_open): (UserId, bool),
    page: &NewestQuery,
    pool: &Pool,
    services: &Services,
) -> Result<web::Json<List<Summary>>> {
    let (limit, before) = page.read()?;
    let mut conn = pool.get().await?;
    let access = find_client_access(&mut conn, caller.viewer(), client).await?.ok_or(Error::NotFound)?;
    let found = given::list(&mut conn, &access, only_open, limit, before, services.clock.now()).await?;
    let actor = caller.actor();
    audit::record(&mut conn, access.event(&actor, "forms.listed")).await?;
    Ok(web::Json(List::newest(found, limit, |form| form.id.0)))
}

/// Who changes what a client was given, with what, and when.
struct Changing {
    services: web::Data<Services>,
    assigned: Assigned,
    actor: Actor,
    now: DateTime<Utc>,
}

/// Changes what a client was given, while nobody else can, in a transaction that comes to its end.
async fn change<T: Send + 'static>(
    caller: &Principal,
    id: FormAssignmentId,
    (pool, services): (web::Data<Pool>, web::Data<Services>),
    act: impl for<'a> FnOnce(&'a mut AsyncPgConnection, Changing) -> BoxFuture<'a, Result<T>> + Send + 'static,
) -> Result<T> {
    let (viewer, actor) = (caller.viewer(), caller.actor());
    detached::to_the_end(async move {
        let now = services.clock.now();
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let assigned = drafts::lock(conn, viewer, id, now).await?;
            assigned.access.require_change()?;
            act(conn, Changing { services, assigned, actor, now }).await
        })
        .await
    })
    .await
}
