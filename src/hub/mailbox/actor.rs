//! The mailbox as an actor: takes posts, marks and typing, hands them to the journal, carries out what is settled.

use super::{
    members::{Members, TYPING_LAPSES},
    pending::{self, Notice, Pending, PendingPosts},
    position::Position,
    seal::{Sealed, seal},
};
use crate::{
    clock::Clock,
    crypto::{DataKey, Place},
    emergency::{raise::Noticed, recognise::Recogniser},
    hub::{
        event::{Event, Mark, Origin, Post, PostError, Posted, Recheck, ReplyTo, Type},
        journal::{Journal, MarkSubmission, Settled, Settlement, Submission},
        reader::{Failure, Reader},
        roster::Roster,
    },
    ids::{EntryId, PracticeId, ThreadId, UserId},
    threads::{
        commit::{NewMark, Outcome, Refusal},
        model::Marks,
        record::ThreadRecord,
    },
};
use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, ContextFutureSpawner, Handler, Recipient, WrapFuture,
};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// Requests that may wait while the thread is read for the first time.
const CAPACITY: usize = 4_096;
/// How many messages after `basedOn` an author is shown.
const NEWER_SHOWN: i64 = 50;
const RETRY_MARKS: Duration = Duration::from_millis(500);

/// What every mailbox works with.
#[derive(Clone)]
pub struct Mailroom {
    pub journal: Journal,
    pub reader: Reader,
    pub roster: Arc<Roster>,
    pub clock: Clock,
    pub recogniser: Recogniser,
}

/// The thread, once it is read.
pub(super) struct Thread {
    pub practice: PracticeId,
    pub key: Arc<DataKey>,
    /// The client's.
    pub language: String,
    pub unassigned: bool,
    pub position: Position,
    pub members: Members,
    /// Those who took part once, when the thread was read.
    left: Vec<UserId>,
}

/// A caller who waits until a mark is stored.
pub(super) struct WaitingMark {
    user: UserId,
    marks: Marks,
    reply: oneshot::Sender<Result<(), PostError>>,
}

/// One active thread.
pub struct MailboxActor {
    pub(super) id: ThreadId,
    pub(super) room: Mailroom,
    pub(super) thread: Option<Thread>,
    pub(super) looking: bool,
    /// What had been shown at the last position check.
    pub(super) checked: i64,
    pub(super) look_again: bool,
    /// Those who wait for the look to end.
    pub(super) looked_for: Vec<oneshot::Sender<()>>,
    pub(super) summary_due: bool,
    pub(super) pool_due: bool,
    /// Stored entries that wait to be shown in their order: where they came from.
    pub(super) held: HashMap<EntryId, Origin>,
    pub(super) pending: PendingPosts,
    pub(super) waiting_marks: Vec<WaitingMark>,
    pub(super) marks_due: bool,
    announce: bool,
    /// Nothing was handled yet.
    fresh: bool,
    own: Option<Arc<Recipient<Settled>>>,
    /// Set when the thread could not be read: what every request is told until the actor ends.
    refuse_all: Option<PostError>,
    /// Set on an orderly end; a mailbox that is gone without it has failed.
    pub(super) ended: Arc<AtomicBool>,
}

impl MailboxActor {
    /// A mailbox for thread `id`. `announce`: it takes the place of one that failed, and lets everybody look whether
    /// they missed something.
    pub fn new(id: ThreadId, room: Mailroom, announce: bool, ended: Arc<AtomicBool>) -> Self {
        Self {
            id,
            room,
            thread: None,
            looking: false,
            checked: 0,
            look_again: false,
            looked_for: Vec::new(),
            summary_due: false,
            pool_due: false,
            held: HashMap::new(),
            pending: PendingPosts::default(),
            waiting_marks: Vec::new(),
            marks_due: false,
            announce,
            fresh: true,
            own: None,
            refuse_all: None,
            ended,
        }
    }

    fn loaded(&mut self, found: Result<Option<ThreadRecord>, Failure>, ctx: &mut Context<Self>) {
        let record = match found {
            Ok(Some(record)) => record,
            Ok(None) => return self.end_with(Some(Refusal::NotFound), ctx),
            Err(_) => return self.end_with(None, ctx),
        };
        if record.key.is_destroyed() {
            // The client was erased: whoever took part loses the thread.
            for user in &record.left {
                self.room.roster.tell(*user, None, &Event::Removed { thread: self.id });
            }
            return self.end_with(Some(Refusal::NotFound), ctx);
        }
        let key = match self.room.reader.keyring().unwrap(&record.key) {
            Ok(key) => key,
            Err(error) => {
                tracing::error!(%error, key = %record.key.id, "a data key cannot be unwrapped");
                return self.end_with(None, ctx);
            }
        };
        self.thread = Some(Thread {
            practice: record.practice,
            key,
            language: record.language,
            unassigned: record.unassigned,
            position: Position::at(record.head, record.version),
            members: Members::new(record.participants),
            left: record.left,
        });
        if self.announce {
            self.handle(Recheck::default(), ctx);
        } else if let Some(thread) = &self.thread {
            self.tell_head(thread, false);
        }
    }

    /// What was written before this mailbox was made, it counts as past; those who are connected may have been told of
    /// less, when it was committed by another node, or by a hub that died, after they had synchronised.
    pub(super) fn tell_head(&self, thread: &Thread, begin: bool) {
        let event = Event::Head { thread: self.id, head: thread.position.shown(), begin };
        for person in thread.members.people() {
            self.room.roster.tell(person.id, None, &event);
        }
    }

    /// There is no such thread, or it cannot be read now: everybody who asks is told so, and the next use after that
    /// tries again.
    fn end_with(&mut self, refusal: Option<Refusal>, ctx: &mut Context<Self>) {
        self.ended.store(true, Ordering::Release);
        self.refuse_all = Some(refusal.map_or_else(PostError::busy, PostError::Refused));
        ctx.run_later(Duration::from_millis(100), |_, ctx| ctx.stop());
    }

    fn submit(&mut self, post: Post) -> Result<(), (ReplyTo, PostError)> {
        let Post { author, mut message, reply } = post;
        let refused = self.refuse_all.clone();
        let Some(thread) = self.thread.as_ref().filter(|thread| thread.members.find(author.id).is_some()) else {
            return Err((reply, refused.unwrap_or(PostError::Refused(Refusal::NotFound))));
        };
        let Ok(Sealed { entry, raises, notice }) = seal(thread, &self.room.recogniser, &author, &mut message) else {
            if thread.key.is_destroyed() {
                return Err((reply, PostError::Refused(Refusal::NotFound)));
            }
            tracing::error!(key = %thread.key.id(), "a message cannot be sealed");
            return Err((reply, PostError::Failed));
        };
        let token = self.pending.add(author, message, notice, reply).map_err(|reply| (reply, PostError::busy()))?;
        let Some(own) = self.own.clone() else { return Ok(()) };
        let refused = self.room.journal.submit(Submission { entry, raises, token, reply: own }).is_err();
        if let Some(mut pending) = refused.then(|| self.pending.remove(token)).flatten() {
            pending.tell(Err(PostError::busy()));
        }
        Ok(())
    }

    fn settle(&mut self, token: u64, settlement: Settlement, ctx: &mut Context<Self>) {
        if let Settlement::Late = settlement {
            return self.pending.tell_late(token);
        }
        let Some(mut pending) = self.pending.remove(token) else { return };
        let settlement = match settlement {
            Settlement::Raised { outcome, notice: noticed } => {
                let notice = pending.notice.take();
                self.settle_one(pending, Settlement::Done(outcome), ctx);
                return self.show_notice(notice, noticed, ctx);
            }
            settlement => settlement,
        };
        self.settle_one(pending, settlement, ctx);
    }

    /// What the hub said to an emergency, in the same commit.
    fn show_notice(&mut self, notice: Option<Notice>, noticed: Noticed, ctx: &mut Context<Self>) {
        let (Some(thread), Some(notice)) = (self.thread.as_mut(), notice) else { return };
        if thread.position.hear(noticed.seq, noticed.version) {
            self.show(notice.into_entry(self.id, noticed.seq, noticed.at), None, ctx);
        } else {
            // Something stands between them, or more has changed: the store tells.
            self.look(ctx);
        }
    }

    fn settle_one(&mut self, mut pending: Pending, settlement: Settlement, ctx: &mut Context<Self>) {
        match settlement {
            Settlement::Late | Settlement::Raised { .. } => {}
            Settlement::Unknown => pending.tell(Err(PostError::busy())),
            Settlement::Failed => pending.tell(Err(PostError::Failed)),
            Settlement::Done(Outcome::Refused(Refusal::Newer)) => self.tell_newer(pending, ctx),
            Settlement::Done(Outcome::Refused(refusal)) => pending.tell(Err(PostError::Refused(refusal))),
            Settlement::Done(Outcome::Stored { seq, at, version }) => {
                let posted = Posted { id: pending.message.id, thread: self.id, seq, at, repeated: false };
                pending.tell_stored(Ok(posted));
                let Some(thread) = self.thread.as_mut() else { return };
                let is_next = thread.position.hear(seq, version);
                // What files are called stands in the store.
                if is_next && pending.message.attachments.is_empty() {
                    let origin = pending.origin;
                    self.show(pending.into_entry(seq, at), origin, ctx);
                } else if !thread.position.is_news(seq) {
                    // Read from the store and shown before this message came.
                    self.look_when_behind(ctx);
                } else {
                    self.held.extend(pending.origin.map(|origin| (pending.message.id, origin)));
                    self.look(ctx);
                }
            }
            Settlement::Done(Outcome::Duplicate { seq, at, thread: stored_in, sealed }) => {
                let id = pending.message.id;
                let place = Place::Entry { thread: stored_in, id, sender: Some(pending.author.id) };
                let Some(thread) = self.thread.as_mut() else { return };
                // Another thread's text does not open with this thread's key, but it is another thread anyway.
                let same = stored_in == self.id
                    && thread.key.open(place, &sealed).is_ok_and(|body| body == pending.message.body.0);
                if !same {
                    return pending.tell(Err(PostError::Conflict));
                }
                if thread.position.is_news(seq) && !self.held.contains_key(&id) {
                    // Stored by a try whose answer was lost, and never shown.
                    self.held.extend(pending.origin.map(|origin| (id, origin)));
                    pending.tell_stored(Ok(Posted { id, thread: self.id, seq, at, repeated: true }));
                    thread.position.hear(seq, 0);
                    self.look(ctx);
                } else {
                    pending.tell(Ok(Posted { id, thread: self.id, seq, at, repeated: true }));
                }
            }
        }
    }

    /// Shows the author what colleagues wrote since they looked.
    fn tell_newer(&self, mut pending: Pending, ctx: &mut Context<Self>) {
        let Some(thread) = &self.thread else { return };
        let (reader, id, key) = (self.room.reader.clone(), self.id, thread.key.clone());
        let work = async move {
            let based_on = pending.message.based_on.unwrap_or(0);
            let result = match reader.after(id, key, based_on, NEWER_SHOWN).await {
                Ok(entries) => PostError::Newer(entries),
                Err(_) => PostError::busy(),
            };
            pending.tell(Err(result));
        };
        work.into_actor(self).spawn(ctx);
    }

    fn store_marks(&mut self, ctx: &mut Context<Self>) {
        self.marks_due = false;
        let Some(thread) = self.thread.as_mut() else { return };
        let Some(own) = self.own.clone() else { return };
        let mut again = false;
        for (user, marks) in thread.members.take_wanted() {
            let mark = NewMark { thread: self.id, user, marks };
            if self.room.journal.submit_mark(MarkSubmission { mark, reply: own.clone() }).is_err() {
                thread.members.want(user, marks, None);
                again = true;
            }
        }
        if again {
            self.marks_due = true;
            ctx.run_later(RETRY_MARKS, Self::store_marks);
        }
    }

    fn tell_waiting(&mut self, user: UserId, now: Marks) {
        for waiting in std::mem::take(&mut self.waiting_marks) {
            let reached = waiting.marks.read <= now.read && waiting.marks.delivered <= now.delivered;
            if waiting.user == user && reached {
                // A caller that no longer waits needs no answer.
                let _ = waiting.reply.send(Ok(()));
            } else if !waiting.reply.is_closed() {
                self.waiting_marks.push(waiting);
            }
        }
    }
}

impl Actor for MailboxActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(CAPACITY);
        self.own = Some(Arc::new(ctx.address().recipient()));
        let (reader, id) = (self.room.reader.clone(), self.id);
        // Nothing is handled before the thread is read: requests wait in the mailbox.
        async move { reader.thread(id).await }
            .into_actor(self)
            .map(|found, mailbox, ctx| mailbox.loaded(found, ctx))
            .wait(ctx);
    }
}

impl Handler<Post> for MailboxActor {
    type Result = ();

    fn handle(&mut self, post: Post, _: &mut Context<Self>) {
        self.fresh = false;
        if let Err((reply, error)) = self.submit(post) {
            pending::tell(reply, Err(error));
        }
    }
}

impl Handler<Settled> for MailboxActor {
    type Result = ();

    fn handle(&mut self, settled: Settled, ctx: &mut Context<Self>) {
        for (token, settlement) in settled.entries {
            self.settle(token, settlement, ctx);
        }
        for (user, marks) in settled.marks {
            let Some(thread) = self.thread.as_mut() else { return };
            if let Some((marks, read_moved, by)) = thread.members.moved(user, marks) {
                self.show_receipt(user, marks, read_moved, by);
                self.tell_waiting(user, marks);
            }
        }
    }
}

impl Handler<Mark> for MailboxActor {
    type Result = ();

    fn handle(&mut self, mark: Mark, ctx: &mut Context<Self>) {
        let refused = self.refuse_all.clone().unwrap_or(PostError::Refused(Refusal::NotFound));
        let Some(thread) = self.thread.as_mut().filter(|thread| thread.members.find(mark.user).is_some()) else {
            if let Some(reply) = mark.reply {
                let _ = reply.send(Err(refused));
            } else if let Some(complaint) = mark.complaint {
                complaint.tell(refused);
            }
            return;
        };
        // Nobody has read what is not there.
        let head = thread.position.shown();
        let marks = Marks { delivered: mark.marks.delivered.min(head), read: mark.marks.read.min(head) };
        let Some(collect) = thread.members.want(mark.user, marks, mark.connection) else {
            if let Some(reply) = mark.reply {
                let _ = reply.send(Ok(()));
            }
            return;
        };
        self.waiting_marks.extend(mark.reply.map(|reply| WaitingMark { user: mark.user, marks, reply }));
        if collect.is_zero() {
            self.store_marks(ctx);
        } else if !self.marks_due {
            self.marks_due = true;
            ctx.run_later(collect, Self::store_marks);
        }
    }
}

impl Handler<Type> for MailboxActor {
    type Result = ();

    fn handle(&mut self, typing: Type, ctx: &mut Context<Self>) {
        let Some(thread) = self.thread.as_mut().filter(|thread| thread.members.find(typing.user).is_some()) else {
            let refused = self.refuse_all.clone().unwrap_or(PostError::Refused(Refusal::NotFound));
            return typing.complaint.tell(refused);
        };
        if thread.members.types(typing.user, typing.on, Instant::now()) {
            self.show_typing(typing.user, typing.on);
        }
        if typing.on {
            ctx.run_later(TYPING_LAPSES + Duration::from_millis(10), |mailbox, _| {
                let lapsed = mailbox.thread.as_mut().map(|thread| thread.members.lapsed(Instant::now()));
                for user in lapsed.unwrap_or_default() {
                    mailbox.show_typing(user, false);
                }
            });
        }
    }
}

impl Handler<Recheck> for MailboxActor {
    type Result = ();

    fn handle(&mut self, recheck: Recheck, ctx: &mut Context<Self>) {
        self.summary_due |= recheck.summary;
        self.looked_for.extend(recheck.done);
        if std::mem::take(&mut self.fresh)
            && let Some(thread) = &self.thread
        {
            self.tell_head(thread, true);
            for user in &thread.left {
                self.room.roster.tell(*user, None, &Event::Removed { thread: self.id });
            }
        }
        self.look(ctx);
    }
}
