//! Files beside messages. Owns `attachments`. A file is uploaded first, and sent with one message, in the commit that
//! stores it; from then on it is seen by whoever sees the thread, and by nobody else.

use super::{
    access::{ThreadAccess, Viewer, find_access},
    commit::{Committed, NewEntry, NewMark, Outcome, Refusal, commit_batch},
    entries::{EntryRow, ReadError},
    model::Entry,
};
use crate::{
    crypto::{DataKey, Keyring},
    db,
    error::Result,
    ids::{ObjectId, ThreadId},
    objects::{self, Described, Object},
};
use diesel::{OptionalExtension, QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What to say where one of the files cannot be sent.
pub const NO_SUCH_FILE: &str =
    "One of the attachments is not there any more, or was sent before. Attach it again, then send the message.";

/// Stores a batch like [`commit_batch`], with the files of its entries. Call within a transaction. An entry that names a
/// file that is not its sender's to send is refused, and the others are stored.
pub async fn commit(conn: &mut AsyncPgConnection, entries: &[NewEntry], marks: &[NewMark]) -> QueryResult<Committed> {
    if entries.iter().all(|entry| entry.attachments.is_empty()) {
        return commit_batch(conn, entries, marks).await;
    }
    let refused = judge(conn, entries).await?;
    let kept: Vec<NewEntry> =
        (entries.iter().enumerate()).filter(|(at, _)| !refused.contains(at)).map(|(_, entry)| entry.clone()).collect();
    let Committed { entries: stored, marks } = commit_batch(conn, &kept, marks).await?;
    let mut stored = stored.into_iter();
    let mut outcomes = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let outcome = match refused.contains(&at) {
            true => Outcome::Refused(Refusal::BadAttachment),
            false => stored.next().ok_or(diesel::result::Error::NotFound)?,
        };
        if let Outcome::Stored { seq, .. } = outcome {
            attach(conn, entry, seq).await?;
        }
        outcomes.push(outcome);
    }
    Ok(Committed { entries: outcomes, marks })
}

/// Which entries name a file that they may not, or that they or another one names, too. One that is stored already is left to the batch, which knows it.
async fn judge(conn: &mut AsyncPgConnection, entries: &[NewEntry]) -> QueryResult<HashSet<usize>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Integer)]
        position: i32,
    }
    // In the order in which batches lock them.
    db::statement("SELECT FROM threads WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE")
        .bind::<sql::Array<sql::Uuid>, _>(entries.iter().map(|entry| entry.thread.0).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    let named: Vec<(i32, &NewEntry, Uuid)> = (0..)
        .zip(entries)
        .flat_map(|(at, entry)| entry.attachments.iter().map(move |object| (at, entry, object.0)))
        .collect();
    db::statement("SELECT FROM objects WHERE id = ANY ($1) ORDER BY id FOR UPDATE")
        .bind::<sql::Array<sql::Uuid>, _>(named.iter().map(|(.., object)| *object).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    let rows: Vec<Row> = db::statement(
        "SELECT DISTINCT i.position FROM unnest($1, $2, $3, $4, $5) AS i(position, thread_id, entry_id, sender_id, object_id)
        LEFT JOIN threads t ON t.id = i.thread_id
        LEFT JOIN objects o ON o.id = i.object_id AND o.uploader_id = i.sender_id AND o.client_id = t.client_id
            AND o.purpose = 'attachment' AND o.state = 'stored' AND o.used_at IS NULL
        WHERE o.id IS NULL AND NOT EXISTS (SELECT FROM entries WHERE id = i.entry_id AND sender_id = i.sender_id)",
    )
    .bind::<sql::Array<sql::Integer>, _>(named.iter().map(|(at, ..)| *at).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Uuid>, _>(named.iter().map(|(_, entry, _)| entry.thread.0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Uuid>, _>(named.iter().map(|(_, entry, _)| entry.id.0).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Nullable<sql::Uuid>>, _>(
        named.iter().map(|(_, entry, _)| entry.sender.map(|sender| sender.0)).collect::<Vec<_>>(),
    )
    .bind::<sql::Array<sql::Uuid>, _>(named.iter().map(|(.., object)| *object).collect::<Vec<_>>())
    .load(conn)
    .await?;
    let mut seen = HashSet::new();
    let twice = named.iter().filter(|(.., object)| !seen.insert(*object)).map(|(at, ..)| *at);
    Ok(rows.iter().map(|row| row.position).chain(twice).map(|at| at.unsigned_abs() as usize).collect())
}

async fn attach(conn: &mut AsyncPgConnection, entry: &NewEntry, seq: i64) -> QueryResult<()> {
    if entry.attachments.is_empty() {
        return Ok(());
    }
    db::statement(
        "WITH used AS (UPDATE objects SET used_at = now() WHERE id = ANY ($3))
        INSERT INTO attachments (object_id, thread_id, seq, position)
        SELECT object_id, $1, $2, position FROM unnest($3) WITH ORDINALITY AS i(object_id, position)",
    )
    .bind::<sql::Uuid, _>(entry.thread)
    .bind::<sql::BigInt, _>(seq)
    .bind::<sql::Array<sql::Uuid>, _>(entry.attachments.iter().map(|id| id.0).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// The files of some entries, by their `seq`.
#[derive(Default)]
pub(super) struct Files(HashMap<i64, Vec<Described>>);

impl Files {
    /// The entry with its files.
    pub(super) fn beside(&mut self, entry: Entry) -> Entry {
        Entry { attachments: self.0.remove(&entry.seq).unwrap_or_default(), ..entry }
    }
}

/// The files of these entries of a thread. Nothing is asked where none of the thread has any.
pub(super) async fn of(
    conn: &mut AsyncPgConnection,
    thread: ThreadId,
    key: &DataKey,
    rows: &[EntryRow],
) -> std::result::Result<Files, ReadError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        seq: i64,
        #[diesel(sql_type = sql::Uuid)]
        id: ObjectId,
        #[diesel(sql_type = sql::Text)]
        media_type: String,
        #[diesel(sql_type = sql::BigInt)]
        bytes: i64,
        #[diesel(sql_type = sql::Binary)]
        sealed: Vec<u8>,
    }
    let mut files = Files::default();
    let seqs = rows.iter().filter(|row| row.files).map(|row| row.seq);
    let (Some(first), Some(last)) = (seqs.clone().min(), seqs.max()) else { return Ok(files) };
    let rows: Vec<Row> = db::statement(
        "SELECT a.seq, o.id, o.media_type, o.bytes, o.sealed FROM attachments a JOIN objects o ON o.id = a.object_id
        WHERE a.thread_id = $1 AND a.seq BETWEEN $2 AND $3 ORDER BY a.seq, a.position",
    )
    .bind::<sql::Uuid, _>(thread)
    .bind::<sql::BigInt, _>(first)
    .bind::<sql::BigInt, _>(last)
    .load(conn)
    .await?;
    for Row { seq, id, media_type, bytes, sealed } in rows {
        // One whose name does not open is still there to be fetched, and says nothing.
        let described = Described::open(key, id, media_type, bytes, &sealed);
        files.0.entry(seq).or_default().push(described);
    }
    Ok(files)
}

/// A file that was sent in a thread that this viewer may see, with the proof that they may.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    id: ObjectId,
) -> Result<Option<(ThreadAccess, Object)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        thread_id: ThreadId,
        #[diesel(sql_type = sql::BigInt)]
        seq: i64,
    }
    let row: Option<Row> = db::statement("SELECT thread_id, seq FROM attachments WHERE object_id = $1")
        .bind::<sql::Uuid, _>(id)
        .get_result(conn)
        .await
        .optional()?;
    let Some(Row { thread_id, seq }) = row else { return Ok(None) };
    let access = find_access(conn, viewer, thread_id).await?.filter(|access| seq <= access.head());
    let Some(access) = access else { return Ok(None) };
    Ok(objects::find(conn, keyring, access.client(), id).await?.map(|object| (access, object)))
}
