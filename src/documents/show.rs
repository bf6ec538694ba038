//! One document with its versions and signatures.

use super::{
    access::DocumentAccess,
    list::{Row, documents},
    model::{DocumentDetail, Named, Version},
    signature,
};
use crate::{
    crypto::Keyring,
    db,
    error::{Error, Result},
    ids::UserId,
    objects::{self, Described, Object},
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The most versions of a document.
pub const MOST_VERSIONS: i32 = 200;

/// All of it.
///
/// # Errors
/// Where what is stored does not open.
pub async fn show(conn: &mut AsyncPgConnection, keyring: &Keyring, access: &DocumentAccess) -> Result<DocumentDetail> {
    #[derive(QueryableByName)]
    struct Asked {
        #[diesel(sql_type = sql::Nullable<sql::Integer>)]
        to_sign: Option<i32>,
        #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
        to_sign_since: Option<DateTime<Utc>>,
    }
    #[derive(QueryableByName)]
    struct VersionRow {
        #[diesel(sql_type = sql::Integer)]
        number: i32,
        #[diesel(sql_type = sql::Uuid)]
        added_by: UserId,
        #[diesel(sql_type = sql::Text)]
        name: String,
        #[diesel(sql_type = sql::Timestamptz)]
        added_at: DateTime<Utc>,
        #[diesel(embed)]
        object: objects::store::Row,
    }
    let row: Row =
        db::statement(documents!("d.id = $1")).bind::<sql::Uuid, _>(access.document()).get_result(conn).await?;
    let asked: Asked = db::statement("SELECT to_sign, to_sign_since FROM documents WHERE id = $1")
        .bind::<sql::Uuid, _>(access.document())
        .get_result(conn)
        .await?;
    let versions: Vec<VersionRow> = db::statement(format!(
        "SELECT v.number, v.added_by, u.name, v.added_at, {} FROM document_versions v
        JOIN objects o ON o.id = v.object_id JOIN data_keys k ON k.id = o.key_id JOIN users u ON u.id = v.added_by
        WHERE v.document_id = $1 ORDER BY v.number DESC LIMIT {MOST_VERSIONS}",
        objects::store::COLUMNS
    ))
    .bind::<sql::Uuid, _>(access.document())
    .load(conn)
    .await?;
    let (mut shown, mut digests) = (Vec::new(), Vec::new());
    for VersionRow { number, added_by, name, added_at, object } in versions {
        let object = object.open(keyring)?;
        digests.push((number, object.sha256.clone()));
        shown.push(Version {
            number,
            file: Described::from(&object),
            added_by: Named { id: added_by, name },
            added_at,
        });
    }
    let signatures = signature::list(conn, keyring, access, &digests).await?;
    Ok(DocumentDetail {
        document: row.open(keyring)?,
        versions: shown,
        signatures,
        to_sign: asked.to_sign,
        to_sign_since: asked.to_sign_since,
    })
}

/// The file of a version; of the newest one, where none is named.
///
/// # Errors
/// `notFound` where there is no such version.
pub async fn find_file(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &DocumentAccess,
    version: Option<i32>,
) -> Result<(i32, Object)> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = sql::Integer)]
        number: i32,
        #[diesel(embed)]
        object: objects::store::Row,
    }
    let found: Option<Found> = db::statement(format!(
        "SELECT v.number, {} FROM documents d
        JOIN document_versions v ON v.document_id = d.id AND v.number = COALESCE($2, d.latest)
        JOIN objects o ON o.id = v.object_id JOIN data_keys k ON k.id = o.key_id WHERE d.id = $1",
        objects::store::COLUMNS
    ))
    .bind::<sql::Uuid, _>(access.document())
    .bind::<sql::Nullable<sql::Integer>, _>(version)
    .get_result(conn)
    .await
    .optional()?;
    let Found { number, object } = found.ok_or(Error::NotFound)?;
    Ok((number, object.open(keyring)?))
}
