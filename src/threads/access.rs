//! Who may see a thread. Reading functions demand a [`ThreadAccess`], and only this file makes one, so that no handler
//! can forget to ask. A thread that is not the caller's and one that does not exist give the same answer: none.

use super::model::Status;
use crate::{
    audit::{Actor, Event},
    crypto::WrappedKey,
    ids::{DataKeyId, ThreadId, UserId},
};
use diesel::{prelude::*, sql_types};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

pub use crate::accounts::access::Viewer;

/// By which right a thread is seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Through {
    /// The viewer takes part.
    Part,
    /// It lies open and unassigned in the practice's pool.
    Pool,
    /// The viewer is in the client's care team.
    CareTeam,
    /// Emergency access to the client's record.
    BreakGlass,
}

/// Whether a viewer may see thread `t`, as SQL. `p` is the viewer's part in it, if any; the placeholders are the
/// viewer, whether they work for a practice, and which.
macro_rules! may_see {
    ($viewer:literal, $staff:literal, $practice:literal) => {
        concat!(
            "(p.user_id IS NOT NULL OR (",
            $staff,
            " AND t.practice_id = ",
            $practice,
            " AND (t.assignee_id IS NULL AND t.status = 'open'",
            " OR EXISTS (SELECT FROM client_care WHERE client_id = t.client_id AND user_id = ",
            $viewer,
            ") OR EXISTS (SELECT FROM break_glass WHERE client_id = t.client_id AND user_id = ",
            $viewer,
            " AND expires_at > now()))))"
        )
    };
}
pub(super) use may_see;

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
    through: Through,
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
    /// By which right the viewer sees it; the mildest one counts.
    pub fn through(&self) -> Through {
        self.through
    }
    /// Whether the viewer takes part: only then may they write.
    pub fn takes_part(&self) -> bool {
        self.through == Through::Part
    }
    /// Whether it is seen only under break-glass: the audit log marks what is done then.
    pub fn is_emergency(&self) -> bool {
        self.through == Through::BreakGlass
    }

    /// A row for the audit log of what somebody does here.
    pub fn event<'a>(&self, actor: &'a Actor, action: &'static str) -> Event<'a> {
        let event = Event::new(actor, action).of_client(self.client).on("thread", self.thread);
        if self.is_emergency() { event.emergency() } else { event }
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
    #[diesel(sql_type = sql_types::Bool)]
    in_pool: bool,
    #[diesel(sql_type = sql_types::Bool)]
    cares: bool,
}

impl Row {
    fn through(&self) -> Through {
        match (self.takes_part, self.cares, self.in_pool) {
            (true, ..) => Through::Part,
            (_, true, _) => Through::CareTeam,
            (.., true) => Through::Pool,
            _ => Through::BreakGlass,
        }
    }
}

/// The threads among `threads` that the viewer may see: those in which they take part, and for staff the open
/// unassigned ones of their practice, those of clients in whose care team they are, and those of clients to whose
/// record they have emergency access.
pub async fn find_access_many(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    threads: &[ThreadId],
) -> QueryResult<Vec<ThreadAccess>> {
    let ids: Vec<uuid::Uuid> = threads.iter().map(|id| id.0).collect();
    let rows: Vec<Row> = crate::db::statement(concat!(
        "SELECT t.id, k.id AS key_id, k.wrapped, t.client_id, t.assignee_id, t.status, t.head,
            p.user_id IS NOT NULL AS takes_part, t.assignee_id IS NULL AND t.status = 'open' AS in_pool,
            EXISTS (SELECT FROM client_care WHERE client_id = t.client_id AND user_id = $2) AS cares
        FROM threads t JOIN data_keys k ON k.id = t.data_key_id
        LEFT JOIN participants p ON p.thread_id = t.id AND p.user_id = $2 AND p.left_at IS NULL
        WHERE t.id = ANY ($1) AND ",
        may_see!("$2", "$3", "$4")
    ))
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
            through: row.through(),
            key: WrappedKey { id: row.key_id, wrapped: row.wrapped },
            client: row.client_id,
            assignee: row.assignee_id,
            status: Status::parse(&row.status).unwrap_or(Status::Closed),
            head: row.head,
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
