//! Wrapping all data keys by the current master key, in batches, while hubs run. Each batch is a transaction of its own:
//! a run that was killed leaves whole keys behind, and the next run goes on from there.

use super::{holders, signing};
use crate::{
    audit::{self, Actor, Event},
    crypto::{MasterKeys, WrappedKey},
    db,
    ids::DataKeyId,
};
use anyhow::{Context, bail};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// Data keys of one transaction.
const BATCH: i64 = 200;

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Data keys that are wrapped by the current master key now, and were not before.
    pub rewrapped: u64,
    /// Whether access tokens are going to be signed with a new key.
    pub new_signing_key: bool,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
}

/// Wraps everything by the current master key, and lets a signing key that is derived from it follow. What is done
/// already is left alone.
///
/// # Errors
/// When a hub that runs could not go on reading, or a key cannot be unwrapped by any of `masters`.
pub async fn rotate(conn: &mut AsyncPgConnection, masters: &MasterKeys) -> anyhow::Result<Rotated> {
    let current = masters.current().id();
    let without = holders::count_without(conn, current).await.map_err(refused)?;
    if without > 0 {
        bail!(
            "{without} of the hubs that run do not hold the master key {current} yet. Give it to every hub first (as a \
             further line of CAREHUB_MASTER_KEY_FILE, or in CAREHUB_MASTER_KEYS_OLD), then rotate"
        );
    }
    let mut rewrapped = 0;
    loop {
        let batch = conn.transaction(async |conn| rewrap_some(conn, masters).await).await?;
        rewrapped += batch;
        if batch == 0 {
            break;
        }
    }
    let newest = signing::list(conn).await.map_err(refused)?.pop();
    let follows = newest.is_none_or(|newest| newest.master_key_id != current);
    if follows {
        begin_signing_key(conn, masters).await?;
    }
    Ok(Rotated { rewrapped, new_signing_key: follows })
}

/// Lets a new signing key follow.
pub async fn begin_signing_key(conn: &mut AsyncPgConnection, masters: &MasterKeys) -> anyhow::Result<()> {
    let current = masters.current().id();
    let work = conn.transaction(async |conn| -> diesel::QueryResult<()> {
        let key = signing::begin(conn, current).await?;
        let detail = json!({"signingKey": key.id, "masterKey": key.master_key_id});
        audit::record(conn, Event::new(&Actor::hub(), "signingKey.begun").with(detail)).await
    });
    work.await.map_err(refused)
}

/// One batch; how many keys it held.
async fn rewrap_some(conn: &mut AsyncPgConnection, masters: &MasterKeys) -> Result<u64, Failed> {
    let current = masters.current();
    let rows: Vec<Row> = db::statement(
        "SELECT id, wrapped FROM data_keys WHERE master_key_id <> $1 AND erased_at IS NULL ORDER BY id LIMIT $2
        FOR NO KEY UPDATE",
    )
    .bind::<sql::Text, _>(current.id())
    .bind::<sql::BigInt, _>(BATCH)
    .load(conn)
    .await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let (mut ids, mut wrapped) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        let key = WrappedKey { id: row.id, wrapped: row.wrapped };
        let rewrapped = current.rewrap(masters, &key).with_context(|| {
            format!("the data key {} opens with none of the master keys: nothing of this batch was changed", key.id)
        })?;
        ids.push(key.id.0);
        wrapped.push(rewrapped);
    }
    let many = ids.len() as u64;
    db::statement(
        "UPDATE data_keys k SET wrapped = n.wrapped, master_key_id = $3 FROM unnest($1, $2) AS n(id, wrapped)
        WHERE k.id = n.id",
    )
    .bind::<sql::Array<sql::Uuid>, _>(ids)
    .bind::<sql::Array<sql::Bytea>, _>(wrapped)
    .bind::<sql::Text, _>(current.id())
    .execute(conn)
    .await?;
    let detail = json!({"masterKey": current.id(), "dataKeys": many});
    audit::record(conn, Event::new(&Actor::hub(), "dataKeys.rewrapped").with(detail)).await?;
    Ok(many)
}

/// Why a batch was not made.
enum Failed {
    Store(diesel::result::Error),
    Other(anyhow::Error),
}

impl From<diesel::result::Error> for Failed {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error)
    }
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl From<Failed> for anyhow::Error {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Store(error) => refused(error),
            Failed::Other(error) => error,
        }
    }
}

fn refused(error: diesel::result::Error) -> anyhow::Error {
    anyhow::anyhow!("the database refused: {}", db::describe(&error))
}
