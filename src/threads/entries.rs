//! Reading entries. What is read comes opened and as the viewer's role may see it.

use super::{
    access::ThreadAccess,
    attachments,
    integrity::{self, Broken},
    model::{Entry, Kind, Priority, Text},
};
use crate::{
    accounts::{Person, Role},
    crypto::{DataKey, Keyring, Place},
    ids::{EntryId, ThreadId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The most entries a client may ask for.
pub const MAX_PAGE: i64 = 200;
/// The most entries of one read, for a connection that catches up.
pub const MAX_READ: i64 = 500;

/// Which entries to read, always at most [`MAX_READ`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Those after this `seq`, the oldest first.
    After(i64),
    /// Those before this `seq`, the newest kept.
    Before(i64),
    /// The newest.
    Newest,
}

/// A run of entries in ascending order.
#[derive(Debug, serde::Serialize)]
pub struct Page {
    pub thread: ThreadId,
    pub entries: Vec<Entry>,
    /// Whether there are further ones in the direction that was asked for.
    pub more: bool,
}

/// Reads could not be done.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Store(#[from] diesel::result::Error),
    /// What is stored does not open: altered or moved.
    #[error(transparent)]
    Unsealable(#[from] crate::crypto::Unsealable),
    /// A column holds what no version of the hub wrote.
    #[error("a stored row cannot be read")]
    Unreadable,
}

impl From<ReadError> for crate::error::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => error.into(),
            other => Self::Internal(other.into()),
        }
    }
}

#[derive(QueryableByName)]
pub(super) struct EntryRow {
    #[diesel(sql_type = sql_types::BigInt)]
    pub(super) seq: i64,
    #[diesel(sql_type = sql_types::Uuid)]
    id: EntryId,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
    sender_id: Option<UserId>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    sender_name: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    sender_role: Option<String>,
    #[diesel(sql_type = sql_types::Text)]
    kind: String,
    #[diesel(sql_type = sql_types::Text)]
    priority: String,
    #[diesel(sql_type = sql_types::Bytea)]
    sealed: Vec<u8>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
    reply_to: Option<EntryId>,
    #[diesel(sql_type = sql_types::Timestamptz)]
    at: DateTime<Utc>,
    /// Whether anything in the thread has files beside it.
    #[diesel(sql_type = sql_types::Bool)]
    pub(super) files: bool,
}

impl EntryRow {
    /// Opened; what does not open is noted in `broken`.
    pub(super) fn open(self, thread: ThreadId, key: &DataKey, broken: &mut Vec<Broken>) -> Result<Entry, ReadError> {
        let Ok(body) = key.open(Place::Entry { thread, id: self.id, sender: self.sender_id }, &self.sealed) else {
            broken.push(Broken { kind: "entry", id: self.id.0, thread, client: None, practice: None });
            return Ok(self.unreadable(thread));
        };
        let from = match (self.sender_id, self.sender_name, self.sender_role) {
            (Some(id), Some(name), Some(role)) => {
                Some(Person { id, name, role: Role::parse(&role).ok_or(ReadError::Unreadable)? })
            }
            _ => None,
        };
        Ok(Entry {
            thread,
            seq: self.seq,
            id: self.id,
            kind: Kind::parse(&self.kind).ok_or(ReadError::Unreadable)?,
            from,
            body: Text(body),
            priority: Priority::parse(&self.priority).ok_or(ReadError::Unreadable)?,
            attachments: Vec::new(),
            reply_to: self.reply_to,
            at: self.at,
        })
    }

    /// What is stored in this place was altered, or belongs to another. It is shown as a notice without words, so that
    /// everything around it can still be read.
    fn unreadable(self, thread: ThreadId) -> Entry {
        Entry {
            thread,
            seq: self.seq,
            id: self.id,
            kind: Kind::Notice,
            from: None,
            body: Text::default(),
            priority: Priority::Normal,
            attachments: Vec::new(),
            reply_to: None,
            at: self.at,
        }
    }
}

macro_rules! entry_rows {
    ($rest:literal) => {
        concat!(
            "SELECT e.seq, e.id, e.sender_id, u.name AS sender_name, u.role AS sender_role, e.kind, e.priority, e.sealed, \
             e.reply_to, e.at, (SELECT EXISTS (SELECT FROM attachments WHERE thread_id = $1)) AS files FROM entries e LEFT JOIN users u ON u.id = e.sender_id WHERE e.thread_id = $1 AND ",
            $rest
        )
    };
}
pub(super) use entry_rows;

/// A page of entries of the thread that the caller may see.
pub async fn read_page(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ThreadAccess,
    range: Range,
    limit: i64,
) -> Result<Page, ReadError> {
    let limit = limit.clamp(1, MAX_READ);
    // Nothing above the head that the proof knew: a member who was removed since must not see what was written after.
    let (sql, bound) = match range {
        Range::After(seq) => (entry_rows!("e.seq > $2 AND e.seq <= $4 ORDER BY e.seq LIMIT $3"), seq),
        Range::Before(seq) => (entry_rows!("e.seq < $2 AND e.seq <= $4 ORDER BY e.seq DESC LIMIT $3"), seq),
        Range::Newest => (entry_rows!("e.seq < $2 AND e.seq <= $4 ORDER BY e.seq DESC LIMIT $3"), i64::MAX),
    };
    // One more than asked for tells whether there is more.
    let mut rows: Vec<EntryRow> = crate::db::statement(sql)
        .bind::<sql_types::Uuid, _>(access.thread())
        .bind::<sql_types::BigInt, _>(bound)
        .bind::<sql_types::BigInt, _>(limit + 1)
        .bind::<sql_types::BigInt, _>(access.head())
        .load(conn)
        .await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    if !matches!(range, Range::After(_)) {
        rows.reverse();
    }
    let key = keyring.unwrap(access.key())?;
    let role = access.viewer().role;
    let mut broken = Vec::new();
    let mut files = attachments::of(conn, access.thread(), &key, &rows).await?;
    let entries = rows
        .into_iter()
        .map(|row| {
            let entry = row.open(access.thread(), &key, &mut broken)?;
            Ok(files.beside(entry).seen_by(role))
        })
        .collect::<Result<_, ReadError>>()?;
    for broken in &mut broken {
        (broken.client, broken.practice) = (Some(access.client()), Some(access.viewer().practice));
    }
    integrity::record(conn, &broken).await?;
    Ok(Page { thread: access.thread(), entries, more })
}
