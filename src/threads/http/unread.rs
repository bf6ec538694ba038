//! `GET portal/messages/unread-count`, `GET ehr/messages/unread-count`. Pages poll it: it is no activity.

use crate::{
    db::Pool,
    error::Result,
    http::principal::{Caller, Passive},
    threads::counts::{Unread, count_unread},
};
use actix_web::web;

/// Over all threads in which the caller takes part.
pub async fn unread<C: Caller>(caller: Passive<C>, pool: web::Data<Pool>) -> Result<web::Json<Unread>> {
    Ok(web::Json(count_unread(&mut *pool.get().await?, caller.0.viewer()).await?))
}
