//! `POST {door}/auth/mfa/backup-codes`: a fresh sheet in place of the old one.

use super::totp::BackupCodes;
use crate::{
    accounts::second_factor::{backup_codes::Sheet, change},
    app::Services,
    db::Pool,
    error::Result,
    http::{detached, principal::Caller},
};
use actix_web::web;
use diesel_async::AsyncConnection;

/// The caller's.
pub async fn renew<C: Caller>(
    caller: C,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<BackupCodes>> {
    caller.require_recent()?;
    let (user, by) = (caller.user_id, caller.actor());
    detached::to_the_end(async move {
        let sheet = Sheet::make().await?;
        let mut conn = pool.get().await?;
        let renewed = conn.transaction(async |conn| {
            let user = change::lock(conn, user).await?;
            change::renew_codes(conn, services.means(), &user, &sheet, &by).await
        });
        renewed.await?;
        Ok(web::Json(BackupCodes::from(&sheet)))
    })
    .await
}
