//! The journal: everything that is said goes through it into PostgreSQL, in batches without a timer: whoever arrives
//! during a commit forms the next batch. At rest an entry costs one commit, under load thousands share one.
//!
//! Invariants: entries of one thread are stored in the order in which they were handed over; nothing is settled as
//! stored before its commit; both queues are bounded; every entry that was taken is settled exactly once.
//!
//! - [`queue`]: what waits, urgent before normal
//! - [`writer`]: the thread that commits
//! - [`settle`]: telling the mailboxes

pub mod queue;
mod settle;
mod writer;

use crate::{
    emergency::{
        bell::Bell,
        raise::{Noticed, Raising},
    },
    ids::{ThreadId, UserId},
    threads::{
        commit::{NewEntry, NewMark, Outcome},
        model::Marks,
    },
};
use actix::{Message, Recipient};
use queue::{Full, Queue};
use secrecy::SecretString;
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// An entry on its way into the store.
pub struct Submission {
    pub entry: NewEntry,
    /// It is an emergency.
    pub raises: Option<Raising>,
    /// The mailbox's own number for it.
    pub token: u64,
    pub reply: Arc<Recipient<Settled>>,
}

/// A mark on its way into the store. Marks of one person in one thread melt into one.
pub struct MarkSubmission {
    pub mark: NewMark,
    pub reply: Arc<Recipient<Settled>>,
}

/// What became of submissions of one mailbox in one batch.
#[derive(Message, Default)]
#[rtype(result = "()")]
pub struct Settled {
    /// In the order of their submission.
    pub entries: Vec<(u64, Settlement)>,
    /// Marks that moved.
    pub marks: Vec<(UserId, Marks)>,
}

/// What became of one entry.
#[derive(Clone, Debug)]
pub enum Settlement {
    Done(Outcome),
    /// Stored with the notice of the emergency that it is.
    Raised {
        outcome: Outcome,
        notice: Noticed,
    },
    /// It has waited too long and its sender should be told so; the outcome follows.
    Late,
    /// Given up while the store was away: stored or not, nobody knows. The sender sends it again.
    Unknown,
    /// This entry alone cannot be stored.
    Failed,
}

/// What the journal did since the start.
#[derive(Default)]
pub struct Counters {
    pub batches: AtomicU64,
    pub entries: AtomicU64,
    pub failures: AtomicU64,
}

struct Shared {
    queue: Mutex<Queue>,
    arrived: Notify,
    settled: Notify,
    in_commit: AtomicBool,
    alive: AtomicBool,
    closing: AtomicBool,
    counters: Counters,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // The queue is whole after every operation on it, also where a holder panicked.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The queue while it takes anything. Looked at under the lock: what gets in before the end is drained.
    fn open_queue(&self) -> Result<MutexGuard<'_, Queue>, Full> {
        let queue = self.queue();
        if self.closing.load(Ordering::Acquire) { Err(Full) } else { Ok(queue) }
    }
}

/// The way into the journal. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

impl Journal {
    /// Starts the writing thread. The bell is rung for every emergency that was stored; `recovered` is called after every
    /// spell without the store.
    pub fn start(
        url: SecretString,
        queue_limit: usize,
        patience: Duration,
        bell: Bell,
        recovered: impl Fn() + Send + 'static,
    ) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::new(queue_limit)),
            arrived: Notify::new(),
            settled: Notify::new(),
            in_commit: AtomicBool::new(false),
            alive: AtomicBool::new(true),
            closing: AtomicBool::new(false),
            counters: Counters::default(),
        });
        writer::spawn(shared.clone(), url, patience, bell, Box::new(recovered))?;
        Ok(Self { shared })
    }

    /// Takes an entry, to be settled later; or refuses it, when too many wait or the hub goes down.
    pub fn submit(&self, submission: Submission) -> Result<(), Full> {
        self.shared.open_queue()?.push(submission, Instant::now())?;
        self.shared.arrived.notify_one();
        Ok(())
    }

    /// Takes a mark; or refuses it, when too many wait or the hub goes down.
    pub fn submit_mark(&self, submission: MarkSubmission) -> Result<(), Full> {
        self.shared.open_queue()?.push_mark(submission)?;
        self.shared.arrived.notify_one();
        Ok(())
    }

    /// Whether the last commit, or try at one, went well.
    pub fn is_alive(&self) -> bool {
        self.shared.alive.load(Ordering::Acquire)
    }

    /// What it did since the start.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// How many entries wait.
    pub fn waiting(&self) -> usize {
        self.shared.queue().len()
    }

    /// Takes nothing any more, and waits until everything that was taken is settled, at most so long. True when it is.
    pub async fn drain(&self, at_most: Duration) -> bool {
        {
            let _queue = self.shared.queue();
            self.shared.closing.store(true, Ordering::Release);
        }
        let idle = async {
            loop {
                let settled = self.shared.settled.notified();
                if self.shared.queue().is_empty() && !self.shared.in_commit.load(Ordering::Acquire) {
                    return;
                }
                let _ = tokio::time::timeout(Duration::from_millis(50), settled).await;
            }
        };
        tokio::time::timeout(at_most, idle).await.is_ok()
    }

    /// The threads whose entries wait: for tests and operators.
    pub fn waiting_threads(&self) -> Vec<ThreadId> {
        self.shared.queue().threads()
    }
}
