//! `POST …/auth/logout`, `POST …/auth/logout-everywhere`. A session that is over already is signed out of as well.

use crate::{
    accounts::sessions,
    app::Services,
    audit::Actor,
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
        let principal = C::admit(principal)?;
        end(principal.actor(), principal.session_id, pool, services.clone()).await?;
    }
    Ok(gone(&services))
}

/// All sessions of the caller, this one among them.
pub async fn everywhere<C: Caller>(
    caller: C,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<CustomizeResponder<NoContent>> {
    let (actor, user) = (caller.actor(), caller.user_id);
    let hub = services.clone();
    detached::to_the_end(async move {
        let ended = sessions::end_everywhere(&mut *pool.get().await?, &actor, user).await?;
        cut(&hub, &ended);
        Ok::<_, Error>(())
    })
    .await?;
    Ok(gone(&services))
}

/// Ends a session of `actor`'s own and the connections that hang from it; false when there is no such one.
pub async fn end(
    actor: Actor,
    session: SignInId,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<bool> {
    detached::to_the_end(async move {
        let ended = sessions::end_own(&mut *pool.get().await?, &actor, session).await?;
        cut(&services, &[session]);
        Ok::<_, Error>(ended)
    })
    .await
}

/// Closes the connections of ended sessions at once; other nodes notice within seconds.
pub fn cut(services: &Services, sessions: &[SignInId]) {
    for session in sessions {
        services.hub.end_sign_in(*session);
    }
}

fn gone(services: &Services) -> CustomizeResponder<NoContent> {
    NoContent
        .customize()
        .add_cookie(&cookie::clear(&services.config))
        .insert_header((header::CLEAR_SITE_DATA, r#""cache", "storage""#))
}
