//! Whether what is stored opens with the master key that was given. A hub that started with another one could read
//! nothing and would seal new words so that the right key opens only the old ones.

use anyhow::bail;
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{crypto::MasterKey, db, schema::data_keys};

/// An error when data keys are wrapped by another master key.
pub async fn refuse_foreign_master_key(conn: &mut AsyncPgConnection, master: &MasterKey) -> anyhow::Result<()> {
    let foreign = data_keys::table
        .filter(data_keys::master_key_id.ne(master.id()))
        .select(data_keys::master_key_id)
        .first::<String>(conn)
        .await;
    match foreign {
        Err(diesel::result::Error::NotFound) => Ok(()),
        Ok(id) => bail!(
            "this data was sealed under the master key {id}, and the one given is {}. Set CAREHUB_MASTER_KEY to the key \
             it was sealed under",
            master.id()
        ),
        Err(error) => bail!("looking at the data keys: {}", db::describe(&error)),
    }
}
