//! Signatures: the practice asks for one, the client types their name and says that it is meant as a signature. What was
//! signed, by whom, when, from where and with which words is written down once and sealed by a hash, which stands in the
//! audit log, too. Nothing that was signed changes: another version has to be signed anew.

use super::{access::DocumentAccess, change, model::Signature};
use crate::{
    accounts::Role,
    audit::{self, Actor},
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{DataKeyId, SignatureId},
    keys::{self, Owner},
    notices,
    notify::kind::Kind,
    objects::Object,
};
use aws_lc_rs::digest;
use chrono::{DateTime, SecondsFormat, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What whoever signs agrees to.
pub const INTENT: &str = "I have read this document, and typing my name is my signature.";
/// The most characters of a name.
const NAME_CHARACTERS: usize = 120;

/// What is sealed: everything that makes it a signature.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    document: String,
    version: i32,
    /// Of the content that was signed.
    sha256: String,
    user: String,
    name: String,
    intent: String,
    signed_at: String,
    session: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
}

/// Asks the client to sign the newest version, and shares it.
pub async fn request(
    conn: &mut AsyncPgConnection,
    access: &DocumentAccess,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    access.require_change()?;
    let asked = db::statement(
        "UPDATE documents d SET to_sign = latest, to_sign_since = $2, to_sign_for = $3,
            shared_at = COALESCE(shared_at, $2), shared_by = COALESCE(shared_by, $3)
        WHERE id = $1 AND NOT EXISTS (SELECT FROM document_signatures WHERE document_id = $1 AND version = d.latest)",
    )
    .bind::<sql::Uuid, _>(access.document())
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Uuid, _>(access.viewer().user)
    .execute(conn)
    .await?;
    if asked == 0 {
        return Err(Error::conflict("The newest version is signed. Add a new version to have it signed again."));
    }
    audit::record(conn, access.event(actor, "document.signatureRequested")).await?;
    change::tell_client(conn, access.client().client(), Kind::SignatureRequested, access.document()).await
}

/// Signs the version that is to be signed.
///
/// # Errors
/// `invalid` at the field; `conflict` where another version is to be signed, or none.
pub async fn sign(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &DocumentAccess,
    actor: &Actor,
    (version, file): (i32, &Object),
    name: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    if access.viewer().role != Role::Client {
        return Err(Error::Forbidden("Only the client signs their documents."));
    }
    let name = name.trim();
    if name.chars().count() < 2 || name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control) {
        return Err(Error::field("/name", "Type your name, as you sign with it."));
    }
    let client = access.client().client();
    let taken = db::statement(
        "UPDATE documents SET to_sign = NULL, to_sign_since = NULL, to_sign_for = NULL WHERE id = $1 AND to_sign = $2",
    )
    .bind::<sql::Uuid, _>(access.document())
    .bind::<sql::Integer, _>(version)
    .execute(conn)
    .await?;
    if taken == 0 {
        return Err(Error::conflict(
            "This version is not waiting for your signature any more. Look at the document again.",
        ));
    }
    let id = SignatureId::new();
    let statement = Statement {
        document: access.document().to_string(),
        version,
        sha256: file.sha256.clone(),
        user: client.to_string(),
        name: name.to_owned(),
        intent: INTENT.to_owned(),
        signed_at: now.to_rfc3339_opts(SecondsFormat::Micros, true),
        session: actor.sign_in.map(|session| session.to_string()),
        address: actor.address.map(|address| address.to_string()),
        user_agent: actor.user_agent.clone(),
    };
    let text = serde_json::to_string(&statement).map_err(anyhow::Error::from)?;
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let sealed = key.seal(Place::DocumentSignature { id }, &text).map_err(anyhow::Error::from)?;
    db::statement(
        "INSERT INTO document_signatures (id, document_id, version, signed_by, signed_at, key_id, sealed, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(access.document())
    .bind::<sql::Integer, _>(version)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Uuid, _>(key.id())
    .bind::<sql::Binary, _>(sealed)
    .bind::<sql::Binary, _>(hash.as_ref())
    .execute(conn)
    .await?;
    let detail = json!({"version": version, "signature": id, "sha256": hexadecimal(hash.as_ref())});
    audit::record(conn, access.event(actor, "document.signed").with(detail)).await?;
    notices::cancel(conn, Kind::SignatureRequested, access.document().0, now).await?;
    change::tell_care_team(conn, client, access.document()).await
}

/// The signatures under a document, newest first. One whose hash is not that of its words, or that is about other content
/// than what is stored, is shown as broken.
pub async fn list(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &DocumentAccess,
    digests: &[(i32, String)],
) -> Result<Vec<Signature>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: SignatureId,
        #[diesel(sql_type = sql::Integer)]
        version: i32,
        #[diesel(sql_type = sql::Timestamptz)]
        signed_at: DateTime<Utc>,
        #[diesel(sql_type = sql::Binary)]
        sealed: Vec<u8>,
        #[diesel(sql_type = sql::Binary)]
        hash: Vec<u8>,
        #[diesel(sql_type = sql::Uuid)]
        key_id: DataKeyId,
        #[diesel(sql_type = sql::Binary)]
        wrapped: Vec<u8>,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT s.id, s.version, s.signed_at, s.sealed, s.hash, k.id AS key_id, k.wrapped FROM document_signatures s
        JOIN data_keys k ON k.id = s.key_id WHERE s.document_id = $1 ORDER BY s.version DESC LIMIT 200",
    )
    .bind::<sql::Uuid, _>(access.document())
    .load(conn)
    .await?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let key = keyring.unwrap(&WrappedKey { id: row.key_id, wrapped: row.wrapped }).map_err(anyhow::Error::from)?;
        let text = key.open(Place::DocumentSignature { id: row.id }, &row.sealed).map_err(anyhow::Error::from)?;
        let said: Statement = serde_json::from_str(&text).map_err(anyhow::Error::from)?;
        let content = digests.iter().find(|(number, _)| *number == row.version);
        let intact = digest::digest(&digest::SHA256, text.as_bytes()).as_ref() == row.hash.as_slice()
            && said.version == row.version
            && content.is_some_and(|(_, sha256)| *sha256 == said.sha256);
        shown.push(Signature {
            id: row.id,
            version: row.version,
            name: said.name,
            intent: said.intent,
            signed_at: row.signed_at,
            hash: hexadecimal(&row.hash),
            intact,
        });
    }
    Ok(shown)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
