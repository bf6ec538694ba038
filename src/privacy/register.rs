//! The practice's erasures, to be looked at. Reads only.

use super::certificate::{Cause, Certificate};
use crate::{
    crypto::{Keyring, Place, WrappedKey},
    error::Result,
    ids::{DataKeyId, ErasureId, PracticeId, UserId},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// An erasure as it is on record.
pub struct Record {
    pub id: ErasureId,
    pub client: UserId,
    pub cause: Cause,
    pub reason: Option<String>,
    pub erased_by: Option<UserId>,
    pub erased_at: DateTime<Utc>,
    pub certificate: Certificate,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: ErasureId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Text)]
    cause: String,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    reason_sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    key_id: Option<DataKeyId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    wrapped: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    erased_by: Option<UserId>,
    #[diesel(sql_type = sql::Timestamptz)]
    erased_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Text)]
    statement: String,
    #[diesel(sql_type = sql::Bytea)]
    signature: Vec<u8>,
    #[diesel(sql_type = sql::Bytea)]
    public_key: Vec<u8>,
}

impl Row {
    fn open(self, keyring: &Keyring) -> Result<Record> {
        let reason = match (self.key_id, self.wrapped, self.reason_sealed) {
            (Some(id), Some(wrapped), Some(sealed)) => {
                let key = keyring.unwrap(&WrappedKey { id, wrapped }).map_err(anyhow::Error::from)?;
                Some(key.open(Place::Erasure { id: self.id }, &sealed).map_err(anyhow::Error::from)?)
            }
            _ => None,
        };
        Ok(Record {
            id: self.id,
            client: self.client_id,
            cause: if self.cause == Cause::Retention.as_str() { Cause::Retention } else { Cause::Request },
            reason,
            erased_by: self.erased_by,
            erased_at: self.erased_at,
            certificate: Certificate {
                statement: self.statement,
                signature: BASE64_STANDARD.encode(self.signature),
                public_key: BASE64_STANDARD.encode(self.public_key),
            },
        })
    }
}

macro_rules! records {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.client_id, e.cause, e.reason_sealed, e.key_id, k.wrapped, e.erased_by, e.erased_at, \
             e.statement, e.signature, e.public_key FROM erasures e LEFT JOIN data_keys k ON k.id = e.key_id \
             WHERE e.practice_id = $1 ",
            $rest
        )
    };
}

/// One of this practice.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    practice: PracticeId,
    id: ErasureId,
) -> Result<Option<Record>> {
    let row: Option<Row> = crate::db::statement(records!("AND e.id = $2"))
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Uuid, _>(id)
        .get_result(conn)
        .await
        .optional()?;
    row.map(|row| row.open(keyring)).transpose()
}

/// The newest 200 of this practice.
pub async fn list(conn: &mut AsyncPgConnection, keyring: &Keyring, practice: PracticeId) -> Result<Vec<Record>> {
    let rows: Vec<Row> = crate::db::statement(records!("ORDER BY e.erased_at DESC, e.id DESC LIMIT 200"))
        .bind::<sql::Uuid, _>(practice)
        .load(conn)
        .await?;
    rows.into_iter().map(|row| row.open(keyring)).collect()
}

/// The e-mail address of a client of this practice.
pub async fn find_address(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    client: UserId,
) -> Result<Option<String>> {
    #[derive(QueryableByName)]
    struct Address {
        #[diesel(sql_type = sql::Text)]
        email: String,
    }
    let row: Option<Address> =
        crate::db::statement("SELECT email FROM users WHERE id = $1 AND practice_id = $2 AND role = 'client'")
            .bind::<sql::Uuid, _>(client)
            .bind::<sql::Uuid, _>(practice)
            .get_result(conn)
            .await
            .optional()?;
    Ok(row.map(|row| row.email))
}

/// Whether this is a client of the practice who was not erased.
pub async fn is_on_file(conn: &mut AsyncPgConnection, practice: PracticeId, client: UserId) -> Result<bool> {
    let found = crate::db::statement(
        "SELECT FROM users WHERE id = $1 AND practice_id = $2 AND role = 'client' AND status <> 'erased'",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(practice)
    .execute(conn)
    .await?;
    Ok(found == 1)
}
