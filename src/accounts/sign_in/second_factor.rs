//! Which second factors a person has. The tables of the factors themselves belong to their own parts.

use crate::{
    accounts::{
        passkeys,
        second_factor::{authenticator, backup_codes},
    },
    error::Result,
    ids::UserId,
};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use utoipa::ToSchema;

/// A way to show a second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    Totp,
    BackupCode,
    Passkey,
}

impl Method {
    /// As the record names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::BackupCode => "backupCode",
            Self::Passkey => "passkey",
        }
    }
}

/// What this person can show; nothing: the first factor is enough, unless one is due ([`super::Means`]).
pub async fn find_methods(conn: &mut AsyncPgConnection, user: UserId) -> Result<Vec<Method>> {
    let has_totp = authenticator::enrolled_at(conn, user).await?.is_some();
    let has_codes = backup_codes::count(conn, user).await? > 0;
    let has_passkey = !passkeys::store::credential_ids(conn, user).await?.is_empty();
    let all = [(has_totp, Method::Totp), (has_codes, Method::BackupCode), (has_passkey, Method::Passkey)];
    Ok(all.into_iter().filter(|(has, _)| *has).map(|(_, method)| method).collect())
}
