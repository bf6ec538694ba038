//! The SQL of passkeys.

use crate::{
    error::Result,
    ids::{PasskeyId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use webauthn_rs::prelude as webauthn;

/// A passkey as its person sees it.
#[derive(Debug, Clone, Serialize, QueryableByName, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Passkey {
    #[diesel(sql_type = sql::Uuid)]
    pub id: PasskeyId,
    /// The person's own name for it.
    #[diesel(sql_type = sql::Text)]
    pub name: String,
    #[diesel(sql_type = sql::Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A passkey that is being used; its row is locked until the transaction ends.
pub struct InUse {
    pub id: PasskeyId,
    pub user: UserId,
    pub credential: webauthn::Passkey,
}

/// The passkeys of a person, oldest first.
pub async fn list(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Vec<Passkey>> {
    crate::db::statement("SELECT id, name, created_at, last_used_at FROM passkeys WHERE user_id = $1 ORDER BY id")
        .bind::<sql::Uuid, _>(user)
        .load(conn)
        .await
}

/// What authenticators call the passkeys of a person.
pub async fn credential_ids(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Vec<Vec<u8>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bytea)]
        credential_id: Vec<u8>,
    }
    let rows: Vec<Row> = crate::db::statement("SELECT credential_id FROM passkeys WHERE user_id = $1 ORDER BY id")
        .bind::<sql::Uuid, _>(user)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.credential_id).collect())
}

/// Writes a passkey; false when its authenticator's id for it is known already, whoever's it is.
pub async fn insert(
    conn: &mut AsyncPgConnection,
    id: PasskeyId,
    user: UserId,
    name: &str,
    credential: &webauthn::Passkey,
) -> Result<bool> {
    let document = serde_json::to_value(credential).map_err(anyhow::Error::from)?;
    let written = crate::db::statement(
        "INSERT INTO passkeys (id, user_id, credential_id, name, credential) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (credential_id) DO NOTHING",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Bytea, _>(credential.cred_id().as_slice())
    .bind::<sql::Text, _>(name)
    .bind::<sql::Jsonb, _>(document)
    .execute(conn)
    .await?;
    Ok(written == 1)
}

/// The passkey that an authenticator calls by this id. Two uses at once wait for each other: a counter is judged by what
/// the one before left.
pub async fn lock(conn: &mut AsyncPgConnection, credential_id: &[u8]) -> Result<Option<InUse>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: PasskeyId,
        #[diesel(sql_type = sql::Uuid)]
        user_id: UserId,
        #[diesel(sql_type = sql::Jsonb)]
        credential: serde_json::Value,
    }
    let row: Option<Row> =
        crate::db::statement("SELECT id, user_id, credential FROM passkeys WHERE credential_id = $1 FOR NO KEY UPDATE")
            .bind::<sql::Bytea, _>(credential_id)
            .get_result(conn)
            .await
            .optional()?;
    let Some(row) = row else { return Ok(None) };
    let credential = serde_json::from_value(row.credential).map_err(anyhow::Error::from)?;
    Ok(Some(InUse { id: row.id, user: row.user_id, credential }))
}

/// Notes that a passkey was used, and what its authenticator counted.
pub async fn note_use(conn: &mut AsyncPgConnection, used: &InUse) -> Result<()> {
    let document = serde_json::to_value(&used.credential).map_err(anyhow::Error::from)?;
    crate::db::statement("UPDATE passkeys SET credential = $2, last_used_at = now() WHERE id = $1")
        .bind::<sql::Uuid, _>(used.id)
        .bind::<sql::Jsonb, _>(document)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes one away; false when the person has no such passkey.
pub async fn remove(conn: &mut AsyncPgConnection, user: UserId, id: PasskeyId) -> QueryResult<bool> {
    let gone = crate::db::statement("DELETE FROM passkeys WHERE id = $1 AND user_id = $2")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(user)
        .execute(conn)
        .await?;
    Ok(gone == 1)
}

/// Takes all of them away, and tells how many there were.
pub async fn remove_all(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<usize> {
    crate::db::statement("DELETE FROM passkeys WHERE user_id = $1").bind::<sql::Uuid, _>(user).execute(conn).await
}
