//! Data keys by their owner: a client, or a practice for text that belongs to no client yet. Owns `data_keys`.

use crate::{
    crypto::{Keyring, WrappedKey},
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
}

impl Owner {
    fn id(self) -> Uuid {
        match self {
            Self::Client(client) => client.0,
            Self::Practice(practice) => practice.0,
        }
    }
}

/// The owner's key, made on first use.
pub async fn find_or_make(conn: &mut AsyncPgConnection, keyring: &Keyring, owner: Owner) -> Result<WrappedKey> {
    if let Some(key) = find(conn, owner).await? {
        return Ok(key);
    }
    let fresh = keyring.master().new_data_key().map_err(anyhow::Error::from)?;
    // Somebody may make it at the same moment: theirs stays, and both use it.
    diesel::insert_into(data_keys::table)
        .values((
            data_keys::id.eq(fresh.id),
            data_keys::owner_id.eq(owner.id()),
            data_keys::wrapped.eq(&fresh.wrapped),
            data_keys::master_key_id.eq(keyring.master().id()),
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
