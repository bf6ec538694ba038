//! Everything about a client as one JSON document, written piece by piece: whoever asks for it gets it as fast as they
//! read, and the hub never holds more than a page. A client gets what a client may see.

use super::sections::{self, SECTIONS};
use crate::{
    accounts::Role,
    crypto::{DataKey, Keyring, Place},
    db,
    error::{Error, Result},
    ids::{PracticeId, ThreadId, UserId},
    keys::{self, Owner},
    threads::record,
};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Names the form of the document.
const FORMAT: &str = "carehub-export/1";
/// Entries of one read.
const ENTRIES_AT_ONCE: i64 = 500;

/// Of whom, for whom.
pub struct Export {
    pub pool: db::Pool,
    pub keyring: Arc<Keyring>,
    pub practice: PracticeId,
    pub client: UserId,
    /// A client does not get what staff wrote among themselves.
    pub reader: Role,
    pub now: DateTime<Utc>,
}

/// Where the pieces go. The other side is gone when this fails: nothing is left to do.
struct Out<'a>(&'a mpsc::Sender<Result<Bytes>>);

impl Out<'_> {
    async fn write(&self, piece: String) -> Result<()> {
        let gone = |_| Error::Internal(anyhow::anyhow!("whoever asked for an export went away"));
        self.0.send(Ok(piece.into())).await.map_err(gone)
    }

    async fn member(&self, name: &str, value: &Value) -> Result<()> {
        self.write(format!(",\n{}: {value}", json!(name))).await
    }
}

#[derive(QueryableByName)]
struct ThreadRow {
    #[diesel(sql_type = sql::Uuid)]
    id: ThreadId,
    #[diesel(sql_type = sql::Bytea)]
    subject_sealed: Vec<u8>,
    #[diesel(sql_type = sql::Text)]
    about: String,
}

#[derive(QueryableByName)]
struct DraftRow {
    #[diesel(sql_type = sql::Uuid)]
    thread_id: ThreadId,
    #[diesel(sql_type = sql::Bytea)]
    sealed: Vec<u8>,
    #[diesel(sql_type = sql::Timestamptz)]
    updated_at: DateTime<Utc>,
}

impl Export {
    /// Writes the document. A connection is held for a page at a time, never while the reader is waited for.
    ///
    /// # Errors
    /// When something could not be read: the document is broken off, so that nobody takes it for whole.
    pub async fn write(&self, out: &mpsc::Sender<Result<Bytes>>) -> Result<()> {
        let out = Out(out);
        let exported_at = self.now.to_rfc3339_opts(SecondsFormat::Micros, true);
        out.write(format!(
            "{{\"format\": \"{FORMAT}\",\n\"exportedAt\": \"{exported_at}\",\n\"client\": \"{}\"",
            self.client
        ))
        .await?;
        let wrapped =
            keys::find_or_make(&mut *self.pool.get().await?, &self.keyring, Owner::Client(self.client)).await?;
        let key = self.keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
        for section in SECTIONS.iter().filter(|section| section.staff_only <= self.reader.is_staff()) {
            out.write(format!(",\n\"{}\": [", section.name)).await?;
            let mut after = uuid::Uuid::nil();
            let mut separator = "";
            loop {
                let page = sections::page(&mut *self.pool.get().await?, section, self.client, after).await?;
                let Some(last) = page.last() else { break };
                after = last.0;
                for row in &page {
                    out.write(format!("{separator}\n{}", section.open(&key, row)?)).await?;
                    separator = ",";
                }
            }
            out.write("]".into()).await?;
        }
        out.member("drafts", &self.drafts(&key).await?).await?;
        self.write_threads(&out, &key).await?;
        out.write("}\n".into()).await
    }

    async fn drafts(&self, key: &DataKey) -> Result<Value> {
        let rows: Vec<DraftRow> = db::statement(
            "SELECT thread_id, sealed, updated_at FROM drafts WHERE user_id = $1 AND sealed <> '' ORDER BY thread_id
            LIMIT 10000",
        )
        .bind::<sql::Uuid, _>(self.client)
        .load(&mut *self.pool.get().await?)
        .await?;
        let draft = |row: DraftRow| {
            let place = Place::Draft { thread: row.thread_id, user: self.client };
            let text = key.open(place, &row.sealed).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
            let thread = Some(row.thread_id).filter(|thread| !thread.0.is_nil());
            json!({"thread": thread, "updatedAt": row.updated_at, "draft": text})
        };
        Ok(rows.into_iter().map(draft).collect())
    }

    async fn write_threads(&self, out: &Out<'_>, key: &DataKey) -> Result<()> {
        let rows: Vec<ThreadRow> = db::statement(
            "SELECT t.id, t.subject_sealed, jsonb_build_object('id', t.id, 'status', t.status, 'priority', t.priority,
                'createdAt', t.created_at, 'participants', (
                    SELECT COALESCE(jsonb_agg(jsonb_build_object('id', u.id, 'name', u.name, 'role', u.role,
                        'joinedAt', p.joined_at, 'leftAt', p.left_at) ORDER BY p.joined_at, u.id), '[]')
                    FROM participants p JOIN users u ON u.id = p.user_id WHERE p.thread_id = t.id))::text AS about
            FROM threads t WHERE t.client_id = $1 ORDER BY t.id LIMIT 100000",
        )
        .bind::<sql::Uuid, _>(self.client)
        .load(&mut *self.pool.get().await?)
        .await?;
        out.write(",\n\"threads\": [".into()).await?;
        for (number, row) in rows.into_iter().enumerate() {
            let mut about: Value = serde_json::from_str(&row.about).map_err(anyhow::Error::from)?;
            about["subject"] = json!(key.open(Place::Subject { thread: row.id }, &row.subject_sealed).ok());
            let about = about.to_string();
            let separator = if number == 0 { "" } else { "," };
            // The object stays open for its entries.
            out.write(format!("{separator}\n{},\n\"entries\": [", about.strip_suffix('}').unwrap_or(&about))).await?;
            self.write_entries(out, row.id, key).await?;
            out.write("]}".into()).await?;
        }
        out.write("]".into()).await
    }

    async fn write_entries(&self, out: &Out<'_>, thread: ThreadId, key: &DataKey) -> Result<()> {
        let (mut after, mut separator) = (0, "");
        loop {
            let mut conn = self.pool.get().await?;
            let page = record::read_after(&mut conn, thread, key, after, ENTRIES_AT_ONCE).await?;
            drop(conn);
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            for entry in page {
                let entry = serde_json::to_string(&entry.seen_by(self.reader)).map_err(anyhow::Error::from)?;
                out.write(format!("{separator}\n{entry}")).await?;
                separator = ",";
            }
        }
    }
}

/// Notes in the audit log that everything about a client was handed out.
pub async fn note(conn: &mut AsyncPgConnection, actor: &crate::audit::Actor, client: UserId) -> Result<()> {
    let event = crate::audit::Event::new(actor, "client.exported").of_client(client);
    Ok(crate::audit::record(conn, event).await?)
}
