//! `GET portal/messages/{thread}/emergency`: where the client's emergency stands.

use crate::{
    db::Pool,
    emergency::truth::{self, ForClient},
    error::{Error, Result},
    http::principal::{Passive, PortalPrincipal},
    ids::ThreadId,
    threads::access::find_access,
};
use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

/// The last emergency of the thread.
#[derive(Serialize, ToSchema)]
#[schema(as = EmergencyOfThread)]
pub struct Answer {
    /// Null: there was none.
    emergency: Option<ForClient>,
}

/// Pages ask again and again while one is open: that is no activity.
pub async fn show(
    caller: Passive<PortalPrincipal>,
    thread: web::Path<ThreadId>,
    pool: web::Data<Pool>,
) -> Result<web::Json<Answer>> {
    let mut conn = pool.get().await?;
    let access = find_access(&mut conn, caller.0.viewer(), *thread).await?.ok_or(Error::NotFound)?;
    Ok(web::Json(Answer { emergency: truth::for_client(&mut conn, &access).await? }))
}
