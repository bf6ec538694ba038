//! `POST ehr/clients/{client}/reset-second-factor`, `POST admin/users/{user}/reset-second-factor`: for somebody who lost
//! theirs and whom the practice knows.

use crate::{
    accounts::{Permission, Role, second_factor::change, store::SignInRecord},
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::NoContent,
        detached,
        principal::{AdminPrincipal, EhrPrincipal, Principal},
    },
    ids::UserId,
};
use actix_web::web;
use diesel_async::AsyncConnection;

/// A client's.
pub async fn of_client(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require(Permission::AdmitClients)?;
    reset(&caller, *client, |user| user.role() == Some(Role::Client), pool, services).await
}

/// Anybody's of the practice but one's own: who still has a factor removes it by that.
pub async fn of_user(
    caller: AdminPrincipal,
    user: web::Path<UserId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require(Permission::ManageUsers)?;
    let own = caller.user_id;
    reset(&caller, *user, move |user| user.id != own, pool, services).await
}

async fn reset(
    caller: &Principal,
    user: UserId,
    is_meant: impl Fn(&SignInRecord) -> bool + Send + Sync + 'static,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require_recent()?;
    let (by, practice) = (caller.actor(), caller.practice_id);
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let done = conn.transaction(async |conn| {
            let user = crate::accounts::store::lock_user(conn, user).await?;
            let user = user.filter(|user| user.practice_id == practice && is_meant(user)).ok_or(Error::NotFound)?;
            change::reset(conn, services.means(), &user, &by).await
        });
        done.await?;
        Ok(NoContent)
    })
    .await
}
