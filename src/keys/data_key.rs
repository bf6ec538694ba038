//! Data keys by their owner: a client, or a practice for text that belongs to no client yet.

use crate::{
    crypto::{Keyring, MasterKeys, WrappedKey},
    error::Result,
    ids::{DataKeyId, PracticeId, UserId},
    schema::data_keys,
};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Whose data it seals.
#[derive(Clone, Copy, Debug)]
pub enum Owner {
    Client(UserId),
    Practice(PracticeId),
    /// Nobody's: for what the hub itself keeps.
    Installation,
}

impl Owner {
    fn id(self) -> Uuid {
        match self {
            Self::Client(client) => client.0,
            Self::Practice(practice) => practice.0,
            Self::Installation => Uuid::nil(),
        }
    }
}

/// The owner's key, made on first use.
pub async fn find_or_make(conn: &mut AsyncPgConnection, keyring: &Keyring, owner: Owner) -> Result<WrappedKey> {
    if let Some(key) = find(conn, owner).await? {
        return Ok(key);
    }
    let master = keyring.master();
    let fresh = master.new_data_key().map_err(anyhow::Error::from)?;
    // Somebody may make it at the same moment: theirs stays, and both use it.
    diesel::insert_into(data_keys::table)
        .values((
            data_keys::id.eq(fresh.id),
            data_keys::owner_id.eq(owner.id()),
            data_keys::wrapped.eq(&fresh.wrapped),
            data_keys::master_key_id.eq(master.id()),
        ))
        .on_conflict(data_keys::owner_id)
        .do_nothing()
        .execute(conn)
        .await?;
    Ok(find(conn, owner).await?.ok_or(diesel::result::Error::NotFound)?)
}

async fn find(conn: &mut AsyncPgConnection, owner: Owner) -> QueryResult<Option<WrappedKey>> {
    let row: Option<(DataKeyId, Vec<u8>)> = data_keys::table
        .filter(data_keys::owner_id.eq(owner.id()))
        .select((data_keys::id, data_keys::wrapped))
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(|(id, wrapped)| WrappedKey { id, wrapped }))
}

/// Which of these keys were destroyed.
pub async fn find_erased(conn: &mut AsyncPgConnection, ids: &[DataKeyId]) -> QueryResult<Vec<DataKeyId>> {
    data_keys::table
        .filter(data_keys::id.eq_any(ids.iter().map(|id| id.0)))
        .filter(data_keys::erased_at.is_not_null())
        .select(data_keys::id)
        .load(conn)
        .await
}

/// Master keys by which something is wrapped that are none of `held`.
pub async fn find_foreign_masters(conn: &mut AsyncPgConnection, held: &MasterKeys) -> QueryResult<Vec<String>> {
    data_keys::table
        .filter(data_keys::erased_at.is_null())
        .filter(data_keys::master_key_id.ne_all(held.all().map(|master| master.id().to_owned()).collect::<Vec<_>>()))
        .select(data_keys::master_key_id)
        .distinct()
        .limit(10)
        .load(conn)
        .await
}

/// An error when something is wrapped by a master key that is not held: a hub that started all the same could not read
/// it, and would seal new words so that the right key opens only the old ones.
pub async fn refuse_foreign_masters(conn: &mut AsyncPgConnection, held: &MasterKeys) -> anyhow::Result<()> {
    let foreign = find_foreign_masters(conn, held)
        .await
        .map_err(|error| anyhow::anyhow!("looking at the data keys: {}", crate::db::describe(&error)))?;
    let Some(id) = foreign.into_iter().next() else { return Ok(()) };
    anyhow::bail!(
        "this data was sealed under the master key {id}, and the one given is {}. Set CAREHUB_MASTER_KEY to the key it \
         was sealed under, or add that one to CAREHUB_MASTER_KEYS_OLD",
        held.current().id()
    )
}
