//! What travels between the parts of the hub. Facts and requests only; no behaviour but [`answer`].

use crate::{
    accounts::Person,
    hub::wire::Disconnect,
    ids::{ConnectionId, EntryId, ObjectId, ThreadId, UserId},
    threads::{
        commit::Refusal,
        model::{Entry, Kind, Marks, Priority, Summary, Text},
    },
};
use actix::{Message, Recipient};
use bytestring::ByteString;
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};
use tokio::sync::oneshot;

/// Hands over what one accepted request is owed. Requests are counted and bounded where they are accepted, so these
/// answers are bounded too, and unlike events none may be dropped because a mailbox is full.
#[allow(clippy::disallowed_methods, reason = "bounded by the requests that were accepted")]
pub fn answer<M: Message<Result = ()> + Send + 'static>(to: &Recipient<M>, message: M) {
    to.do_send(message);
}

/// A message to be sent into a thread.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub id: EntryId,
    pub thread: ThreadId,
    pub kind: Kind,
    pub body: Text,
    pub priority: Priority,
    pub reply_to: Option<EntryId>,
    pub attachments: Vec<ObjectId>,
    pub based_on: Option<i64>,
}

/// A message that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    pub id: EntryId,
    pub thread: ThreadId,
    pub seq: i64,
    pub at: DateTime<Utc>,
    /// It had been stored before, by an earlier send of the same id.
    pub repeated: bool,
}

/// Why a message is not stored, or not known to be.
#[derive(Clone, Debug)]
pub enum PostError {
    Refused(Refusal),
    /// The same id was used for another thread or body.
    Conflict,
    /// What colleagues wrote since the author looked.
    Newer(Vec<Entry>),
    RateLimited {
        retry_after: Duration,
    },
    /// It may or may not be stored: send the same id again.
    Busy {
        retry_after: Duration,
    },
    /// This message alone cannot be stored; it was logged.
    Failed,
}

impl PostError {
    /// The hub cannot take it now.
    pub fn busy() -> Self {
        Self::Busy { retry_after: Duration::from_secs(1) }
    }
}

/// The outcome of a post.
pub type PostResult = Result<Posted, PostError>;

/// Which send of which connection an entry came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub connection: ConnectionId,
    pub token: u64,
}

/// Where the outcome of a post goes.
pub enum ReplyTo {
    /// To a session. A stored entry reaches it as an [`Event::Entry`] with its [`Origin`], in the thread's order;
    /// everything else as [`PostSettled`].
    Connection(ToSession),
    /// To a caller that waits.
    Call(oneshot::Sender<PostResult>),
}

/// The outcome that one session is owed for one post. Dropped without one, because the mailbox that had it failed, it
/// says `busy`: nobody waits in vain.
pub struct ToSession {
    origin: Origin,
    to: Option<Arc<Recipient<PostSettled>>>,
}

impl ToSession {
    /// Owed to `to`.
    pub fn new(origin: Origin, to: Arc<Recipient<PostSettled>>) -> Self {
        Self { origin, to: Some(to) }
    }

    /// Which send it is.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Tells the outcome.
    pub fn settle(mut self, result: PostResult) {
        self.tell(result);
    }

    /// The session hears of it as an [`Event::Entry`].
    pub fn is_told_otherwise(mut self) {
        self.to = None;
    }

    fn tell(&mut self, result: PostResult) {
        if let Some(to) = self.to.take() {
            answer(&to, PostSettled { token: self.origin.token, result });
        }
    }
}

impl Drop for ToSession {
    fn drop(&mut self) {
        self.tell(Err(PostError::busy()));
    }
}

/// What became of a session's post, where that is not a fresh entry.
#[derive(Message)]
#[rtype(result = "()")]
pub struct PostSettled {
    pub token: u64,
    pub result: PostResult,
}

/// Store this message and show it to all.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Post {
    pub author: Arc<Person>,
    pub message: NewMessage,
    pub reply: ReplyTo,
}

/// Where a session is told that a mark or typing went nowhere.
pub struct Complaint {
    /// The `ref` of the frame.
    pub reference: Option<String>,
    /// What the frame is, and which thread it names: for the audit log.
    pub frame: &'static str,
    pub thread: ThreadId,
    pub to: Recipient<Unheard>,
}

/// A mark or typing went nowhere: the user takes no part, or the thread cannot be read now.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Unheard {
    pub reference: Option<String>,
    pub frame: &'static str,
    pub thread: ThreadId,
    pub error: PostError,
}

impl Complaint {
    /// Tells the session.
    pub fn tell(self, error: PostError) {
        let Self { reference, frame, thread, to } = self;
        answer(&to, Unheard { reference, frame, thread, error });
    }
}

/// Move this user's marks.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Mark {
    pub user: UserId,
    pub marks: Marks,
    /// The connection that said so, which needs no receipt.
    pub connection: Option<ConnectionId>,
    /// Told whether the user takes part, once the marks are stored.
    pub reply: Option<oneshot::Sender<Result<(), PostError>>>,
    pub complaint: Option<Complaint>,
}

/// This user is (or no longer is) typing.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Type {
    pub user: UserId,
    pub on: bool,
    pub complaint: Complaint,
}

/// Something outside of the journal changed the thread, or the store was away: look again.
#[derive(Message, Default)]
#[rtype(result = "()")]
pub struct Recheck {
    /// Whether summaries changed (members, assignee, status), not only the head.
    pub summary: bool,
    /// Told when the mailbox knows all that was committed before it was asked.
    pub done: Option<oneshot::Sender<()>>,
}

/// What a session is told.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub enum Event {
    /// A new entry, under the window.
    Entry(EntryEvent),
    /// The thread has come this far: a session that is behind catches up.
    ///
    /// `begin`: one that was never told of the thread begins with its last entry.
    Head { thread: ThreadId, head: i64, begin: bool },
    /// Somebody has got so far. Not lost but by closing.
    Receipt { thread: ThreadId, user: UserId, marks: Marks },
    /// The thread as this user sees it now. Not lost but by closing.
    Thread(Arc<Summary>),
    /// A frame about an emergency. Not lost but by closing.
    Emergency(ByteString),
    /// A frame that may be dropped when the client is slow: typing, presence.
    Passing(ByteString),
    /// The user takes no part any more.
    Removed { thread: ThreadId },
    /// The connection ends.
    Close(Disconnect),
}

/// A new entry as one user sees it.
#[derive(Clone)]
pub struct EntryEvent {
    pub thread: ThreadId,
    pub seq: i64,
    pub id: EntryId,
    pub at: DateTime<Utc>,
    pub frame: ByteString,
    pub origin: Option<Origin>,
}
