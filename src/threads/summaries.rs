//! Threads as one person sees them: the inbox and portal lists, one summary, and what changed since a cursor.

use super::{
    access::{ThreadAccess, Viewer, may_see},
    entries::ReadError,
    integrity::{self, Broken},
    model::{Entry, Kind, Marks, Named, Participant, Preview, Priority, Status, Summary, Text, cannot_reply_because},
};
use crate::{
    accounts::{Person, Role},
    crypto::{DataKey, Keyring, Place, WrappedKey},
    ids::{DataKeyId, EntryId, ThreadId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// The most threads that one list or one `synced` names.
pub const MAX_SUMMARIES: i64 = 2_000;
const PREVIEW_CHARACTERS: usize = 120;

/// Which of the threads that the viewer may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// These ones.
    These(Vec<ThreadId>),
    /// All that the viewer takes part in, open or closed.
    Own,
    /// The open ones that the viewer takes part in.
    OwnOpen,
    /// Those that the viewer takes part in and that changed in or after this transaction.
    ChangedSince(u64),
    /// All of the client to whom the list is narrowed.
    OfClient,
    /// What there is to do for the viewer: their own, open or closed, and the pool's.
    Visible,
    /// Open and assigned to the viewer.
    Mine,
    /// The practice's open threads that are nobody's.
    Pool,
    /// Open, the viewer's or the pool's, with something unread.
    Unread,
    /// Open, the viewer's or the pool's, raised above normal.
    Urgent,
    /// Closed ones that the viewer takes part in.
    Closed,
}

impl Scope {
    /// The condition, over `t` (thread), `p` (the viewer's part, if any), `$1` viewer, `$2` practice, `$3` is staff.
    /// Every one includes the rule of who may see.
    fn condition(&self) -> &'static str {
        match self {
            Self::These(_) => concat!("t.id = ANY ($4) AND ", may_see!("$1", "$3", "$2")),
            Self::OfClient => may_see!("$1", "$3", "$2"),
            Self::Own => "p.user_id IS NOT NULL",
            Self::OwnOpen => "p.user_id IS NOT NULL AND t.status = 'open'",
            Self::ChangedSince(_) => {
                "p.user_id IS NOT NULL AND (t.changed_xid >= $5::text::xid8 OR p.changed_xid >= $5::text::xid8)"
            }
            Self::Visible => {
                "(p.user_id IS NOT NULL
                    OR ($3 AND t.practice_id = $2 AND t.assignee_id IS NULL AND t.status = 'open'))"
            }
            Self::Mine => "p.user_id IS NOT NULL AND t.assignee_id = $1 AND t.status = 'open'",
            Self::Pool => "$3 AND t.practice_id = $2 AND t.assignee_id IS NULL AND t.status = 'open'",
            Self::Unread => {
                "t.status = 'open' AND n.unread > 0 AND (p.user_id IS NOT NULL
                    OR ($3 AND t.practice_id = $2 AND t.assignee_id IS NULL))"
            }
            Self::Urgent => {
                "t.status = 'open' AND t.priority <> 'normal' AND (p.user_id IS NOT NULL
                    OR ($3 AND t.practice_id = $2 AND t.assignee_id IS NULL))"
            }
            Self::Closed => "p.user_id IS NOT NULL AND t.status = 'closed'",
        }
    }

    /// Where the candidates come from: the viewer's own threads by index, and the pool or named ones where asked.
    fn candidates(&self) -> &'static str {
        match self {
            Self::These(_) => "SELECT unnest($4::uuid[]) AS id",
            Self::OfClient => "SELECT id FROM threads WHERE client_id = $6",
            Self::Pool => "SELECT id FROM threads WHERE practice_id = $2 AND assignee_id IS NULL AND status = 'open'",
            Self::Visible | Self::Unread | Self::Urgent => {
                "SELECT thread_id AS id FROM participants WHERE user_id = $1 AND left_at IS NULL
                UNION SELECT id FROM threads WHERE practice_id = $2 AND assignee_id IS NULL AND status = 'open' AND $3"
            }
            _ => "SELECT thread_id AS id FROM participants WHERE user_id = $1 AND left_at IS NULL",
        }
    }
}

/// A place in a list that is ordered by newest activity first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct After {
    pub last_entry_at: DateTime<Utc>,
    pub thread: ThreadId,
}

/// Reads summaries, newest activity first.
///
/// `client` narrows to one client's threads; `after` continues a list.
pub async fn read_summaries(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    scope: &Scope,
    client: Option<UserId>,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Summary>, ReadError> {
    // Only constants of this file are put together here; every value is bound.
    let query = format!(
        "SELECT t.id, c.id AS client_id, c.name AS client_name, a.id AS assignee_id, a.name AS assignee_name,
            t.status, t.priority, t.head, t.last_entry_at, t.subject_sealed, k.id AS key_id, k.wrapped,
            COALESCE(p.delivered, 0) AS delivered, COALESCE(p.read, 0) AS read, p.user_id IS NOT NULL AS takes_part,
            n.unread, m.participants::text AS participants,
            l.id AS last_id, l.sender_id AS last_sender, l.name AS last_name, l.role AS last_role, l.kind AS last_kind,
            l.sealed AS last_sealed, l.at AS last_at
        FROM ({candidates}) candidate
        JOIN threads t ON t.id = candidate.id
        JOIN data_keys k ON k.id = t.data_key_id
        JOIN users c ON c.id = t.client_id
        LEFT JOIN users a ON a.id = t.assignee_id
        LEFT JOIN participants p ON p.thread_id = t.id AND p.user_id = $1 AND p.left_at IS NULL
        CROSS JOIN LATERAL (
            SELECT count(*) AS unread FROM entries e
            WHERE e.thread_id = t.id AND e.seq > COALESCE(p.read, 0) AND e.kind = 'message' AND e.sender_id <> $1
        ) n
        CROSS JOIN LATERAL (
            SELECT COALESCE(json_agg(json_build_object('id', u.id, 'name', u.name, 'role', u.role,
                'delivered', q.delivered, 'read', q.read) ORDER BY u.id), '[]') AS participants
            FROM participants q JOIN users u ON u.id = q.user_id WHERE q.thread_id = t.id AND q.left_at IS NULL
        ) m
        LEFT JOIN LATERAL (
            SELECT e.*, u.name, u.role FROM entries e LEFT JOIN users u ON u.id = e.sender_id
            WHERE e.thread_id = t.id AND ($3 OR e.kind <> 'note') ORDER BY e.seq DESC LIMIT 1
        ) l ON true
        WHERE ({condition}) AND ($6::uuid IS NULL OR t.client_id = $6)
            AND ($7::timestamptz IS NULL OR (t.last_entry_at, t.id) < ($7, $8)) AND ($4::uuid[] IS NULL OR true)
            AND ($5::text IS NULL OR true)
        ORDER BY t.last_entry_at DESC, t.id DESC LIMIT $9",
        candidates = scope.candidates(),
        condition = scope.condition(),
    );
    let these: Option<Vec<uuid::Uuid>> = match scope {
        Scope::These(ids) => Some(ids.iter().map(|id| id.0).collect()),
        _ => None,
    };
    let since = match scope {
        Scope::ChangedSince(xid) => Some(xid.to_string()),
        _ => None,
    };
    let rows: Vec<Row> = crate::db::statement(query)
        .bind::<sql::Uuid, _>(viewer.user)
        .bind::<sql::Uuid, _>(viewer.practice)
        .bind::<sql::Bool, _>(viewer.role.is_staff())
        .bind::<sql::Nullable<sql::Array<sql::Uuid>>, _>(these)
        .bind::<sql::Nullable<sql::Text>, _>(since)
        .bind::<sql::Nullable<sql::Uuid>, _>(client.map(|id| id.0))
        .bind::<sql::Nullable<sql::Timestamptz>, _>(after.map(|after| after.last_entry_at))
        .bind::<sql::Nullable<sql::Uuid>, _>(after.map(|after| after.thread.0))
        .bind::<sql::BigInt, _>(limit.clamp(1, MAX_SUMMARIES))
        .load(conn)
        .await?;
    let mut broken = Vec::new();
    let found = rows.into_iter().map(|row| row.open(keyring, viewer, &mut broken)).collect::<Result<_, _>>()?;
    integrity::record(conn, &broken).await?;
    Ok(found)
}

/// The summary of one thread, for somebody who may see it.
pub async fn read_summary(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ThreadAccess,
) -> Result<Summary, ReadError> {
    let these = Scope::These(vec![access.thread()]);
    let found = read_summaries(conn, keyring, *access.viewer(), &these, None, None, 1).await?.pop();
    // They may have lost it since the proof was made.
    found.ok_or(ReadError::Store(diesel::result::Error::NotFound))
}

/// Where a sync that reads from now on may continue next time: no transaction that is not yet seen has a lower id.
pub async fn read_position(conn: &mut AsyncPgConnection) -> QueryResult<u64> {
    #[derive(QueryableByName)]
    struct Position {
        #[diesel(sql_type = sql::Text)]
        xmin: String,
    }
    let row: Position =
        crate::db::statement("SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin").get_result(conn).await?;
    row.xmin.parse().map_err(|e| diesel::result::Error::DeserializationError(Box::new(e)))
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: ThreadId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Text)]
    client_name: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    assignee_id: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    assignee_name: Option<String>,
    #[diesel(sql_type = sql::Text)]
    status: String,
    #[diesel(sql_type = sql::Text)]
    priority: String,
    #[diesel(sql_type = sql::BigInt)]
    head: i64,
    #[diesel(sql_type = sql::Timestamptz)]
    last_entry_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Bytea)]
    subject_sealed: Vec<u8>,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
    #[diesel(sql_type = sql::BigInt)]
    delivered: i64,
    #[diesel(sql_type = sql::BigInt)]
    read: i64,
    #[diesel(sql_type = sql::Bool)]
    takes_part: bool,
    #[diesel(sql_type = sql::BigInt)]
    unread: i64,
    #[diesel(sql_type = sql::Text)]
    participants: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    last_id: Option<EntryId>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    last_sender: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    last_name: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    last_role: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    last_kind: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    last_sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    last_at: Option<DateTime<Utc>>,
}

impl Row {
    fn open(mut self, keyring: &Keyring, viewer: Viewer, broken: &mut Vec<Broken>) -> Result<Summary, ReadError> {
        let wrapped = WrappedKey { id: self.key_id, wrapped: std::mem::take(&mut self.wrapped) };
        let erased = wrapped.wrapped.is_empty();
        // One thread that was tampered with must not take the list away.
        let (subject, last_entry) = match keyring.unwrap(&wrapped) {
            Ok(key) => (
                key.open(Place::Subject { thread: self.id }, &self.subject_sealed).ok(),
                self.preview(&key, viewer, broken)?,
            ),
            Err(_) => (None, None),
        };
        if subject.is_none() && !erased {
            broken.push(self.broken("thread", self.id.0, viewer));
        }
        let status = Status::parse(&self.status).ok_or(ReadError::Unreadable)?;
        let participants: Vec<Participant> =
            serde_json::from_str(&self.participants).map_err(|_| ReadError::Unreadable)?;
        let cannot_reply_because =
            cannot_reply_because(status, self.takes_part, self.assignee_id.is_some(), viewer.role);
        Ok(Summary {
            id: self.id,
            subject: Text(subject.unwrap_or_default()),
            client: Named { id: self.client_id, name: self.client_name },
            assignee: self.assignee_id.zip(self.assignee_name).map(|(id, name)| Named { id, name }),
            status,
            priority: Priority::parse(&self.priority).ok_or(ReadError::Unreadable)?,
            head: self.head,
            marks: Marks { delivered: self.delivered, read: self.read },
            unread: self.unread,
            last_entry_at: self.last_entry_at,
            participants,
            can_reply: cannot_reply_because.is_none(),
            cannot_reply_because,
            last_entry,
        })
    }

    fn broken(&self, kind: &'static str, id: Uuid, viewer: Viewer) -> Broken {
        Broken { kind, id, thread: self.id, client: Some(self.client_id), practice: Some(viewer.practice) }
    }

    fn preview(
        &mut self,
        key: &DataKey,
        viewer: Viewer,
        broken: &mut Vec<Broken>,
    ) -> Result<Option<Preview>, ReadError> {
        let (Some(id), Some(kind), Some(sealed), Some(at)) =
            (self.last_id, &self.last_kind, &self.last_sealed, self.last_at)
        else {
            return Ok(None);
        };
        let Ok(body) = key.open(Place::Entry { thread: self.id, id, sender: self.last_sender }, sealed) else {
            broken.push(self.broken("entry", id.0, viewer));
            return Ok(None);
        };
        let from = match (self.last_sender, self.last_name.take(), &self.last_role) {
            (Some(id), Some(name), Some(role)) => {
                Some(Person { id, name, role: Role::parse(role).ok_or(ReadError::Unreadable)? })
            }
            _ => None,
        };
        Ok(Some(Preview {
            kind: Kind::parse(kind).ok_or(ReadError::Unreadable)?,
            from,
            preview: Text(body.chars().take(PREVIEW_CHARACTERS).collect()),
            at,
        }))
    }
}

/// The entry's own words are in `last_entry`; a live `thread` frame does without them.
impl Summary {
    /// Without the preview.
    pub fn without_preview(self) -> Self {
        Self { last_entry: None, ..self }
    }

    /// Whether `entry` would count as unread for `viewer`.
    pub fn counts(entry: &Entry, viewer: UserId) -> bool {
        entry.kind == Kind::Message && entry.from.as_ref().is_some_and(|from| from.id != viewer)
    }
}
