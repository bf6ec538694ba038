//! A person's authenticator app: its seed, sealed, and which of its codes were used. A seed counts only after a code of
//! it was typed; until then one that was in use before goes on.

use super::totp::Seed;
use crate::{
    accounts::{Role, store::SignInRecord},
    crypto::{Keyring, Place, WrappedKey},
    error::{Error, Result},
    ids::{DataKeyId, UserId},
    keys::{self, Owner},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// How long a seed that was shown waits for its first code.
const PENDING: TimeDelta = TimeDelta::minutes(15);

/// Makes a seed for somebody, and keeps it until [`confirm`].
pub async fn begin(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    user: &SignInRecord,
    now: DateTime<Utc>,
) -> Result<Seed> {
    let owner = match user.role() {
        Some(Role::Client) => Owner::Client(user.id),
        _ => Owner::Practice(user.practice_id),
    };
    let wrapped = keys::find_or_make(conn, keyring, owner).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let seed = Seed::generate();
    let sealed = key.seal(Place::TotpSeed { user: user.id }, seed.base32()).map_err(anyhow::Error::from)?;
    crate::db::statement(
        "INSERT INTO totp_authenticators (user_id, key_id, pending_sealed, pending_until) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id) DO UPDATE SET pending_sealed = excluded.pending_sealed,
            pending_until = excluded.pending_until",
    )
    .bind::<sql::Uuid, _>(user.id)
    .bind::<sql::Uuid, _>(wrapped.id)
    .bind::<sql::Bytea, _>(sealed)
    .bind::<sql::Timestamptz, _>(now + PENDING)
    .execute(conn)
    .await?;
    Ok(seed)
}

/// Puts the seed that was shown into use, where `code` is one of it. False: the code is wrong.
///
/// # Errors
/// `conflict` when no seed was shown lately.
pub async fn confirm(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    user: UserId,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let pending = read(conn, user).await?.and_then(|row| Some((row.key(), row.pending_sealed?, row.pending_until?)));
    let Some((key, sealed, _)) = pending.filter(|(_, _, until)| *until > now) else {
        return Err(Error::conflict("There is nothing to confirm any more. Begin again and scan the new picture."));
    };
    let Some(step) = open(keyring, &key, user, &sealed)?.step_of(code, now)? else { return Ok(false) };
    crate::db::statement(
        "UPDATE totp_authenticators SET sealed = pending_sealed, enrolled_at = now(), last_step = $2,
            pending_sealed = NULL, pending_until = NULL
        WHERE user_id = $1 AND pending_sealed = $3",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::BigInt, _>(step)
    .bind::<sql::Bytea, _>(sealed)
    .execute(conn)
    .await?;
    Ok(true)
}

/// Uses a code up. False: it is wrong, was used, or is older than one that was.
pub async fn accept(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    user: UserId,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some((key, sealed)) = read(conn, user).await?.and_then(|row| Some((row.key(), row.sealed?))) else {
        return Ok(false);
    };
    let Some(step) = open(keyring, &key, user, &sealed)?.step_of(code, now)? else { return Ok(false) };
    let used =
        crate::db::statement("UPDATE totp_authenticators SET last_step = $2 WHERE user_id = $1 AND last_step < $2")
            .bind::<sql::Uuid, _>(user)
            .bind::<sql::BigInt, _>(step)
            .execute(conn)
            .await?;
    Ok(used == 1)
}

/// Since when somebody has one. None: they have none.
pub async fn enrolled_at(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Option<DateTime<Utc>>> {
    Ok(read(conn, user).await?.and_then(|row| row.enrolled_at))
}

/// Takes it away, and a seed that waits; false when none was in use.
pub async fn remove(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<bool> {
    let had_one = enrolled_at(conn, user).await?.is_some();
    crate::db::statement("DELETE FROM totp_authenticators WHERE user_id = $1")
        .bind::<sql::Uuid, _>(user)
        .execute(conn)
        .await?;
    Ok(had_one)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    enrolled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    pending_sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pending_until: Option<DateTime<Utc>>,
}

impl Row {
    fn key(&self) -> WrappedKey {
        WrappedKey { id: self.key_id, wrapped: self.wrapped.clone() }
    }
}

async fn read(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Option<Row>> {
    crate::db::statement(
        "SELECT a.key_id, k.wrapped, a.sealed, a.enrolled_at, a.pending_sealed, a.pending_until
        FROM totp_authenticators a JOIN data_keys k ON k.id = a.key_id WHERE a.user_id = $1",
    )
    .bind::<sql::Uuid, _>(user)
    .get_result(conn)
    .await
    .optional()
}

fn open(keyring: &Keyring, key: &WrappedKey, user: UserId, sealed: &[u8]) -> Result<Seed> {
    let key = keyring.unwrap(key).map_err(anyhow::Error::from)?;
    Ok(Seed::from_base32(key.open(Place::TotpSeed { user }, sealed).map_err(anyhow::Error::from)?))
}
