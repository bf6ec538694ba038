//! Joining and leaving a thread, within somebody else's transaction, and who is in it. Lock order: the thread's row
//! first.

use crate::ids::{ThreadId, UserId};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Takes part from now on, with the marks kept from an earlier time, if any.
pub async fn join(conn: &mut AsyncPgConnection, thread: ThreadId, user: UserId) -> QueryResult<usize> {
    crate::db::statement(
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
    crate::db::statement(
        "UPDATE participants SET left_at = now(), changed_xid = pg_current_xact_id()
        WHERE thread_id = $1 AND user_id = $2 AND left_at IS NULL",
    )
    .bind::<sql::Uuid, _>(thread)
    .bind::<sql::Uuid, _>(user)
    .execute(conn)
    .await
}

/// More threads than that nobody keeps an eye on.
const MAX_COMPANIES: i64 = 2_000;

/// The open threads of `user`, each with all who take part, that user too.
pub async fn find_companions(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Vec<(ThreadId, Vec<UserId>)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        thread_id: ThreadId,
        #[diesel(sql_type = sql::Array<sql::Uuid>)]
        user_ids: Vec<UserId>,
    }
    let rows: Vec<Row> = crate::db::statement(
        "SELECT t.id AS thread_id, array_agg(other.user_id) AS user_ids
        FROM participants own
        JOIN threads t ON t.id = own.thread_id AND t.status = 'open'
        JOIN participants other ON other.thread_id = t.id AND other.left_at IS NULL
        WHERE own.user_id = $1 AND own.left_at IS NULL
        GROUP BY t.id LIMIT $2",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::BigInt, _>(MAX_COMPANIES)
    .get_results(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.thread_id, row.user_ids)).collect())
}
