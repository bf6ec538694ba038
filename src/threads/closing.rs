//! Closing and reopening a thread, by staff who take part in it. Everybody in it is told, in the same transaction.

use super::{
    access::Viewer,
    change::{Changed, lock},
    model::{Status, Text},
    notices::Notice,
};
use crate::{
    audit::Actor,
    crypto::Keyring,
    error::{Error, Result},
    ids::ThreadId,
};
use diesel_async::{AsyncConnection, AsyncPgConnection};

/// Closes it, with a note for colleagues: it takes no more messages.
pub async fn close(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    actor: &Actor,
    thread: ThreadId,
    note: Option<&Text>,
) -> Result<Changed> {
    set(conn, keyring, viewer, actor, thread, Status::Closed, note).await
}

/// Opens it again.
pub async fn reopen(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    actor: &Actor,
    thread: ThreadId,
) -> Result<Changed> {
    set(conn, keyring, viewer, actor, thread, Status::Open, None).await
}

async fn set(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    actor: &Actor,
    thread: ThreadId,
    status: Status,
    note: Option<&Text>,
) -> Result<Changed> {
    conn.transaction(async |conn| {
        let locked = lock(conn, keyring, viewer, thread).await?;
        if !locked.access.takes_part() {
            return Err(Error::Forbidden("Claim this thread first."));
        }
        if locked.access.status() == status {
            return locked.unchanged(conn, actor).await;
        }
        let (notice, action) = match status {
            Status::Closed => (Notice::Closed, "thread.closed"),
            Status::Open => (Notice::Reopened, "thread.reopened"),
        };
        locked.set_status(conn, status).await?;
        locked.say(conn, note, notice).await?;
        locked.record(conn, actor, action).await?;
        locked.changed(conn, keyring, None).await
    })
    .await
}
