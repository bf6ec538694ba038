//! What the practice keeps to know a client by: date of birth, the last four digits of the SSN, the medical record
//! number. Sealed with the client's key. Never leaves the hub, and is only ever compared.

use crate::{
    crypto::{Keyring, Place, WrappedKey},
    error::Result,
    ids::{DataKeyId, UserId},
    keys::{self, Owner},
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::NaiveDate;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};

/// A client's file. Prints nothing.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientFile {
    pub date_of_birth: NaiveDate,
    pub ssn_last4: Option<String>,
    pub mrn: Option<String>,
}

impl ClientFile {
    /// Whether this is the client's date of birth.
    pub fn is_born(&self, on: NaiveDate) -> bool {
        same(&self.date_of_birth.to_string(), &on.to_string())
    }

    /// Whether these are the last digits of the client's SSN.
    pub fn has_ssn_last4(&self, digits: &str) -> bool {
        self.ssn_last4.as_deref().is_some_and(|on_file| same(on_file, digits))
    }

    /// Whether this is the client's MRN, however its letters are typed.
    pub fn has_mrn(&self, mrn: &str) -> bool {
        self.mrn.as_deref().is_some_and(|on_file| same(&plain(on_file), &plain(mrn)))
    }
}

/// In a time that does not tell where they differ.
fn same(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

fn plain(mrn: &str) -> String {
    mrn.trim().to_uppercase()
}

/// Keeps a file, in place of the one before.
pub async fn store(conn: &mut AsyncPgConnection, keyring: &Keyring, client: UserId, file: &ClientFile) -> Result<()> {
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let text = zeroize::Zeroizing::new(serde_json::to_string(file).map_err(anyhow::Error::from)?);
    let sealed = key.seal(Place::ClientFile { client }, &text).map_err(anyhow::Error::from)?;
    crate::db::statement(
        "INSERT INTO client_files (client_id, key_id, sealed) VALUES ($1, $2, $3)
        ON CONFLICT (client_id) DO UPDATE SET key_id = $2, sealed = $3",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(key.id())
    .bind::<sql::Bytea, _>(sealed)
    .execute(conn)
    .await?;
    Ok(())
}

/// The file of a client. None: there is none, or none that opens any more.
pub async fn find(conn: &mut AsyncPgConnection, keyring: &Keyring, client: UserId) -> QueryResult<Option<ClientFile>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bytea)]
        sealed: Vec<u8>,
        #[diesel(sql_type = sql::Uuid)]
        id: DataKeyId,
        #[diesel(sql_type = sql::Bytea)]
        wrapped: Vec<u8>,
    }
    let row: Option<Row> = crate::db::statement(
        "SELECT f.sealed, k.id, k.wrapped FROM client_files f JOIN data_keys k ON k.id = f.key_id WHERE f.client_id = $1",
    )
    .bind::<sql::Uuid, _>(client)
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.and_then(|row| {
        let key = keyring.unwrap(&WrappedKey { id: row.id, wrapped: row.wrapped }).ok()?;
        let text = zeroize::Zeroizing::new(key.open(Place::ClientFile { client }, &row.sealed).ok()?);
        serde_json::from_str(&text).ok()
    }))
}
