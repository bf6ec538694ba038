//! What happens on connections and belongs into the audit log, without a call that could write it: a thread that is
//! pushed to somebody for the first time, a frame that was refused, the connection itself. Written in batches, never in
//! the path of a send. Nothing is forgotten while the store is away: what does not fit is noted at the next occasion.
//!
//! Before anything is pushed at all, the `sync` that asked for it has left its own row (see [`super::reader`]): that one is
//! committed before it is answered. Where the database's disk is full, reading goes on, and that row waits here, too.

use super::reader::Reader;
use crate::{audit::Actor, ids::ThreadId};
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, oneshot};

/// Notes that may wait.
const QUEUE: usize = 65_536;
/// Rows of one statement.
const AT_ONCE: usize = 1_000;
/// Whatever comes within this time is written together.
const EVERY: Duration = Duration::from_millis(100);
const RETRY: Duration = Duration::from_millis(500);

/// What somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A connection of theirs was opened.
    Connected,
    /// They were shown what is said in a thread, for the first time on this connection.
    Viewed(ThreadId),
    /// They fetched a page of a thread while the store could not be written.
    Fetched(ThreadId),
    /// They synchronised while the store could not be written.
    Synchronised,
    /// A frame of theirs named what is not theirs, or not there.
    Refused { frame: &'static str, thread: Option<ThreadId> },
}

/// One note.
#[derive(Clone, Debug)]
pub struct Note {
    pub actor: Arc<Actor>,
    pub deed: Deed,
}

enum Message {
    Note(Note),
    Flush(oneshot::Sender<()>),
}

/// Where notes are taken. Cheap to clone.
#[derive(Clone)]
pub struct Trail {
    messages: mpsc::Sender<Message>,
}

impl Trail {
    /// Starts to write. Call within an actix system.
    pub fn start(reader: Reader) -> Self {
        let (messages, waiting) = mpsc::channel(QUEUE);
        actix::spawn(write(reader, waiting));
        Self { messages }
    }

    /// Takes a note; false when too many wait.
    pub fn note(&self, actor: &Arc<Actor>, deed: Deed) -> bool {
        self.messages.try_send(Message::Note(Note { actor: actor.clone(), deed })).is_ok()
    }

    /// Waits until everything that was noted is written.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.messages.send(Message::Flush(done)).await.is_ok() {
            let _ = written.await;
        }
    }
}

async fn write(reader: Reader, mut waiting: mpsc::Receiver<Message>) {
    let mut messages = Vec::new();
    while waiting.recv_many(&mut messages, AT_ONCE).await > 0 {
        let (mut notes, mut flushed) = (Vec::new(), Vec::new());
        for message in messages.drain(..) {
            match message {
                Message::Note(note) => notes.push(note),
                Message::Flush(done) => flushed.push(done),
            }
        }
        while let Err(error) = reader.record(notes.clone()).await {
            tracing::debug!(%error, "what connections did is not written yet; trying again");
            tokio::time::sleep(RETRY).await;
        }
        for done in flushed {
            let _ = done.send(());
        }
        tokio::time::sleep(EVERY).await;
    }
}
