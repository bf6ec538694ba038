//! Somebody leaves all threads of a client at once, because they care for the client no longer. What they looked after
//! goes back into the pool, and the people in it are told. In the caller's transaction; tell the hub after it.

use super::{access::Viewer, change::lock, members, model::Status, notices::Notice};
use crate::{
    crypto::Keyring,
    error::Result,
    ids::{ThreadId, UserId},
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Takes `viewer` out of the threads of `client`, and tells which those were.
pub async fn withdraw(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    client: UserId,
) -> Result<Vec<ThreadId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: ThreadId,
    }
    // By id, as everybody locks several threads.
    let threads: Vec<Row> = crate::db::statement(
        "SELECT t.id FROM threads t JOIN participants p ON p.thread_id = t.id
        WHERE t.client_id = $1 AND p.user_id = $2 AND p.left_at IS NULL ORDER BY t.id",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(viewer.user)
    .load(conn)
    .await?;
    let threads: Vec<ThreadId> = threads.into_iter().map(|row| row.id).collect();
    for thread in &threads {
        let locked = lock(conn, keyring, viewer, *thread).await?;
        let assignee = locked.access.assignee();
        let theirs = assignee == Some(viewer.user);
        // Also where the assignee stays: the version tells caches that somebody left.
        locked.set_assignee(conn, assignee.filter(|_| !theirs)).await?;
        members::leave(conn, *thread, viewer.user).await?;
        if theirs && locked.access.status() == Status::Open {
            locked.say(conn, None, Notice::Unassigned).await?;
        }
    }
    Ok(threads)
}
