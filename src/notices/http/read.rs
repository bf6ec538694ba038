//! `POST {door}/notifications/{notification}/read`, `POST {door}/notifications/read-all`.

use crate::{
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{answer::NoContent, detached, principal::Caller},
    ids::NotificationId,
    notices::list,
};
use actix_web::web;

/// Marks one as read.
pub async fn one<C: Caller>(
    caller: C,
    notification: web::Path<NotificationId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let (user, id, now) = (caller.user_id, *notification, services.clock.now());
    let found = detached::to_the_end(async move { list::mark_read(&mut *pool.get().await?, user, id, now).await });
    if found.await? { Ok(NoContent) } else { Err(Error::NotFound) }
}

/// Marks all that were told as read.
pub async fn all<C: Caller>(caller: C, pool: web::Data<Pool>, services: web::Data<Services>) -> Result<NoContent> {
    let (user, now) = (caller.user_id, services.clock.now());
    detached::to_the_end(async move { list::mark_all_read(&mut *pool.get().await?, user, now).await }).await?;
    Ok(NoContent)
}
