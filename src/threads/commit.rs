//! The journal's batch: entries and marks, judged and stored by one statement (`commit_batch`, see the migration).

use super::model::{Kind, Marks, Priority};
use crate::ids::{EntryId, ObjectId, ThreadId, UserId};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// An entry to be stored, its body sealed.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub thread: ThreadId,
    pub id: EntryId,
    /// None: the hub's own, which needs no part in the thread.
    pub sender: Option<UserId>,
    pub from_staff: bool,
    pub kind: Kind,
    pub priority: Priority,
    pub sealed: Vec<u8>,
    pub reply_to: Option<EntryId>,
    /// What its sender uploaded before.
    pub attachments: Vec<ObjectId>,
    /// The last `seq` that its author had seen; set: refused when a colleague has written since.
    pub based_on: Option<i64>,
}

/// A mark to be moved up to at most the head.
#[derive(Clone, Copy, Debug)]
pub struct NewMark {
    pub thread: ThreadId,
    pub user: UserId,
    pub marks: Marks,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Stored {
        seq: i64,
        at: DateTime<Utc>,
        version: i64,
    },
    /// Under this sender and id, this is what was stored before.
    Duplicate {
        seq: i64,
        at: DateTime<Utc>,
        thread: ThreadId,
        sealed: Vec<u8>,
    },
    Refused(Refusal),
}

/// Why an entry was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such thread, or the sender takes no part in it.
    NotFound,
    ThreadClosed,
    /// `reply_to` names nothing in this thread.
    BadReplyTo,
    /// One of the files is not an upload of the sender for this client, or was sent before.
    BadAttachment,
    /// Only its author corrects or retracts a message.
    NotAuthor,
    /// A colleague has written since `based_on`.
    Newer,
}

/// What became of a batch, in the order in which it was handed over.
#[derive(Debug, Default)]
pub struct Committed {
    pub entries: Vec<Outcome>,
    /// For each mark its new state; None where it had been as high before.
    pub marks: Vec<Option<Marks>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Integer)]
    ord: i32,
    #[diesel(sql_type = sql::Text)]
    outcome: String,
    #[diesel(sql_type = sql::Nullable<sql::BigInt>)]
    seq: Option<i64>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::BigInt>)]
    version: Option<i64>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    stored_thread: Option<ThreadId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    stored_sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::BigInt>)]
    mark_delivered: Option<i64>,
    #[diesel(sql_type = sql::Nullable<sql::BigInt>)]
    mark_read: Option<i64>,
}

impl Row {
    fn outcome(self) -> Option<Outcome> {
        Some(match self.outcome.as_str() {
            "stored" => Outcome::Stored { seq: self.seq?, at: self.at?, version: self.version? },
            "duplicate" => Outcome::Duplicate {
                seq: self.seq?,
                at: self.at?,
                thread: self.stored_thread?,
                sealed: self.stored_sealed?,
            },
            "notFound" => Outcome::Refused(Refusal::NotFound),
            "threadClosed" => Outcome::Refused(Refusal::ThreadClosed),
            "badReplyTo" => Outcome::Refused(Refusal::BadReplyTo),
            "notAuthor" => Outcome::Refused(Refusal::NotAuthor),
            "newer" => Outcome::Refused(Refusal::Newer),
            _ => return None,
        })
    }
}

/// Stores a batch. Everything or nothing: on an error no entry is stored by this call.
///
/// The caller sees to it that no (sender, id) and no (thread, user) of a mark stands in it twice.
pub async fn commit_batch(
    conn: &mut AsyncPgConnection,
    entries: &[NewEntry],
    marks: &[NewMark],
) -> QueryResult<Committed> {
    fn column<'a, T, U>(rows: &'a [T], pick: impl Fn(&'a T) -> U) -> Vec<U> {
        rows.iter().map(pick).collect()
    }
    let rows: Vec<Row> =
        crate::db::statement("SELECT * FROM commit_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
            .bind::<sql::Array<sql::Uuid>, _>(column(entries, |e| e.thread.0))
            .bind::<sql::Array<sql::Uuid>, _>(column(entries, |e| e.id.0))
            .bind::<sql::Array<sql::Nullable<sql::Uuid>>, _>(column(entries, |e| e.sender.map(|id| id.0)))
            .bind::<sql::Array<sql::Bool>, _>(column(entries, |e| e.from_staff))
            .bind::<sql::Array<sql::Text>, _>(column(entries, |e| e.kind.as_str()))
            .bind::<sql::Array<sql::Text>, _>(column(entries, |e| e.priority.as_str()))
            .bind::<sql::Array<sql::Bytea>, _>(column(entries, |e| e.sealed.as_slice()))
            .bind::<sql::Array<sql::Nullable<sql::Uuid>>, _>(column(entries, |e| e.reply_to.map(|id| id.0)))
            .bind::<sql::Array<sql::Nullable<sql::BigInt>>, _>(column(entries, |e| e.based_on))
            .bind::<sql::Array<sql::Uuid>, _>(column(marks, |m| m.thread.0))
            .bind::<sql::Array<sql::Uuid>, _>(column(marks, |m| m.user.0))
            .bind::<sql::Array<sql::BigInt>, _>(column(marks, |m| m.marks.delivered))
            .bind::<sql::Array<sql::BigInt>, _>(column(marks, |m| m.marks.read))
            .load(conn)
            .await?;
    let mut outcomes: Vec<Option<Outcome>> = vec![None; entries.len()];
    let mut moved = vec![None; marks.len()];
    for row in rows {
        let position = row.ord.unsigned_abs() as usize - 1;
        if row.ord < 0 {
            if let (Some(slot), Some(delivered), Some(read)) =
                (moved.get_mut(position), row.mark_delivered, row.mark_read)
            {
                *slot = Some(Marks { delivered, read });
            }
        } else if let Some(slot) = outcomes.get_mut(position) {
            *slot = row.outcome();
        }
    }
    let entries = outcomes.into_iter().collect::<Option<Vec<_>>>();
    let unreadable = || diesel::result::Error::DeserializationError("commit_batch answered incompletely".into());
    Ok(Committed { entries: entries.ok_or_else(unreadable)?, marks: moved })
}
