//! `GET {door}/auth/mfa`: what the caller proves themselves with.

use crate::{
    accounts::{
        passkeys::{self, Passkey},
        second_factor::{authenticator, backup_codes},
    },
    app::Services,
    db::Pool,
    error::Result,
    http::principal::Caller,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// All factors but the password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecondFactors {
    totp: Totp,
    backup_codes_left: i32,
    passkeys: Vec<Passkey>,
    /// The last one cannot be removed.
    required: bool,
}

/// The authenticator app.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TotpState)]
struct Totp {
    /// Null: none.
    enrolled_at: Option<DateTime<Utc>>,
}

/// The caller's.
pub async fn show<C: Caller>(
    caller: C,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<SecondFactors>> {
    let conn = &mut *pool.get().await?;
    Ok(web::Json(SecondFactors {
        totp: Totp { enrolled_at: authenticator::enrolled_at(conn, caller.user_id).await? },
        backup_codes_left: backup_codes::count(conn, caller.user_id).await?,
        passkeys: passkeys::store::list(conn, caller.user_id).await?,
        required: services.means().need_second_factor(caller.role),
    }))
}
