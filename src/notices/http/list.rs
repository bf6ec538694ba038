//! `GET {door}/notifications`: what the caller was told, the newest first.

use crate::{
    app::Services,
    db::Pool,
    error::Result,
    http::{
        detached,
        page::{List, NewestQuery},
        principal::Caller,
    },
    notices::list::{self, Notification},
};
use actix_web::web;

/// A page of them. An id of somebody else's as the cursor leads nowhere.
pub async fn show<C: Caller>(
    caller: C,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Notification>>> {
    let (limit, before) = query.read()?;
    let (user, now) = (caller.user_id, services.clock.now());
    let found =
        detached::to_the_end(async move { list::read(&mut *pool.get().await?, user, before, limit + 1, now).await });
    Ok(web::Json(List::newest(found.await?, limit, |notification| notification.id.0)))
}
