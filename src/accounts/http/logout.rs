//! `POST portal/auth/logout`, `POST ehr/auth/logout`. A session that is over already is signed out of as well.

use crate::{
    accounts::sign_out,
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::NoContent,
        cookie, detached,
        principal::{Caller, MaybePrincipal},
    },
    ids::SignInId,
};
use actix_web::{CustomizeResponder, Responder, http::header, web};

/// At the door of `C`.
pub async fn logout<C: Caller>(
    caller: MaybePrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<NoContent>> {
    if let Some(principal) = caller.0 {
        end(C::admit(principal)?.session_id, pool, services.clone()).await?;
    }
    Ok(NoContent
        .customize()
        .add_cookie(&cookie::clear(&services.config))
        .insert_header((header::CLEAR_SITE_DATA, r#""cache", "storage""#)))
}

/// Ends a session and the connections that hang from it.
pub async fn end(session: SignInId, pool: web::Data<Pool>, services: web::Data<Services>) -> Result<()> {
    detached::to_the_end(async move {
        sign_out::sign_out(&pool, session).await?;
        services.hub.end_sign_in(session);
        Ok::<_, Error>(())
    })
    .await
}
