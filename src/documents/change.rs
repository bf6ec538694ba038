//! Adding documents and versions, sharing them, calling them something else. Each leaves its row in the audit log, and
//! tells whoever has to know, in the transaction that does it.

use super::{
    access::DocumentAccess,
    model::{Category, TITLE_CHARACTERS},
    show::MOST_VERSIONS,
};
use crate::{
    accounts::access::{ClientAccess, Through},
    audit::{self, Actor},
    crypto::{Keyring, Place},
    db,
    error::{Error, Result},
    ids::{DocumentId, ObjectId, UserId},
    keys::{self, Owner},
    notices::{self, Notice},
    notify::kind::Kind,
    objects::{self, Object, Purpose},
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// A title as it is stored.
///
/// # Errors
/// `invalid`.
pub fn check_title(title: &str) -> Result<String> {
    let title = title.trim();
    if title.is_empty() {
        return Err(Error::field("/title", "Give the document a title."));
    }
    if title.chars().count() > TITLE_CHARACTERS || title.chars().any(char::is_control) {
        return Err(Error::field("/title", "The title must be one line of at most 200 characters."));
    }
    Ok(title.to_owned())
}

/// What is added.
pub struct Addition<'a> {
    pub category: Category,
    /// The file of the first version. The document has its id, so that sending again adds nothing twice.
    pub file: &'a Object,
    /// Whether the client sees it from now on.
    pub shared: bool,
    pub now: DateTime<Utc>,
}

/// Adds a document whose title is the name of its file. What a client adds, the care team is told of; what is shared with
/// the client, the client is. False where it was added before.
pub async fn add(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientAccess,
    actor: &Actor,
    addition: &Addition<'_>,
) -> Result<(DocumentId, bool)> {
    access.require_change()?;
    let (id, file, adder) = (DocumentId(addition.file.id.0), addition.file, access.viewer().user);
    if !take(conn, access, file.id).await? {
        let mine = is_added(conn, id, access.client(), adder).await?;
        return if mine { Ok((id, false)) } else { Err(taken()) };
    }
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(access.client())).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let name = file.name.as_str();
    let title = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let sealed = key.seal(Place::DocumentTitle { id }, title).map_err(anyhow::Error::from)?;
    db::statement(
        "INSERT INTO documents (id, practice_id, client_id, category, key_id, title_sealed, added_by, added_at, shared_at,
            shared_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $9 THEN $8 END, CASE WHEN $9 THEN $7 END)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Text, _>(addition.category.as_str())
    .bind::<sql::Uuid, _>(key.id())
    .bind::<sql::Binary, _>(sealed)
    .bind::<sql::Uuid, _>(adder)
    .bind::<sql::Timestamptz, _>(addition.now)
    .bind::<sql::Bool, _>(addition.shared)
    .execute(conn)
    .await?;
    insert_version(conn, id, 1, file.id, adder, addition.now).await?;
    let event = access.event(actor, "document.added").on("document", id);
    audit::record(conn, event.with(json!({"category": addition.category, "shared": addition.shared}))).await?;
    match access.through() {
        Through::Oneself => tell_care_team(conn, access.client(), id).await?,
        _ if addition.shared => tell_client(conn, access.client(), Kind::DocumentShared, id).await?,
        _ => {}
    }
    Ok((id, true))
}

/// Adds a version after the others. Nobody is to sign an older one any more.
pub async fn add_version(
    conn: &mut AsyncPgConnection,
    access: &DocumentAccess,
    actor: &Actor,
    file: &Object,
    now: DateTime<Utc>,
) -> Result<i32> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Integer)]
        latest: i32,
        #[diesel(sql_type = sql::Bool)]
        shared: bool,
    }
    access.require_change()?;
    if !take(conn, access.client(), file.id).await? {
        return version_of(conn, access.document(), file.id).await?.ok_or_else(taken);
    }
    let row: Row = db::statement(
        "UPDATE documents SET latest = latest + 1, to_sign = NULL, to_sign_since = NULL, to_sign_for = NULL WHERE id = $1
        RETURNING latest, shared_at IS NOT NULL AS shared",
    )
    .bind::<sql::Uuid, _>(access.document())
    .get_result(conn)
    .await?;
    if row.latest > MOST_VERSIONS {
        return Err(Error::conflict("This document has as many versions as it can have. Add a new document."));
    }
    insert_version(conn, access.document(), row.latest, file.id, access.viewer().user, now).await?;
    audit::record(conn, access.event(actor, "document.versionAdded").with(json!({"version": row.latest}))).await?;
    if row.shared {
        tell_client(conn, access.client().client(), Kind::DocumentShared, access.document()).await?;
    }
    Ok(row.latest)
}

/// Lets the client see it, or see it no more. What the client handed in stays theirs to see.
pub async fn share(
    conn: &mut AsyncPgConnection,
    access: &DocumentAccess,
    actor: &Actor,
    shared: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    access.require_change()?;
    let changed = db::statement(
        "UPDATE documents SET shared_at = CASE WHEN $2 THEN $3 END, shared_by = CASE WHEN $2 THEN $4 END,
            to_sign = CASE WHEN $2 THEN to_sign END, to_sign_since = CASE WHEN $2 THEN to_sign_since END,
            to_sign_for = CASE WHEN $2 THEN to_sign_for END
        WHERE id = $1 AND (shared_at IS NOT NULL) <> $2 AND ($2 OR added_by <> client_id)",
    )
    .bind::<sql::Uuid, _>(access.document())
    .bind::<sql::Bool, _>(shared)
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Uuid, _>(access.viewer().user)
    .execute(conn)
    .await?;
    if changed == 0 && !shared && is_clients_own(conn, access.document()).await? {
        return Err(Error::conflict("The client handed this document in: it stays theirs to see."));
    }
    let action = if shared { "document.shared" } else { "document.unshared" };
    audit::record(conn, access.event(actor, action)).await?;
    let client = access.client().client();
    match (changed > 0, shared) {
        (true, true) => tell_client(conn, client, Kind::DocumentShared, access.document()).await?,
        (true, false) => {
            for kind in [Kind::DocumentShared, Kind::SignatureRequested] {
                notices::cancel(conn, kind, access.document().0, now).await?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Another title or category.
pub async fn rename(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &DocumentAccess,
    actor: &Actor,
    (title, category): (Option<&str>, Option<Category>),
) -> Result<()> {
    access.require_change()?;
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(access.client().client())).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let place = Place::DocumentTitle { id: access.document() };
    let sealed = title.map(|title| key.seal(place, title)).transpose().map_err(anyhow::Error::from)?;
    db::statement(
        "UPDATE documents SET title_sealed = COALESCE($2, title_sealed), key_id = $3, category = COALESCE($4, category)
        WHERE id = $1",
    )
    .bind::<sql::Uuid, _>(access.document())
    .bind::<sql::Nullable<sql::Binary>, _>(sealed)
    .bind::<sql::Uuid, _>(key.id())
    .bind::<sql::Nullable<sql::Text>, _>(category.map(Category::as_str))
    .execute(conn)
    .await?;
    let fields = json!({"title": title.is_some(), "category": category});
    Ok(audit::record(conn, access.event(actor, "document.changed").with(fields)).await?)
}

/// Tells the client of a document.
pub(super) async fn tell_client(
    conn: &mut AsyncPgConnection,
    client: UserId,
    kind: Kind,
    document: DocumentId,
) -> Result<()> {
    Ok(notices::tell(conn, &Notice::new(client, kind, Some(document.0))).await?)
}

/// Tells those who care for a client that the client handed in, or signed, a document.
pub(super) async fn tell_care_team(conn: &mut AsyncPgConnection, client: UserId, document: DocumentId) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        user_id: UserId,
    }
    let team: Vec<Row> =
        db::statement("SELECT user_id FROM client_care WHERE client_id = $1 ORDER BY user_id LIMIT 50")
            .bind::<sql::Uuid, _>(client)
            .load(conn)
            .await?;
    for Row { user_id } in team {
        notices::tell(conn, &Notice::new(user_id, Kind::DocumentReceived, Some(document.0))).await?;
    }
    Ok(())
}

/// Uses an upload; false where it was used before.
async fn take(conn: &mut AsyncPgConnection, access: &ClientAccess, file: ObjectId) -> Result<bool> {
    let whose = (access.viewer().user, access.client());
    Ok(!objects::use_once(conn, whose, Purpose::Document, &[file]).await?.is_empty())
}

async fn insert_version(
    conn: &mut AsyncPgConnection,
    document: DocumentId,
    number: i32,
    file: ObjectId,
    adder: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    db::statement(
        "INSERT INTO document_versions (document_id, number, object_id, added_by, added_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind::<sql::Uuid, _>(document)
    .bind::<sql::Integer, _>(number)
    .bind::<sql::Uuid, _>(file)
    .bind::<sql::Uuid, _>(adder)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

async fn version_of(conn: &mut AsyncPgConnection, document: DocumentId, file: ObjectId) -> Result<Option<i32>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Integer)]
        number: i32,
    }
    let row: Option<Row> =
        db::statement("SELECT number FROM document_versions WHERE document_id = $1 AND object_id = $2")
            .bind::<sql::Uuid, _>(document)
            .bind::<sql::Uuid, _>(file)
            .get_result(conn)
            .await
            .optional()?;
    Ok(row.map(|row| row.number))
}

async fn is_added(conn: &mut AsyncPgConnection, id: DocumentId, client: UserId, adder: UserId) -> Result<bool> {
    let found = db::statement("SELECT FROM documents WHERE id = $1 AND client_id = $2 AND added_by = $3")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(client)
        .bind::<sql::Uuid, _>(adder)
        .execute(conn)
        .await?;
    Ok(found > 0)
}

async fn is_clients_own(conn: &mut AsyncPgConnection, id: DocumentId) -> Result<bool> {
    let found = db::statement("SELECT FROM documents WHERE id = $1 AND added_by = client_id")
        .bind::<sql::Uuid, _>(id)
        .execute(conn)
        .await?;
    Ok(found > 0)
}

fn taken() -> Error {
    Error::conflict("This id is that of another document. Send yours under a new one.")
}
