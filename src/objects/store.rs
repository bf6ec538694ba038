//! Rows of files. Whoever asks for one names the client that it must belong to: a slice that has a proof for this
//! client's record. A file of another client and one that does not exist give the same answer: none.

use super::{Media, name::FileName};
use crate::{
    crypto::{DataKey, Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{DataKeyId, ObjectId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a file was handed in for: it can be used for nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    Attachment,
    Document,
    FormAnswer,
}

impl Purpose {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attachment => "attachment",
            Self::Document => "document",
            Self::FormAnswer => "formAnswer",
        }
    }
}

/// A file that is kept.
#[derive(Clone)]
pub struct Object {
    pub id: ObjectId,
    pub client: UserId,
    pub uploader: UserId,
    pub media: Media,
    pub bytes: u64,
    pub name: FileName,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    pub created_at: DateTime<Utc>,
    pub(super) location: Uuid,
    pub(super) key: Arc<DataKey>,
}

/// Its name is somebody's words.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({})", self.id)
    }
}

/// A file as people see it (PROTOCOL `attachments`).
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = File)]
pub struct Described {
    pub id: ObjectId,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
}

impl Described {
    /// From what is stored, by whoever holds the client's key. A name that does not open is left out.
    pub fn open(key: &DataKey, id: ObjectId, media_type: String, bytes: i64, sealed: &[u8]) -> Self {
        let text = key.open(Place::Object { id }, sealed).ok();
        let name = text.and_then(|text| serde_json::from_str::<Sealed>(&text).ok()).map(|sealed| sealed.name);
        Self { id, name: name.unwrap_or_default(), media_type, bytes: bytes.unsigned_abs() }
    }
}

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({})", self.id)
    }
}

impl From<&Object> for Described {
    fn from(object: &Object) -> Self {
        Self {
            id: object.id,
            name: object.name.as_str().to_owned(),
            media_type: object.media.as_str().to_owned(),
            bytes: object.bytes,
        }
    }
}

/// What is sealed in a row.
#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    pub name: String,
    pub sha256: String,
}

/// The columns of [`Row`], for statements of other slices: `o` are the objects, `k` their keys.
pub const COLUMNS: &str = "o.id, o.location, o.client_id, o.uploader_id, o.media_type, o.bytes, o.sealed, \
    o.created_at, k.id AS key_id, k.wrapped";

/// A row as it is read.
#[derive(QueryableByName)]
pub struct Row {
    #[diesel(sql_type = sql::Uuid)]
    pub id: ObjectId,
    #[diesel(sql_type = sql::Uuid)]
    location: Uuid,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    uploader_id: UserId,
    #[diesel(sql_type = sql::Text)]
    media_type: String,
    #[diesel(sql_type = sql::BigInt)]
    bytes: i64,
    #[diesel(sql_type = sql::Binary)]
    sealed: Vec<u8>,
    #[diesel(sql_type = sql::Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Binary)]
    wrapped: Vec<u8>,
}

impl Row {
    /// With its name opened.
    ///
    /// # Errors
    /// Where it does not open: altered, or moved from another row.
    pub fn open(self, keyring: &Keyring) -> Result<Object> {
        let wrapped = WrappedKey { id: self.key_id, wrapped: self.wrapped };
        let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
        let text = key.open(Place::Object { id: self.id }, &self.sealed).map_err(anyhow::Error::from)?;
        let Sealed { name, sha256 } = serde_json::from_str(&text).map_err(anyhow::Error::from)?;
        let unknown = || Error::Internal(anyhow::anyhow!("a file is of a kind that this hub does not know"));
        Ok(Object {
            id: self.id,
            client: self.client_id,
            uploader: self.uploader_id,
            media: Media::parse(&self.media_type).ok_or_else(unknown)?,
            bytes: self.bytes.unsigned_abs(),
            name: FileName::clean(&name),
            sha256,
            created_at: self.created_at,
            location: self.location,
            key,
        })
    }
}

/// A file of this client's record.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    client: UserId,
    id: ObjectId,
) -> Result<Option<Object>> {
    let row: Option<Row> = db::statement(format!(
        "SELECT {COLUMNS} FROM objects o JOIN data_keys k ON k.id = o.key_id
        WHERE o.id = $1 AND o.client_id = $2 AND o.state = 'stored'"
    ))
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(client)
    .get_result(conn)
    .await
    .optional()?;
    row.map(|row| row.open(keyring)).transpose()
}

/// Notes that something refers to files from now on: those of them that this person handed in for this purpose and this
/// client's record, and that nothing referred to before. Call within the transaction of what refers to them; whoever
/// gets back fewer than asked for refuses.
pub async fn use_once(
    conn: &mut AsyncPgConnection,
    (uploader, client): (UserId, UserId),
    purpose: Purpose,
    ids: &[ObjectId],
) -> QueryResult<Vec<ObjectId>> {
    #[derive(QueryableByName)]
    struct Used {
        #[diesel(sql_type = sql::Uuid)]
        id: ObjectId,
    }
    let rows: Vec<Used> = db::statement(
        "UPDATE objects SET used_at = now() WHERE id = ANY ($1) AND uploader_id = $2 AND client_id = $3 AND purpose = $4
        AND state = 'stored' AND used_at IS NULL RETURNING id",
    )
    .bind::<sql::Array<sql::Uuid>, _>(ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .bind::<sql::Uuid, _>(uploader)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Text, _>(purpose.as_str())
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
