//! What every change of a thread's assignee or status is made of. Within the caller's transaction, and in the one lock
//! order: the thread's row first, then who takes part.

use super::{
    access::{ThreadAccess, Viewer, find_access},
    commit::{NewEntry, Outcome, commit_batch},
    model::{Kind, Named, Priority, Status, Summary, Text},
    notices::Notice,
    summaries::read_summary,
};
use crate::{
    accounts::access::reading_only,
    audit::{self, Actor},
    crypto::{DataKey, Keyring, Place},
    error::{Error, Result},
    ids::{EntryId, ThreadId, UserId},
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::sync::Arc;

/// A thread that nobody else changes until the transaction ends.
pub(super) struct Locked {
    pub access: ThreadAccess,
    /// As the viewer saw it before.
    before: Summary,
    key: Arc<DataKey>,
}

/// What came of a change.
#[derive(Debug)]
pub struct Changed {
    /// As the viewer sees it now; where they see it no more, as they saw it last.
    pub thread: Summary,
    /// False: it had been so before, and was only shown.
    pub changed: bool,
}

/// Locks a thread that the viewer may see.
pub(super) async fn lock(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    thread: ThreadId,
) -> Result<Locked> {
    // Only of the viewer's practice, so that no stranger can make others wait.
    crate::db::statement("SELECT FROM threads WHERE id = $1 AND practice_id = $2 FOR NO KEY UPDATE")
        .bind::<sql::Uuid, _>(thread)
        .bind::<sql::Uuid, _>(viewer.practice)
        .execute(conn)
        .await?;
    // Asked after the lock, so that what is seen is what stays so.
    let access = find_access(conn, viewer, thread).await?.ok_or(Error::NotFound)?;
    if access.is_emergency() {
        return Err(reading_only());
    }
    let before = read_summary(conn, keyring, &access).await?;
    let key = keyring.unwrap(access.key()).map_err(anyhow::Error::from)?;
    Ok(Locked { access, before, key })
}

impl Locked {
    /// Nothing to do: the thread is shown as it is.
    pub async fn unchanged(self, conn: &mut AsyncPgConnection, actor: &Actor) -> Result<Changed> {
        self.record(conn, actor, "thread.viewed").await?;
        Ok(Changed { thread: self.before, changed: false })
    }

    /// Writes down who does this.
    pub async fn record(&self, conn: &mut AsyncPgConnection, actor: &Actor, action: &'static str) -> QueryResult<()> {
        audit::record(conn, self.access.event(actor, action)).await
    }

    /// # Errors
    /// `ThreadClosed`.
    pub fn require_open(&self) -> Result<()> {
        if self.access.status() == Status::Closed { Err(Error::ThreadClosed) } else { Ok(()) }
    }

    /// The assignee, as others see them.
    pub fn assignee(&self) -> Option<&Named> {
        self.before.assignee.as_ref()
    }

    pub async fn set_assignee(&self, conn: &mut AsyncPgConnection, assignee: Option<UserId>) -> QueryResult<()> {
        crate::db::statement(
            "UPDATE threads SET assignee_id = $2, version = version + 1, changed_xid = pg_current_xact_id()
            WHERE id = $1",
        )
        .bind::<sql::Uuid, _>(self.access.thread())
        .bind::<sql::Nullable<sql::Uuid>, _>(assignee)
        .execute(conn)
        .await
        .map(drop)
    }

    pub async fn set_status(&self, conn: &mut AsyncPgConnection, status: Status) -> QueryResult<()> {
        crate::db::statement(
            "UPDATE threads SET status = $2, version = version + 1, changed_xid = pg_current_xact_id() WHERE id = $1",
        )
        .bind::<sql::Uuid, _>(self.access.thread())
        .bind::<sql::Text, _>(status.as_str())
        .execute(conn)
        .await
        .map(drop)
    }

    /// Writes the viewer's note to colleagues, if any, and then what everybody is told.
    pub async fn say(&self, conn: &mut AsyncPgConnection, note: Option<&Text>, notice: Notice<'_>) -> Result<()> {
        let mut entries = Vec::with_capacity(2);
        if let Some(note) = note {
            entries.push(self.entry(Kind::Note, Some(self.access.viewer().user), &note.0)?);
        }
        entries.push(self.entry(Kind::Notice, None, &notice.text())?);
        let outcomes = commit_batch(conn, &entries, &[]).await?.entries;
        match outcomes.iter().all(|outcome| matches!(outcome, Outcome::Stored { .. })) {
            true => Ok(()),
            false => Err(Error::Internal(anyhow::anyhow!("a notice was not stored"))),
        }
    }

    fn entry(&self, kind: Kind, sender: Option<UserId>, body: &str) -> Result<NewEntry> {
        let (thread, id) = (self.access.thread(), EntryId::new());
        let sealed = self.key.seal(Place::Entry { thread, id, sender }, body).map_err(anyhow::Error::from)?;
        Ok(NewEntry {
            thread,
            id,
            sender,
            from_staff: true,
            kind,
            priority: Priority::Normal,
            sealed,
            attachments: Vec::new(),
            reply_to: None,
            based_on: None,
        })
    }

    /// The thread after the change. Whoever gave it away sees it no more: they are shown what they did, once.
    pub async fn changed(
        self,
        conn: &mut AsyncPgConnection,
        keyring: &Keyring,
        assignee: Option<Named>,
    ) -> Result<Changed> {
        let access = find_access(conn, *self.access.viewer(), self.access.thread()).await?;
        let thread = match access {
            Some(access) => read_summary(conn, keyring, &access).await?,
            None => Summary {
                assignee,
                can_reply: false,
                cannot_reply_because: Some("A colleague looks after this thread now."),
                ..self.before
            },
        };
        Ok(Changed { thread, changed: true })
    }
}
