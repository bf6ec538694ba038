//! Opening a thread: the thread, who takes part, and its first message, all in one transaction. The message's id makes
//! it safe to repeat: the same id opens the same thread.

use super::{
    access::{Viewer, find_access},
    attachments,
    commit::{NewEntry, Outcome, Refusal},
    entries::{Range, read_page},
    members,
    model::{Entry, Kind, MOST_ATTACHMENTS, Priority, Summary, Text, check_body_beside, check_subject},
    summaries::read_summary,
};
use crate::{
    accounts::people,
    audit::{self, Actor, Event},
    crypto::{Keyring, Place},
    error::{Error, Result},
    ids::{EntryId, ObjectId, ThreadId, UserId},
    keys::{self, Owner},
    schema::{entries, threads},
};
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::future::BoxFuture;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The id of the first message, chosen by its sender.
    pub id: EntryId,
    /// Whose thread it is; a client opens only their own.
    pub client: UserId,
    pub subject: Text,
    pub body: Text,
    pub priority: Priority,
    /// What its sender uploaded for this client.
    pub attachments: Vec<ObjectId>,
}

/// A thread that is there now.
#[derive(Debug)]
pub struct Opened {
    pub thread: Summary,
    pub entry: Entry,
    /// It was there before, under this id.
    pub repeated: bool,
}

/// The first message of a thread, just stored.
#[derive(Clone, Copy, Debug)]
pub struct First {
    pub thread: ThreadId,
    pub entry: EntryId,
    pub at: DateTime<Utc>,
}

/// What is done in the transaction that opens a thread.
pub trait Also: Sync {
    /// The thread and its first message are there.
    fn first_is_stored<'a>(&'a self, conn: &'a mut AsyncPgConnection, first: First) -> BoxFuture<'a, Result<()>>;
}

/// Opens a thread; `also` is done in the same transaction, once its first message is stored.
///
/// # Errors
/// `Invalid` where the input is not good, or the client is none of the practice's; `Conflict` where the id was used for
/// something else.
pub async fn open_thread(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    sender: Viewer,
    actor: &Actor,
    opening: &Opening,
    also: &impl Also,
) -> Result<Opened> {
    let subject = check_subject(&opening.subject.0).map_err(|e| Error::field("/subject", e.to_string()))?;
    check_body_beside(&opening.body.0, opening.attachments.len())?;
    if opening.attachments.len() > MOST_ATTACHMENTS {
        return Err(Error::field("/attachments", "A message takes at most 10 attachments."));
    }
    if let Some(opened) = find_opened(conn, keyring, sender, opening, subject).await? {
        return Ok(opened);
    }
    let written = conn.transaction(async |conn| {
        let first = write(conn, keyring, sender, actor, opening, subject).await?;
        also.first_is_stored(conn, first).await?;
        Ok(first.thread)
    });
    match written.await {
        Ok(thread) => read(conn, keyring, sender, thread, false).await,
        // The same call came twice at the same moment, and the other one was first.
        Err(Failed::Taken) => find_opened(conn, keyring, sender, opening, subject).await?.ok_or(Error::NotFound),
        Err(Failed::Other(error)) => Err(error),
    }
}

enum Failed {
    /// An entry of this sender has the id.
    Taken,
    Other(Error),
}

impl From<DieselError> for Failed {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Taken,
            other => Self::Other(other.into()),
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

async fn write(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    sender: Viewer,
    actor: &Actor,
    opening: &Opening,
    subject: &str,
) -> std::result::Result<First, Failed> {
    if !people::may_write_to(conn, sender, opening.client).await? {
        return Err(Error::field("/client", "Choose one of your clients.").into());
    }
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(opening.client)).await?;
    let key = keyring.unwrap(&wrapped).map_err(|e| Error::Internal(e.into()))?;
    let unsealable = |e: crate::crypto::Unsealable| Error::Internal(e.into());
    let id = ThreadId::new();
    let assignee = sender.role.is_staff().then_some(sender.user);
    diesel::insert_into(threads::table)
        .values((
            threads::id.eq(id),
            threads::practice_id.eq(sender.practice),
            threads::client_id.eq(opening.client),
            threads::data_key_id.eq(wrapped.id),
            threads::subject_sealed.eq(key.seal(Place::Subject { thread: id }, subject).map_err(unsealable)?),
            threads::assignee_id.eq(assignee),
        ))
        .execute(conn)
        .await?;
    members::join(conn, id, opening.client).await?;
    if let Some(assignee) = assignee {
        members::join(conn, id, assignee).await?;
    }
    let place = Place::Entry { thread: id, id: opening.id, sender: Some(sender.user) };
    let message = NewEntry {
        thread: id,
        id: opening.id,
        sender: Some(sender.user),
        from_staff: sender.role.is_staff(),
        kind: Kind::Message,
        priority: opening.priority,
        sealed: key.seal(place, &opening.body.0).map_err(unsealable)?,
        attachments: opening.attachments.clone(),
        reply_to: None,
        based_on: None,
    };
    match attachments::commit(conn, &[message], &[]).await?.entries.pop() {
        Some(Outcome::Stored { at, .. }) => {
            audit::record(conn, Event::new(actor, "thread.opened").of_client(opening.client).on("thread", id)).await?;
            Ok(First { thread: id, entry: opening.id, at })
        }
        Some(Outcome::Duplicate { .. }) => Err(Failed::Taken),
        Some(Outcome::Refused(Refusal::BadAttachment)) => {
            Err(Error::field("/attachments", attachments::NO_SUCH_FILE).into())
        }
        _ => Err(Error::Internal(anyhow::anyhow!("the first message of a thread was refused")).into()),
    }
}

/// What was opened under this id before.
async fn find_opened(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    sender: Viewer,
    opening: &Opening,
    subject: &str,
) -> Result<Option<Opened>> {
    let earlier: Option<ThreadId> = entries::table
        .filter(entries::id.eq(opening.id))
        .filter(entries::sender_id.eq(sender.user))
        .select(entries::thread_id)
        .first(conn)
        .await
        .optional()?;
    let Some(thread) = earlier else { return Ok(None) };
    let used = || Error::conflict("This id was used for another message. Choose a new one.");
    let opened = read(conn, keyring, sender, thread, true).await.map_err(|error| match error {
        Error::NotFound => used(),
        other => other,
    })?;
    let same = opened.entry.id == opening.id
        && opened.entry.body == opening.body
        && opened.thread.subject.0 == subject
        && opened.thread.client.id == opening.client;
    if same { Ok(Some(opened)) } else { Err(used()) }
}

async fn read(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    thread: ThreadId,
    repeated: bool,
) -> Result<Opened> {
    let access = find_access(conn, viewer, thread).await?.ok_or(Error::NotFound)?;
    let entry = read_page(conn, keyring, &access, Range::After(0), 1).await?.entries.pop().ok_or(Error::NotFound)?;
    let thread = read_summary(conn, keyring, &access).await?;
    Ok(Opened { thread, entry, repeated })
}
