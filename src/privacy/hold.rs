//! Legal holds: as long as one lies on a client, nothing of the client is erased. Lifted ones stay on record.

use crate::{
    audit::{self, Actor, Event},
    crypto::{Keyring, Place, WrappedKey},
    error::{Error, Result},
    ids::{DataKeyId, LegalHoldId, PracticeId, UserId},
    keys::{self, Owner},
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

/// A hold that lies on a client.
#[derive(Clone, Debug)]
pub struct LegalHold {
    pub id: LegalHoldId,
    pub placed_by: UserId,
    pub placed_at: DateTime<Utc>,
    pub reason: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: LegalHoldId,
    #[diesel(sql_type = sql::Uuid)]
    placed_by: UserId,
    #[diesel(sql_type = sql::Timestamptz)]
    placed_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Bytea)]
    reason_sealed: Vec<u8>,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
}

/// Locks the client of this practice, so that what is decided about them holds until the transaction ends.
///
/// # Errors
/// `NotFound` where the practice has no such client. Those who were erased are found.
pub async fn lock_client(conn: &mut AsyncPgConnection, practice: PracticeId, client: UserId) -> Result<()> {
    crate::db::statement("SELECT FROM users WHERE id = $1 AND practice_id = $2 AND role = 'client' FOR UPDATE")
        .bind::<sql::Uuid, _>(client)
        .bind::<sql::Uuid, _>(practice)
        .execute(conn)
        .await
        .map_err(Error::from)
        .and_then(|found| if found == 1 { Ok(()) } else { Err(Error::NotFound) })
}

/// Whether a hold lies on the client.
pub async fn is_held(conn: &mut AsyncPgConnection, client: UserId) -> Result<bool> {
    let found = crate::db::statement("SELECT FROM legal_holds WHERE client_id = $1 AND lifted_at IS NULL")
        .bind::<sql::Uuid, _>(client)
        .execute(conn)
        .await?;
    Ok(found > 0)
}

/// The hold that lies on a client of this practice.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    practice: PracticeId,
    client: UserId,
) -> Result<Option<LegalHold>> {
    let row: Option<Row> = crate::db::statement(
        "SELECT h.id, h.placed_by, h.placed_at, h.reason_sealed, k.id AS key_id, k.wrapped
        FROM legal_holds h JOIN data_keys k ON k.id = h.key_id
        WHERE h.client_id = $1 AND h.practice_id = $2 AND h.lifted_at IS NULL",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(practice)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    let key = keyring.unwrap(&WrappedKey { id: row.key_id, wrapped: row.wrapped }).map_err(anyhow::Error::from)?;
    let reason = key.open(Place::LegalHold { id: row.id }, &row.reason_sealed).map_err(anyhow::Error::from)?;
    Ok(Some(LegalHold { id: row.id, placed_by: row.placed_by, placed_at: row.placed_at, reason }))
}

/// Places a hold; one that lies there already makes room for it.
pub async fn place(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    actor: &Actor,
    practice: PracticeId,
    client: UserId,
    reason: &str,
) -> Result<LegalHold> {
    let by = actor.user.ok_or(Error::Unauthenticated)?;
    conn.transaction(async |conn| {
        lock_client(conn, practice, client).await?;
        let id = LegalHoldId::new();
        let wrapped = keys::find_or_make(conn, keyring, Owner::Practice(practice)).await?;
        let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
        let sealed = key.seal(Place::LegalHold { id }, reason).map_err(anyhow::Error::from)?;
        end(conn, client, by).await?;
        crate::db::statement(
            "INSERT INTO legal_holds (id, practice_id, client_id, key_id, reason_sealed, placed_by)
            VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Uuid, _>(client)
        .bind::<sql::Uuid, _>(key.id())
        .bind::<sql::Bytea, _>(sealed)
        .bind::<sql::Uuid, _>(by)
        .execute(conn)
        .await?;
        audit::record(conn, Event::new(actor, "legalHold.placed").of_client(client).on("legalHold", id)).await?;
        find(conn, keyring, practice, client).await?.ok_or(Error::NotFound)
    })
    .await
}

/// Lifts the hold, if one lies there.
pub async fn lift(conn: &mut AsyncPgConnection, actor: &Actor, practice: PracticeId, client: UserId) -> Result<()> {
    let by = actor.user.ok_or(Error::Unauthenticated)?;
    conn.transaction(async |conn| {
        lock_client(conn, practice, client).await?;
        if end(conn, client, by).await? {
            audit::record(conn, Event::new(actor, "legalHold.lifted").of_client(client)).await?;
        }
        Ok(())
    })
    .await
}

async fn end(conn: &mut AsyncPgConnection, client: UserId, by: UserId) -> Result<bool> {
    let ended = crate::db::statement(
        "UPDATE legal_holds SET lifted_at = now(), lifted_by = $2 WHERE client_id = $1 AND lifted_at IS NULL",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(by)
    .execute(conn)
    .await?;
    Ok(ended > 0)
}
