//! Joining and leaving a thread, within somebody else's transaction. Lock order: the thread's row first.

use crate::ids::{ThreadId, UserId};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Takes part from now on, with the marks kept from an earlier time, if any.
pub async fn join(conn: &mut AsyncPgConnection, thread: ThreadId, user: UserId) -> QueryResult<usize> {
    diesel::sql_query(
        "INSERT INTO participants AS p (thread_id, user_id) VALUES ($1, $2)
        ON CONFLICT (thread_id, user_id) DO UPDATE
            SET left_at = NULL, joined_at = now(), changed_xid = pg_current_xact_id() WHERE p.left_at IS NOT NULL",
    )
    .bind::<sql::Uuid, _>(thread)
    .bind::<sql::Uuid, _>(user)
    .execute(conn)
    .await
}

/// Takes part no longer.
pub async fn leave(conn: &mut AsyncPgConnection, thread: ThreadId, user: UserId) -> QueryResult<usize> {
    diesel::sql_query(
        "UPDATE participants SET left_at = now(), changed_xid = pg_current_xact_id()
        WHERE thread_id = $1 AND user_id = $2 AND left_at IS NULL",
    )
    .bind::<sql::Uuid, _>(thread)
    .bind::<sql::Uuid, _>(user)
    .execute(conn)
    .await
}
