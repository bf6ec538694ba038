//! Who may see a thread. Reading functions demand a [`ThreadAccess`], and only this file makes one, so that no handler
//! can forget to ask. A thread that is not the caller's and one that does not exist give the same answer: none.

use super::model::Status;
use crate::{
    accounts::{Identity, Role},
    crypto::WrappedKey,
    ids::{DataKeyId, PracticeId, ThreadId, UserId},
};
use diesel::{prelude::*, sql_types};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Somebody, for whom threads are read.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    pub user: UserId,
    pub practice: PracticeId,
    pub role: Role,
}

impl From<&Identity> for Viewer {
    fn from(identity: &Identity) -> Self {
        Self { user: identity.user, practice: identity.practice, role: identity.role }
    }
}

/// Proof that a viewer may see a thread, at the moment it was made.
#[derive(Clone)]
pub struct ThreadAccess {
    thread: ThreadId,
    viewer: Viewer,
    key: WrappedKey,
    client: UserId,
    assignee: Option<UserId>,
    status: Status,
    head: i64,
    takes_part: bool,
}

impl ThreadAccess {
    pub fn thread(&self) -> ThreadId {
        self.thread
    }
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }
    /// The data key that opens what was said here.
    pub fn key(&self) -> &WrappedKey {
        &self.key
    }
    pub fn client(&self) -> UserId {
        self.client
    }
    pub fn assignee(&self) -> Option<UserId> {
        self.assignee
    }
    pub fn status(&self) -> Status {
        self.status
    }
    pub fn head(&self) -> i64 {
        self.head
    }
    /// Whether the viewer takes part; otherwise they see it because it lies unassigned in their practice's pool.
    pub fn takes_part(&self) -> bool {
        self.takes_part
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql_types::Uuid)]
    id: ThreadId,
    #[diesel(sql_type = sql_types::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql_types::Bytea)]
    wrapped: Vec<u8>,
    #[diesel(sql_type = sql_types::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
    assignee_id: Option<UserId>,
    #[diesel(sql_type = sql_types::Text)]
    status: String,
    #[diesel(sql_type = sql_types::BigInt)]
    head: i64,
    #[diesel(sql_type = sql_types::Bool)]
    takes_part: bool,
}

/// The threads among `threads` that the viewer may see: those in which they take part, and for staff the open
/// unassigned ones of their practice.
pub async fn find_access_many(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    threads: &[ThreadId],
) -> QueryResult<Vec<ThreadAccess>> {
    let ids: Vec<uuid::Uuid> = threads.iter().map(|id| id.0).collect();
    let rows: Vec<Row> = crate::db::statement(
        "SELECT t.id, k.id AS key_id, k.wrapped, t.client_id, t.assignee_id, t.status, t.head,
            p.user_id IS NOT NULL AS takes_part
        FROM threads t JOIN data_keys k ON k.id = t.data_key_id
        LEFT JOIN participants p ON p.thread_id = t.id AND p.user_id = $2 AND p.left_at IS NULL
        WHERE t.id = ANY ($1) AND (p.user_id IS NOT NULL
            OR ($3 AND t.practice_id = $4 AND t.assignee_id IS NULL AND t.status = 'open'))",
    )
    .bind::<sql_types::Array<sql_types::Uuid>, _>(ids)
    .bind::<sql_types::Uuid, _>(viewer.user)
    .bind::<sql_types::Bool, _>(viewer.role.is_staff())
    .bind::<sql_types::Uuid, _>(viewer.practice)
    .load(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ThreadAccess {
            thread: row.id,
            viewer,
            key: WrappedKey { id: row.key_id, wrapped: row.wrapped },
            client: row.client_id,
            assignee: row.assignee_id,
            status: Status::parse(&row.status).unwrap_or(Status::Closed),
            head: row.head,
            takes_part: row.takes_part,
        })
        .collect())
}

/// The same for one thread.
pub async fn find_access(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    thread: ThreadId,
) -> QueryResult<Option<ThreadAccess>> {
    Ok(find_access_many(conn, viewer, &[thread]).await?.pop())
}
