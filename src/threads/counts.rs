//! How much there is: unread for one person, and the inbox's counts. Counts what [`super::summaries::Scope`] lists.

use super::access::Viewer;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;

/// What one person has not read, over all threads in which they take part.
#[derive(Clone, Copy, Debug, Serialize, QueryableByName, ToSchema)]
pub struct Unread {
    /// Messages by others.
    #[diesel(sql_type = sql::BigInt)]
    pub unread: i64,
    /// Threads that hold some.
    #[diesel(sql_type = sql::BigInt)]
    pub threads: i64,
}

/// Counts what is unread.
pub async fn count_unread(conn: &mut AsyncPgConnection, viewer: Viewer) -> QueryResult<Unread> {
    crate::db::statement(
        "SELECT COALESCE(sum(n.unread), 0)::bigint AS unread, count(*) FILTER (WHERE n.unread > 0) AS threads
        FROM participants p JOIN threads t ON t.id = p.thread_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS unread FROM entries e
            WHERE e.thread_id = t.id AND e.seq > p.read AND e.kind = 'message' AND e.sender_id <> $1
        ) n
        WHERE p.user_id = $1 AND p.left_at IS NULL AND t.head > p.read",
    )
    .bind::<sql::Uuid, _>(viewer.user)
    .get_result(conn)
    .await
}

/// Threads in each drawer of the inbox.
#[derive(Clone, Copy, Debug, Serialize, QueryableByName, ToSchema)]
pub struct InboxCounts {
    #[diesel(sql_type = sql::BigInt)]
    pub mine: i64,
    #[diesel(sql_type = sql::BigInt)]
    pub unassigned: i64,
    #[diesel(sql_type = sql::BigInt)]
    pub unread: i64,
    #[diesel(sql_type = sql::BigInt)]
    pub urgent: i64,
    #[diesel(sql_type = sql::BigInt)]
    pub closed: i64,
}

/// Counts the inbox of somebody who works for the practice.
pub async fn count_inbox(conn: &mut AsyncPgConnection, viewer: Viewer) -> QueryResult<InboxCounts> {
    crate::db::statement(
        "SELECT
            count(*) FILTER (WHERE t.status = 'open' AND t.assignee_id = $1 AND p.user_id IS NOT NULL) AS mine,
            count(*) FILTER (WHERE t.status = 'open' AND t.assignee_id IS NULL AND t.practice_id = $2) AS unassigned,
            count(*) FILTER (WHERE t.status = 'open' AND t.head > COALESCE(p.read, 0) AND EXISTS (
                SELECT FROM entries e WHERE e.thread_id = t.id AND e.seq > COALESCE(p.read, 0)
                    AND e.kind = 'message' AND e.sender_id <> $1)) AS unread,
            count(*) FILTER (WHERE t.status = 'open' AND t.priority <> 'normal') AS urgent,
            count(*) FILTER (WHERE t.status = 'closed') AS closed
        FROM (
            SELECT thread_id AS id FROM participants WHERE user_id = $1 AND left_at IS NULL
            UNION SELECT id FROM threads WHERE practice_id = $2 AND assignee_id IS NULL AND status = 'open'
        ) candidate
        JOIN threads t ON t.id = candidate.id
        LEFT JOIN participants p ON p.thread_id = t.id AND p.user_id = $1 AND p.left_at IS NULL",
    )
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Uuid, _>(viewer.practice)
    .get_result(conn)
    .await
}
