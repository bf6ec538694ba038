//! What was handed to the journal and is not settled yet. Pure and bounded.

use crate::{
    accounts::Person,
    hub::event::{NewMessage, Origin, PostError, PostResult, ReplyTo},
    ids::{EntryId, ThreadId, UserId},
    threads::model::{Entry, Kind, Priority, Text},
};
use chrono::{DateTime, Utc};
use std::{collections::HashMap, sync::Arc};

/// Posts of one thread that may be on their way at once.
const LIMIT: usize = 4_096;

/// What the hub says to an emergency.
pub struct Notice {
    pub id: EntryId,
    pub body: Text,
}

impl Notice {
    /// The entry, now that its place is known.
    pub fn into_entry(self, thread: ThreadId, seq: i64, at: DateTime<Utc>) -> Entry {
        Entry {
            thread,
            seq,
            id: self.id,
            kind: Kind::Notice,
            from: None,
            body: self.body,
            priority: Priority::Emergency,
            attachments: Vec::new(),
            reply_to: None,
            at,
        }
    }
}

/// One post on its way.
pub struct Pending {
    pub author: Arc<Person>,
    pub message: NewMessage,
    /// What the hub says with it, where it is an emergency.
    pub notice: Option<Notice>,
    pub origin: Option<Origin>,
    /// None once it was told.
    reply: Option<ReplyTo>,
}

impl Pending {
    /// Tells the sender, unless told already.
    pub fn tell(&mut self, result: PostResult) {
        if let Some(reply) = self.reply.take() {
            tell(reply, result);
        }
    }

    /// A stored entry reaches the session that sent it with its origin; only a waiting caller needs to be told.
    pub fn tell_stored(&mut self, result: PostResult) {
        match self.reply.take() {
            Some(ReplyTo::Connection(session)) => session.is_told_otherwise(),
            // A caller that no longer waits learns it from the thread.
            Some(ReplyTo::Call(caller)) => drop(caller.send(result)),
            None => {}
        }
    }

    /// The entry, now that its place is known.
    pub fn into_entry(self, seq: i64, at: DateTime<Utc>) -> Entry {
        Entry {
            thread: self.message.thread,
            seq,
            id: self.message.id,
            kind: self.message.kind,
            from: Some(self.author.as_ref().clone()),
            body: self.message.body,
            priority: self.message.priority,
            attachments: Vec::new(),
            reply_to: self.message.reply_to,
            at,
        }
    }
}

/// Tells a sender what became of a post.
pub fn tell(reply: ReplyTo, result: PostResult) {
    match reply {
        ReplyTo::Connection(session) => session.settle(result),
        // A caller that no longer waits learns it from the thread.
        ReplyTo::Call(caller) => drop(caller.send(result)),
    }
}

/// All posts on their way.
#[derive(Default)]
pub struct PendingPosts {
    posts: HashMap<u64, Pending>,
    next: u64,
}

impl PendingPosts {
    /// Takes a post in; or gives its reply back, when too many are on their way.
    pub fn add(
        &mut self,
        author: Arc<Person>,
        message: NewMessage,
        notice: Option<Notice>,
        reply: ReplyTo,
    ) -> Result<u64, ReplyTo> {
        if self.posts.len() >= LIMIT {
            return Err(reply);
        }
        let origin = match &reply {
            ReplyTo::Connection(session) => Some(session.origin()),
            ReplyTo::Call(_) => None,
        };
        self.next += 1;
        self.posts.insert(self.next, Pending { author, message, notice, origin, reply: Some(reply) });
        Ok(self.next)
    }

    /// Where a post comes from that is stored but not settled yet.
    pub fn origin(&self, author: Option<UserId>, id: EntryId) -> Option<Origin> {
        let mut posts = self.posts.values();
        posts.find(|post| post.message.id == id && Some(post.author.id) == author)?.origin
    }

    /// Takes a post out.
    pub fn remove(&mut self, token: u64) -> Option<Pending> {
        self.posts.remove(&token)
    }

    /// The sender is told to try again; the outcome may still come.
    pub fn tell_late(&mut self, token: u64) {
        if let Some(pending) = self.posts.get_mut(&token) {
            pending.tell(Err(PostError::busy()));
        }
    }

    /// Whether nothing is on its way.
    pub fn is_empty(&self) -> bool {
        self.posts.is_empty()
    }
}
