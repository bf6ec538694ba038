//! Thread → mailbox. A mailbox is made on first use, replaced when it failed, retired when nobody used it for a while.

use crate::{
    hub::{
        event::{Mark, Post, Recheck, Type},
        mailbox::{At, Flush, MailboxActor, Mailroom, Retire},
    },
    ids::ThreadId,
};
use actix::{
    Actor, Addr, ArbiterHandle, Handler, Message,
    dev::{SendError, ToEnvelope},
};
use dashmap::DashMap;
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// A mailbox that nobody used for so long is retired.
const IDLE: Duration = Duration::from_secs(300);
/// Threads of one position check.
const CHECKED_AT_ONCE: usize = 1_000;

struct Slot {
    mailbox: Addr<MailboxActor>,
    /// Seconds after the start of the directory at which it was used last.
    used: AtomicU64,
    ended: Arc<AtomicBool>,
}

/// A request did not get into the mailbox: too many wait there. It comes back, with whoever waits for its answer.
#[derive(Debug)]
pub struct Full<M>(pub Box<M>);

/// All active threads of this node.
pub struct Directory {
    slots: DashMap<ThreadId, Slot>,
    arbiters: RwLock<Vec<ArbiterHandle>>,
    /// For threads that are used before any arbiter is there.
    home: ArbiterHandle,
    room: Mailroom,
    started: Instant,
    /// Mailboxes that failed and were replaced.
    pub replaced: AtomicU64,
}

impl Directory {
    /// With no thread active.
    pub fn new(room: Mailroom, home: ArbiterHandle) -> Self {
        Self {
            slots: DashMap::new(),
            arbiters: RwLock::default(),
            home,
            room,
            started: Instant::now(),
            replaced: AtomicU64::new(0),
        }
    }

    /// How many threads are active.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no thread is active.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Mailboxes may live on this arbiter, too: a thread's on one of them, by its hash. Arbiters of the web workers
    /// save a hop between threads for every second message.
    pub fn live_on(&self, arbiter: ArbiterHandle) {
        self.arbiters.write().unwrap_or_else(PoisonError::into_inner).push(arbiter);
    }

    fn start(&self, thread: ThreadId, announce: bool) -> Slot {
        let mut hasher = DefaultHasher::new();
        thread.hash(&mut hasher);
        let arbiters = self.arbiters.read().unwrap_or_else(PoisonError::into_inner);
        let arbiter = match arbiters.len() {
            0 => &self.home,
            count => &arbiters[hasher.finish() as usize % count],
        };
        let ended = Arc::new(AtomicBool::new(false));
        let actor = MailboxActor::new(thread, self.room.clone(), announce, ended.clone());
        let mailbox = MailboxActor::start_in_arbiter(arbiter, move |_| actor);
        Slot { mailbox, used: AtomicU64::new(self.started.elapsed().as_secs()), ended }
    }

    fn mailbox(&self, thread: ThreadId) -> Addr<MailboxActor> {
        if let Some(slot) = self.slots.get(&thread)
            && slot.mailbox.connected()
            && !slot.ended.load(Ordering::Acquire)
        {
            slot.used.store(self.started.elapsed().as_secs(), Ordering::Relaxed);
            return slot.mailbox.clone();
        }
        let mut slot = self.slots.entry(thread).or_insert_with(|| self.start(thread, false));
        if !slot.mailbox.connected() || slot.ended.load(Ordering::Acquire) {
            let failed = !slot.ended.load(Ordering::Acquire);
            *slot = self.start(thread, failed);
            self.count(failed);
        }
        slot.mailbox.clone()
    }

    fn count(&self, failed: bool) {
        if failed {
            self.replaced.fetch_add(1, Ordering::Relaxed);
            metrics::counter!("carehub_mailboxes_replaced_total").increment(1);
            tracing::error!("a mailbox failed and was replaced");
        }
    }

    fn tell<M>(&self, thread: ThreadId, message: M) -> Result<(), Full<M>>
    where
        M: Message<Result = ()> + Send + 'static,
        MailboxActor: Handler<M>,
        <MailboxActor as Actor>::Context: ToEnvelope<MailboxActor, M>,
    {
        let mut message = message;
        // Once more for a mailbox that ended between the look-up and the sending.
        for _ in 0..2 {
            match self.mailbox(thread).try_send(message) {
                Ok(()) => return Ok(()),
                Err(SendError::Full(back)) => return Err(Full(Box::new(back))),
                Err(SendError::Closed(back)) => message = back,
            }
        }
        Err(Full(Box::new(message)))
    }

    /// Hands a post to its thread's mailbox.
    pub fn post(&self, post: Post) -> Result<(), Full<Post>> {
        self.tell(post.message.thread, post)
    }

    /// Hands marks over.
    pub fn mark(&self, thread: ThreadId, mark: Mark) -> Result<(), Full<Mark>> {
        self.tell(thread, mark)
    }

    /// Hands typing over. One that does not fit is dropped: it lapses anyway.
    pub fn typing(&self, thread: ThreadId, typing: Type) {
        drop(self.tell(thread, typing));
    }

    /// Lets the mailbox look at a thread that was changed outside of the journal; makes one, so that those who are
    /// connected hear of a thread that was not active.
    pub fn recheck(&self, thread: ThreadId, done: oneshot::Sender<()>) {
        // One that is full looks when it comes to the position check.
        drop(self.tell(thread, Recheck { summary: true, done: Some(done) }));
    }

    /// Waits until every mailbox has handled what it was given before.
    pub async fn flush(&self) {
        let flushes: Vec<_> = self.slots.iter().map(|slot| slot.mailbox.send(Flush)).collect();
        for flush in flushes {
            // One that ended has nothing left to handle.
            let _ = flush.await;
        }
    }

    /// Replaces what failed, retires what is idle. Called about twice a second.
    pub fn sweep(&self) {
        let now = self.started.elapsed().as_secs();
        let mut failed = Vec::new();
        self.slots.retain(|thread, slot| {
            if slot.ended.load(Ordering::Acquire) {
                return false;
            }
            if !slot.mailbox.connected() {
                failed.push(*thread);
                return true;
            }
            let idle = now.saturating_sub(slot.used.load(Ordering::Relaxed)) >= IDLE.as_secs();
            // A retired mailbox that is still reached by an address handed out before ends when it is done.
            !(idle && slot.mailbox.try_send(Retire).is_ok())
        });
        for thread in failed {
            drop(self.mailbox(thread));
        }
    }

    /// Compares every active thread with the store. Heals lost doorbells and whatever a failure left open. False when the
    /// store did not answer.
    pub async fn check_positions(&self) -> bool {
        let threads: Vec<ThreadId> = self.slots.iter().map(|slot| *slot.key()).collect();
        for some in threads.chunks(CHECKED_AT_ONCE) {
            let Ok(found) = self.room.reader.positions(some.to_vec()).await else { return false };
            let found: HashMap<ThreadId, At> =
                found.into_iter().map(|(thread, head, version)| (thread, At { head, version })).collect();
            for (thread, at) in found {
                if let Some(slot) = self.slots.get(&thread) {
                    // A full mailbox is busy with newer things; it is asked again at the next check.
                    let _ = slot.mailbox.try_send(at);
                }
            }
        }
        true
    }
}
