//! `POST {door}/auth/oidc/{provider}/link`, `DELETE …`: which account elsewhere opens the caller's own.

use super::{away, callback_of, find, journey_cookie};
use crate::{
    accounts::{
        external::{flow, identity, journey::Link},
        http::door::At,
        second_factor::change,
    },
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{answer::NoContent, detached, principal::Caller},
    notify::mail::SecurityNotice,
};
use actix_web::{CustomizeResponder, HttpRequest, Responder, web};
use diesel_async::AsyncConnection;
use serde::Serialize;
use utoipa::ToSchema;

/// Where to go to link it.
#[derive(Serialize, ToSchema)]
pub struct WayThere {
    location: String,
}

/// Sends the caller to the provider; the account is linked when they come back.
pub async fn begin<C: Caller + At>(
    caller: C,
    provider: web::Path<String>,
    request: HttpRequest,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<web::Json<WayThere>>> {
    caller.require_recent()?;
    let provider = find(&services, &provider)?;
    let callback = callback_of::<C>(&services, &request, provider)?;
    let link = Link { user: caller.user_id, session: caller.session_id };
    let http = services.identity_providers.http();
    let begun = flow::begin(provider, http, &services.clock, callback, C::DOOR, Some(link)).await;
    let (location, journey) = begun.map_err(away)?;
    let cookie = journey_cookie::keep(&services, &journey)?;
    Ok(web::Json(WayThere { location }).customize().add_cookie(&cookie))
}

/// Takes the link away.
pub async fn remove<C: Caller>(
    caller: C,
    provider: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require_recent()?;
    let issuer = find(&services, &provider)?.issuer().to_owned();
    let (user, by) = (caller.user_id, caller.actor());
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let removed = conn.transaction(async |conn| {
            let user = change::lock(conn, user).await?;
            if !identity::unlink(conn, user.id, &issuer).await? {
                return Err(Error::NotFound);
            }
            change::record(conn, &by, &user, "identity.unlinked").await?;
            change::tell(conn, services.means(), &user, SecurityNotice::IdentityUnlinked).await
        });
        removed.await?;
        Ok(NoContent)
    })
    .await
}
