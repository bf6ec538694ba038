//! `GET {door}/notifications/unread-count`.

use crate::{
    app::Services,
    db::Pool,
    error::Result,
    http::{
        detached,
        principal::{Caller, Passive},
    },
    notices::list,
};
use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

/// How many the caller has not read.
#[derive(Serialize, ToSchema)]
pub struct UnreadNotifications {
    unread: i64,
}

/// Counts them. Pages ask on their own: it keeps nobody signed in.
pub async fn count<C: Caller>(
    caller: Passive<C>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<UnreadNotifications>> {
    let (user, now) = (caller.0.user_id, services.clock.now());
    let unread = detached::to_the_end(async move { list::count_unread(&mut *pool.get().await?, user, now).await });
    Ok(web::Json(UnreadNotifications { unread: unread.await? }))
}
