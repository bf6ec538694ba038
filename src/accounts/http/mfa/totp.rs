//! `POST {door}/auth/mfa/totp`, `POST …/confirm`, `DELETE …`: the caller's authenticator app.

use crate::{
    accounts::{
        second_factor::{authenticator, backup_codes::Sheet, change, totp},
        store::SignInRecord,
    },
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{answer::NoContent, detached, json::Body, principal::Caller},
    ids::UserId,
};
use actix_web::web;
use diesel_async::AsyncConnection;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const WRONG: &str = "This is not the code that the app shows for this account. Check the phone's clock and try again.";

/// For the app: scan the picture, follow the address, or type the secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TotpEnrolment)]
pub struct Enrolment {
    secret: String,
    otpauth_uri: String,
    qr_svg: String,
}

/// A code of the app.
#[derive(Deserialize, ToSchema)]
#[schema(as = TotpCode)]
pub struct Code {
    pub code: String,
}

/// Shown once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupCodes {
    pub(in crate::accounts::http) backup_codes: Vec<String>,
}

impl From<&Sheet> for BackupCodes {
    fn from(sheet: &Sheet) -> Self {
        Self { backup_codes: sheet.codes.iter().map(|code| code.expose_secret().to_owned()).collect() }
    }
}

/// Shows a new seed. One in use before goes on until the new one is confirmed.
pub async fn begin<C: Caller>(
    caller: C,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Enrolment>> {
    caller.require_recent()?;
    let user = caller.user_id;
    detached::to_the_end(async move { begin_for(&pool, &services, user).await.map(web::Json) }).await
}

/// The same for whoever enrols on the way in.
pub(super) async fn begin_for(pool: &Pool, services: &Services, user: UserId) -> Result<Enrolment> {
    let mut conn = pool.get().await?;
    let (user, seed) = conn
        .transaction(async |conn| {
            let user: SignInRecord = change::lock(conn, user).await?;
            let seed = authenticator::begin(conn, &services.keyring, &user, services.clock.now()).await?;
            Ok::<_, Error>((user, seed))
        })
        .await?;
    let uri = seed.key_uri(&user.email)?;
    Ok(Enrolment {
        secret: seed.base32().to_owned(),
        qr_svg: totp::qr_svg(&uri)?,
        otpauth_uri: uri.expose_secret().to_owned(),
    })
}

/// Puts the seed into use.
pub async fn confirm<C: Caller>(
    caller: C,
    input: Body<Code>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<BackupCodes>> {
    let (user, by) = (caller.user_id, caller.actor());
    detached::to_the_end(async move {
        let sheet = Sheet::make().await?;
        let means = services.means();
        let mut conn = pool.get().await?;
        let confirmed = conn.transaction(async |conn| {
            let user = change::lock(conn, user).await?;
            change::confirm_app(conn, means, &user, &plain(&input.0.code), &sheet, &by).await
        });
        if confirmed.await? { Ok(web::Json(BackupCodes::from(&sheet))) } else { Err(wrong_code()) }
    })
    .await
}

/// Takes the app away.
pub async fn remove<C: Caller>(caller: C, pool: web::Data<Pool>, services: web::Data<Services>) -> Result<NoContent> {
    caller.require_recent()?;
    let (user, by) = (caller.user_id, caller.actor());
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let removed = conn.transaction(async |conn| {
            let user = change::lock(conn, user).await?;
            change::remove_app(conn, services.means(), &user, &by).await
        });
        if removed.await? { Ok(NoContent) } else { Err(Error::NotFound) }
    })
    .await
}

/// A code as people copy it: apps show it in two halves.
pub(super) fn plain(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).collect()
}

pub(super) fn wrong_code() -> Error {
    Error::field("/code", WRONG)
}
