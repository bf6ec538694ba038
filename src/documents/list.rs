//! The documents of a client's record, newest first. Titles and names of files are sealed, so what is looked for is looked
//! for after they are opened: page by page, never more than [`MOST_SCANNED`] of them.

use super::model::{Category, Document, Named, SignatureState};
use crate::{
    accounts::{Role, access::ClientAccess},
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{DataKeyId, DocumentId, ObjectId, UserId},
    objects::Described,
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

/// Documents of one read.
const STRIDE: i64 = 200;
/// A search looks at so many, the newest.
const MOST_SCANNED: usize = 5_000;

/// Which ones.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub category: Option<Category>,
    /// Part of a title or of a file's name, in any case.
    pub words: Option<String>,
}

/// The columns of [`Row`]; `d` are the documents.
macro_rules! documents {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.client_id, d.category, d.title_sealed, d.added_by, u.name AS added_by_name, d.added_at,
                d.shared_at, d.latest, d.to_sign IS NOT DISTINCT FROM d.latest AS requested, EXISTS (
                    SELECT FROM document_signatures WHERE document_id = d.id AND version = d.latest) AS signed,
                o.id AS object_id, o.media_type, o.bytes, o.sealed, k.id AS key_id, k.wrapped
            FROM documents d JOIN users u ON u.id = d.added_by JOIN data_keys k ON k.id = d.key_id
            JOIN document_versions v ON v.document_id = d.id AND v.number = d.latest
            JOIN objects o ON o.id = v.object_id WHERE ",
            $rest
        )
    };
}
pub(super) use documents;

#[derive(QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: DocumentId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Text)]
    category: String,
    #[diesel(sql_type = sql::Binary)]
    title_sealed: Vec<u8>,
    #[diesel(sql_type = sql::Uuid)]
    added_by: UserId,
    #[diesel(sql_type = sql::Text)]
    added_by_name: String,
    #[diesel(sql_type = sql::Timestamptz)]
    added_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    shared_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Integer)]
    latest: i32,
    #[diesel(sql_type = sql::Bool)]
    requested: bool,
    #[diesel(sql_type = sql::Bool)]
    signed: bool,
    #[diesel(sql_type = sql::Uuid)]
    object_id: ObjectId,
    #[diesel(sql_type = sql::Text)]
    media_type: String,
    #[diesel(sql_type = sql::BigInt)]
    bytes: i64,
    #[diesel(sql_type = sql::Binary)]
    sealed: Vec<u8>,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Binary)]
    wrapped: Vec<u8>,
}

impl Row {
    /// With its title opened.
    pub(super) fn open(self, keyring: &Keyring) -> Result<Document> {
        let wrapped = WrappedKey { id: self.key_id, wrapped: self.wrapped };
        let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
        let title = key.open(Place::DocumentTitle { id: self.id }, &self.title_sealed).map_err(anyhow::Error::from)?;
        let unknown = || Error::Internal(anyhow::anyhow!("a document is of a category that this hub does not know"));
        Ok(Document {
            id: self.id,
            client: self.client_id,
            title,
            category: Category::parse(&self.category).ok_or_else(unknown)?,
            added_by: Named { id: self.added_by, name: self.added_by_name },
            added_at: self.added_at,
            shared_at: self.shared_at,
            version: self.latest,
            file: Described::open(&key, self.object_id, self.media_type, self.bytes, &self.sealed),
            signature: match (self.signed, self.requested) {
                (true, _) => SignatureState::Signed,
                (false, true) => SignatureState::Requested,
                (false, false) => SignatureState::None,
            },
        })
    }
}

/// Those that the viewer may see, after `cursor`; one more than `limit`, where there is one more.
///
/// # Errors
/// Where what is stored does not open.
pub async fn list(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientAccess,
    filter: &Filter,
    (limit, mut cursor): (i64, Option<Uuid>),
) -> Result<Vec<Document>> {
    let wanted = limit as usize + 1;
    let words = filter.words.as_deref().map(fold).filter(|words| !words.is_empty());
    let stride = if words.is_some() { STRIDE } else { limit + 1 };
    let (mut found, mut scanned) = (Vec::new(), 0);
    loop {
        let rows: Vec<Row> = db::statement(documents!(
            "d.client_id = $1 AND ($2::uuid IS NULL OR d.id < $2) AND ($3::text IS NULL OR d.category = $3)
            AND (d.shared_at IS NOT NULL OR NOT $4) ORDER BY d.id DESC LIMIT $5"
        ))
        .bind::<sql::Uuid, _>(access.client())
        .bind::<sql::Nullable<sql::Uuid>, _>(cursor)
        .bind::<sql::Nullable<sql::Text>, _>(filter.category.map(Category::as_str))
        .bind::<sql::Bool, _>(access.viewer().role == Role::Client)
        .bind::<sql::BigInt, _>(stride)
        .load(conn)
        .await?;
        let whole = rows.len() as i64 == stride;
        scanned += rows.len();
        cursor = rows.last().map(|row| row.id.0);
        for row in rows {
            let document = row.open(keyring)?;
            let fits =
                |words: &String| fold(&document.title).contains(words) || fold(&document.file.name).contains(words);
            if words.as_ref().is_none_or(fits) {
                found.push(document);
            }
        }
        if found.len() >= wanted || !whole || scanned >= MOST_SCANNED {
            found.truncate(wanted);
            return Ok(found);
        }
    }
}

/// Letters as they are looked for: without marks above them, in lower case.
fn fold(text: &str) -> String {
    let is_mark = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    text.trim().nfd().filter(|c| !is_mark(c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_found_with_and_without_marks_in_any_case() {
        assert_eq!(fold("  Évaluation GRÜSSE "), "evaluation grusse");
        assert_eq!(fold("診断書"), "診断書");
    }
}
