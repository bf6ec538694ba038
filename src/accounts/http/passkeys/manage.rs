//! `GET {door}/auth/passkeys`, `DELETE {door}/auth/passkeys/{passkey}`.

use crate::{
    accounts::{
        passkeys::{Passkey, store},
        second_factor::change,
    },
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{answer::NoContent, detached, page::List, principal::Caller},
    ids::PasskeyId,
    notify::mail::SecurityNotice,
};
use actix_web::web;
use diesel_async::AsyncConnection;

/// The caller's.
pub async fn list<C: Caller>(caller: C, pool: web::Data<Pool>) -> Result<web::Json<List<Passkey>>> {
    Ok(web::Json(List::whole(store::list(&mut *pool.get().await?, caller.user_id).await?)))
}

/// Takes one away, and ends what was signed in elsewhere.
pub async fn remove<C: Caller>(
    caller: C,
    passkey: web::Path<PasskeyId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require_recent()?;
    let (user, by) = (caller.user_id, caller.actor());
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let removed = conn.transaction(async |conn| {
            let user = change::lock(conn, user).await?;
            if !store::remove(conn, user.id, *passkey).await? {
                return Err(Error::NotFound);
            }
            change::settle(conn, services.means(), &user, by.sign_in).await?;
            change::record(conn, &by, &user, "passkey.removed").await?;
            change::tell(conn, services.means(), &user, SecurityNotice::PasskeyRemoved).await
        });
        removed.await?;
        Ok(NoContent)
    })
    .await
}
