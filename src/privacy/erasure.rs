//! Erasing a client: the data key is destroyed, the account loses everything that tells who it was, a certificate says
//! so. Once certified, it is carried out again in whatever store it is missing from. Never touches a client under a legal
//! hold, and never happens without being written down outside of the database.

use super::{
    certificate::{Cause, Certificate, Statement},
    hold,
    inventory::{self, Erase},
    tombstone::Tombstones,
};
use crate::{
    audit::{self, Actor, Event},
    crypto::{Keyring, Place},
    error::{Error, Result},
    ids::{DataKeyId, ErasureId, PracticeId, ThreadId, UserId},
    keys::{self, Owner},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use std::sync::Arc;

/// Whose, and why.
pub struct Erasing<'a> {
    pub actor: &'a Actor,
    pub practice: PracticeId,
    pub client: UserId,
    pub cause: Cause,
    /// In words; sealed with the practice's key.
    pub reason: Option<&'a str>,
    pub now: DateTime<Utc>,
}

/// A client that is erased, and what has to be told at once.
pub struct Erased {
    pub certificate: Certificate,
    pub threads: Vec<ThreadId>,
}

/// Erases a client. Who was erased before keeps the certificate of then.
///
/// # Errors
/// `LegalHold`; `NotFound`; when it cannot be written down outside of the database.
pub async fn erase(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    tombstones: &Arc<Tombstones>,
    erasing: &Erasing<'_>,
) -> Result<Erased> {
    let &Erasing { actor, practice, client, cause, reason, now } = erasing;
    let erased = conn.transaction(async |conn| {
        hold::lock_client(conn, practice, client).await?;
        if let Some(certificate) = find_certificate(conn, client).await? {
            return Ok(Erased { certificate, threads: Vec::new() });
        }
        if hold::is_held(conn, client).await? {
            return Err(Error::LegalHold);
        }
        let taken = take(conn, client).await?;
        let statement = Statement {
            erasure: ErasureId::new(),
            practice,
            client,
            cause,
            erased_at: now,
            data_keys: taken.keys,
            master_keys: taken.masters,
            threads: taken.threads.len() as i64,
            entries: taken.entries,
            method: Statement::method(),
        };
        let certificate = Certificate::sign(&keyring.master(), &statement)?;
        insert(conn, keyring, &statement, &certificate, actor.user, reason).await?;
        let detail = json!({"cause": cause, "threads": statement.threads, "entries": statement.entries});
        let event = Event::new(actor, "client.erased").in_practice(practice).of_client(client);
        audit::record(conn, event.on("erasure", statement.erasure).with(detail)).await?;
        // The last step before the commit. From here on there is no way back: should the commit fail, the erasure is
        // carried out at the next look at what is written down.
        write_down(tombstones, client, certificate.clone()).await?;
        Ok(Erased { certificate, threads: taken.threads })
    });
    let erased = erased.await?;
    forget(keyring, &erased.certificate);
    Ok(erased)
}

/// Carries out what is certified, in a store that does not know of it: one that was restored. A store that does not know
/// the client either has nothing to erase.
pub async fn repeat(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    certificate: &Certificate,
) -> Result<Vec<ThreadId>> {
    let statement = certificate.verify()?;
    let client = statement.client;
    let threads = conn.transaction(async |conn| {
        match hold::lock_client(conn, statement.practice, client).await {
            Err(Error::NotFound) => return Ok(Vec::new()),
            other => other?,
        }
        if find_certificate(conn, client).await?.is_some() {
            return Ok(Vec::new());
        }
        let taken = take(conn, client).await?;
        insert(conn, keyring, &statement, certificate, None, None).await?;
        let actor = Actor::hub();
        let event = Event::new(&actor, "client.erasedAgain").in_practice(statement.practice).of_client(client);
        audit::record(conn, event.on("erasure", statement.erasure)).await?;
        Ok::<_, Error>(taken.threads)
    });
    let threads = threads.await?;
    forget(keyring, certificate);
    Ok(threads)
}

/// The keys go from the memory of this hub at once, from that of the others within two seconds.
fn forget(keyring: &Keyring, certificate: &Certificate) {
    if let Ok(statement) = certificate.verify() {
        statement.data_keys.iter().for_each(|key| keyring.destroy(*key));
    }
}

async fn write_down(tombstones: &Arc<Tombstones>, client: UserId, certificate: Certificate) -> Result<()> {
    let tombstones = tombstones.clone();
    let written = tokio::task::spawn_blocking(move || tombstones.write(client, &certificate)).await;
    Ok(written.map_err(|_| anyhow::anyhow!("writing down an erasure did not come to its end"))??)
}

/// What was destroyed.
struct Taken {
    keys: Vec<DataKeyId>,
    masters: Vec<String>,
    threads: Vec<ThreadId>,
    entries: i64,
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = sql::Uuid)]
    id: DataKeyId,
    #[diesel(sql_type = sql::Text)]
    master_key_id: String,
}

#[derive(QueryableByName)]
struct ThreadRow {
    #[diesel(sql_type = sql::Uuid)]
    id: ThreadId,
    #[diesel(sql_type = sql::BigInt)]
    head: i64,
}

/// Destroys the keys, and does to every table what the inventory says.
async fn take(conn: &mut AsyncPgConnection, client: UserId) -> Result<Taken> {
    // In the order in which batches of entries lock them.
    let threads: Vec<ThreadRow> =
        crate::db::statement("SELECT id, head FROM threads WHERE client_id = $1 ORDER BY id FOR NO KEY UPDATE")
            .bind::<sql::Uuid, _>(client)
            .load(conn)
            .await?;
    let keys: Vec<KeyRow> = crate::db::statement(
        "UPDATE data_keys SET wrapped = '', erased_at = now() WHERE owner_id = $1 AND erased_at IS NULL
        RETURNING id, master_key_id",
    )
    .bind::<sql::Uuid, _>(client)
    .load(conn)
    .await?;
    for holding in inventory::ALL {
        if let Erase::Run(text) = holding.erase {
            crate::db::statement(text).bind::<sql::Uuid, _>(client).execute(conn).await?;
        }
    }
    let mut masters: Vec<String> = keys.iter().map(|key| key.master_key_id.clone()).collect();
    masters.sort_unstable();
    masters.dedup();
    Ok(Taken {
        keys: keys.iter().map(|key| key.id).collect(),
        masters,
        entries: threads.iter().map(|thread| thread.head).sum(),
        threads: threads.into_iter().map(|thread| thread.id).collect(),
    })
}

async fn insert(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    statement: &Statement,
    certificate: &Certificate,
    by: Option<UserId>,
    reason: Option<&str>,
) -> Result<()> {
    let decode = |text: &str| BASE64_STANDARD.decode(text).map_err(anyhow::Error::from);
    let (key, sealed) = match reason {
        Some(reason) => {
            let wrapped = keys::find_or_make(conn, keyring, Owner::Practice(statement.practice)).await?;
            let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
            let place = Place::Erasure { id: statement.erasure };
            (Some(key.id()), Some(key.seal(place, reason).map_err(anyhow::Error::from)?))
        }
        None => (None, None),
    };
    crate::db::statement(
        "INSERT INTO erasures (id, practice_id, client_id, cause, key_id, reason_sealed, erased_by, erased_at, statement,
            signature, public_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind::<sql::Uuid, _>(statement.erasure)
    .bind::<sql::Uuid, _>(statement.practice)
    .bind::<sql::Uuid, _>(statement.client)
    .bind::<sql::Text, _>(statement.cause.as_str())
    .bind::<sql::Nullable<sql::Uuid>, _>(key)
    .bind::<sql::Nullable<sql::Bytea>, _>(sealed)
    .bind::<sql::Nullable<sql::Uuid>, _>(by)
    .bind::<sql::Timestamptz, _>(statement.erased_at)
    .bind::<sql::Text, _>(&certificate.statement)
    .bind::<sql::Bytea, _>(decode(&certificate.signature)?)
    .bind::<sql::Bytea, _>(decode(&certificate.public_key)?)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct CertificateRow {
    #[diesel(sql_type = sql::Text)]
    statement: String,
    #[diesel(sql_type = sql::Bytea)]
    signature: Vec<u8>,
    #[diesel(sql_type = sql::Bytea)]
    public_key: Vec<u8>,
}

impl From<CertificateRow> for Certificate {
    fn from(row: CertificateRow) -> Self {
        Self {
            statement: row.statement,
            signature: BASE64_STANDARD.encode(row.signature),
            public_key: BASE64_STANDARD.encode(row.public_key),
        }
    }
}

async fn find_certificate(conn: &mut AsyncPgConnection, client: UserId) -> Result<Option<Certificate>> {
    let row: Option<CertificateRow> =
        crate::db::statement("SELECT statement, signature, public_key FROM erasures WHERE client_id = $1")
            .bind::<sql::Uuid, _>(client)
            .get_result(conn)
            .await
            .optional()?;
    Ok(row.map(Certificate::from))
}

/// How many erasures this store knows.
pub async fn count(conn: &mut AsyncPgConnection) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        erasures: i64,
    }
    let row: Row = crate::db::statement("SELECT count(*) AS erasures FROM erasures").get_result(conn).await?;
    Ok(row.erasures)
}

/// All certificates of this store.
pub async fn certificates(conn: &mut AsyncPgConnection) -> Result<Vec<Certificate>> {
    let rows: Vec<CertificateRow> =
        crate::db::statement("SELECT statement, signature, public_key FROM erasures ORDER BY id").load(conn).await?;
    Ok(rows.into_iter().map(Certificate::from).collect())
}
