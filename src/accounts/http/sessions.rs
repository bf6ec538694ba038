//! `GET …/auth/sessions`, `DELETE …/auth/sessions/{session}`: where the caller is signed in.

use super::logout;
use crate::{
    accounts::sessions::{self, Session},
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{answer::NoContent, page::List, principal::Caller},
    ids::SignInId,
};
use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

/// One of the caller's sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnSession)]
pub struct Item {
    /// The one that asks.
    current: bool,
    #[serde(flatten)]
    session: Session,
}

/// All that live, the one used last first.
pub async fn list<C: Caller>(caller: C, pool: web::Data<Pool>) -> Result<web::Json<List<Item>>> {
    let found = sessions::list(&mut *pool.get().await?, caller.user_id).await?;
    let item = |session: Session| Item { current: session.id == caller.session_id, session };
    Ok(web::Json(List::whole(found.into_iter().map(item).collect())))
}

/// Ends one of them.
pub async fn end<C: Caller>(
    caller: C,
    session: web::Path<SignInId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let ended = logout::end(caller.actor(), *session, pool, services).await?;
    if ended { Ok(NoContent) } else { Err(Error::NotFound) }
}
