//! `POST …/auth/reauthenticate`: the password again, for what wants a recent proof.

use crate::{
    accounts::{sessions, sign_in},
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{answer::NoContent, detached, json::Body, principal::Caller},
};
use actix_web::web;
use diesel_async::AsyncConnection;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is sent.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasswordAgain)]
pub struct Proof {
    password: String,
}

/// Of the caller, at the door of `C`. A wrong password counts as one at the sign-in.
pub async fn reauthenticate<C: Caller>(
    caller: C,
    input: Body<Proof>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let password = SecretString::from(input.0.password);
    let (actor, user, session) = (caller.actor(), caller.user_id, caller.session_id);
    detached::to_the_end(async move {
        sign_in::check_password_of(&pool, services.means(), user, password, &actor).await?;
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            sessions::note_reauthentication(conn, session).await?;
            audit::record(conn, Event::new(&actor, "session.reauthenticated").on("session", session)).await?;
            Ok::<_, Error>(())
        })
        .await
    })
    .await?;
    Ok(NoContent)
}
