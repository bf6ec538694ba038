//! Who looks after a thread: claiming it from the pool, assigning it, handing it over. The client is told each time,
//! in the same transaction.

use super::{
    access::Viewer,
    change::{Changed, lock},
    members,
    model::{Named, Text},
    notices::Notice,
};
use crate::{
    accounts::{Person, Role, people},
    audit::Actor,
    crypto::Keyring,
    error::{Error, Result},
    ids::{ThreadId, UserId},
    notices,
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

/// Takes a thread out of the pool. Of several who try at once, one gets it.
///
/// # Errors
/// `Conflict`, naming the assignee, where a colleague has it.
pub async fn claim(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    actor: &Actor,
    thread: ThreadId,
) -> Result<Changed> {
    let claimed = conn.transaction(async |conn| {
        let locked = lock(conn, keyring, viewer, thread).await?;
        locked.require_open()?;
        match locked.assignee() {
            Some(assignee) if assignee.id == viewer.user => locked.unchanged(conn, actor).await,
            Some(assignee) => Err(taken(assignee)),
            None => {
                let me = find_colleague(conn, viewer, viewer.user, "").await?;
                locked.set_assignee(conn, Some(me.id)).await?;
                members::join(conn, thread, me.id).await?;
                locked.say(conn, None, Notice::LooksAfter { name: &me.name }).await?;
                locked.record(conn, actor, "thread.claimed").await?;
                locked.changed(conn, keyring, None).await
            }
        }
    });
    match claimed.await {
        // It was in the pool a moment ago, if it was ever theirs to see: who has it is no secret among colleagues.
        Err(Error::NotFound) => match find_assignee(conn, viewer, thread).await? {
            Some(assignee) => Err(taken(&assignee)),
            None => Err(Error::NotFound),
        },
        outcome => outcome,
    }
}

/// Gives a thread to a colleague, or back to the pool. An assignee may do so, and the practice's staff.
pub async fn assign(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    actor: &Actor,
    thread: ThreadId,
    assignee: Option<UserId>,
) -> Result<Changed> {
    conn.transaction(async |conn| {
        let locked = lock(conn, keyring, viewer, thread).await?;
        let assigns = matches!(viewer.role, Role::Staff | Role::Admin);
        if !assigns && locked.access.assignee() != Some(viewer.user) {
            return Err(Error::Forbidden("Only its assignee, or the practice's staff, can assign this thread."));
        }
        locked.require_open()?;
        if locked.access.assignee() == assignee {
            return locked.unchanged(conn, actor).await;
        }
        let Some(to) = assignee else {
            locked.set_assignee(conn, None).await?;
            if let Some(former) = locked.access.assignee() {
                members::leave(conn, thread, former).await?;
            }
            locked.say(conn, None, Notice::Unassigned).await?;
            locked.record(conn, actor, "thread.unassigned").await?;
            return locked.changed(conn, keyring, None).await;
        };
        let to = find_colleague(conn, viewer, to, "/assignee").await?;
        locked.set_assignee(conn, Some(to.id)).await?;
        members::join(conn, thread, to.id).await?;
        if to.id != viewer.user {
            notices::tell(conn, &notices::Notice::new(to.id, notices::Kind::ThreadAssigned, Some(thread.0))).await?;
        }
        locked.say(conn, None, Notice::LooksAfter { name: &to.name }).await?;
        locked.record(conn, actor, "thread.assigned").await?;
        locked.changed(conn, keyring, Some(Named { id: to.id, name: to.name })).await
    })
    .await
}

/// Hands a thread over to a colleague, with a note for them, and leaves it.
pub async fn hand_over(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    actor: &Actor,
    thread: ThreadId,
    to: UserId,
    note: Option<&Text>,
) -> Result<Changed> {
    conn.transaction(async |conn| {
        let locked = lock(conn, keyring, viewer, thread).await?;
        let Some(from) = locked.assignee().filter(|assignee| assignee.id == viewer.user) else {
            return Err(Error::Forbidden("Only its assignee can hand this thread over."));
        };
        locked.require_open()?;
        if to == viewer.user {
            return Err(Error::field("/to", "Choose a colleague: you look after this thread already."));
        }
        let to = find_colleague(conn, viewer, to, "/to").await?;
        locked.set_assignee(conn, Some(to.id)).await?;
        members::join(conn, thread, to.id).await?;
        notices::tell(conn, &notices::Notice::new(to.id, notices::Kind::ThreadHandedOver, Some(thread.0))).await?;
        // The note is the last that its author writes here: only who takes part writes.
        locked.say(conn, note, Notice::HandedOver { from: &from.name, to: &to.name }).await?;
        members::leave(conn, thread, viewer.user).await?;
        locked.record(conn, actor, "thread.handedOver").await?;
        locked.changed(conn, keyring, Some(Named { id: to.id, name: to.name })).await
    })
    .await
}

/// Somebody who works for the viewer's practice.
async fn find_colleague(conn: &mut AsyncPgConnection, viewer: Viewer, id: UserId, pointer: &str) -> Result<Person> {
    let person = people::find_person(conn, viewer.practice, id).await?;
    person
        .filter(|person| person.role.is_staff())
        .ok_or_else(|| Error::field(pointer, "Choose a colleague of your practice."))
}

fn taken(assignee: &Named) -> Error {
    Error::Conflict {
        detail: "A colleague looks after this thread already.",
        extra: [("assignee".to_owned(), serde_json::json!(assignee))].into_iter().collect(),
    }
}

/// Who has an open thread of the viewer's practice.
async fn find_assignee(conn: &mut AsyncPgConnection, viewer: Viewer, thread: ThreadId) -> QueryResult<Option<Named>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
        #[diesel(sql_type = sql::Text)]
        name: String,
    }
    let row: Option<Row> = crate::db::statement(
        "SELECT u.id, u.name FROM threads t JOIN users u ON u.id = t.assignee_id
        WHERE t.id = $1 AND t.practice_id = $2 AND t.status = 'open' AND $3",
    )
    .bind::<sql::Uuid, _>(thread)
    .bind::<sql::Uuid, _>(viewer.practice)
    .bind::<sql::Bool, _>(viewer.role.is_staff())
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.map(|row| Named { id: row.id, name: row.name }))
}
