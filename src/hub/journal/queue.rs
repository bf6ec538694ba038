//! What waits for the store: two queues of entries, urgent before normal, and marks that melt. Pure and bounded.

use super::{MarkSubmission, Submission};
use crate::{
    ids::{EntryId, ThreadId, UserId},
    threads::model::Priority,
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::{Duration, Instant},
};

/// The most entries of one batch: beyond a few hundred, more in a commit gains nothing.
pub const BATCH_ENTRIES: usize = 1_000;
/// The most bytes of sealed text in one batch.
pub const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// The most marks of one batch.
pub const BATCH_MARKS: usize = 2_000;

/// Too many wait.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// A submission with the time at which it came.
pub struct Waiting {
    pub submission: Submission,
    pub since: Instant,
    /// Its sender was told that it is late.
    pub told_late: bool,
}

/// What is stored together. No (sender, id) and no (thread, user) stands in it twice.
#[derive(Default)]
pub struct Batch {
    pub entries: Vec<Waiting>,
    pub marks: Vec<MarkSubmission>,
}

impl Batch {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.marks.is_empty()
    }
}

/// What waits.
pub struct Queue {
    urgent: VecDeque<Waiting>,
    normal: VecDeque<Waiting>,
    marks: HashMap<(ThreadId, UserId), MarkSubmission>,
    limit: usize,
}

impl Queue {
    /// At most `limit` entries, and as many marks.
    pub fn new(limit: usize) -> Self {
        Self { urgent: VecDeque::new(), normal: VecDeque::new(), marks: HashMap::new(), limit }
    }

    /// Entries that wait.
    pub fn len(&self) -> usize {
        self.urgent.len() + self.normal.len()
    }

    /// Whether nothing waits, marks included.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.marks.is_empty()
    }

    /// The threads of the entries that wait.
    pub fn threads(&self) -> Vec<ThreadId> {
        self.urgent.iter().chain(&self.normal).map(|waiting| waiting.submission.entry.thread).collect()
    }

    /// Takes an entry. An urgent one takes those of its thread that came before it along, so that no thread's order
    /// is turned around. An emergency always finds a place.
    pub fn push(&mut self, submission: Submission, now: Instant) -> Result<(), Full> {
        let priority = submission.entry.priority;
        if self.len() >= self.limit && priority != Priority::Emergency {
            return Err(Full);
        }
        let thread = submission.entry.thread;
        let waiting = Waiting { submission, since: now, told_late: false };
        if priority == Priority::Normal {
            self.normal.push_back(waiting);
            return Ok(());
        }
        let (along, stay) = std::mem::take(&mut self.normal)
            .into_iter()
            .partition::<VecDeque<_>, _>(|earlier| earlier.submission.entry.thread == thread);
        self.normal = stay;
        self.urgent.extend(along);
        self.urgent.push_back(waiting);
        Ok(())
    }

    /// Takes a mark; it melts with one that waits for the same person and thread.
    pub fn push_mark(&mut self, submission: MarkSubmission) -> Result<(), Full> {
        let key = (submission.mark.thread, submission.mark.user);
        if let Some(waiting) = self.marks.get_mut(&key) {
            let marks = &mut waiting.mark.marks;
            marks.delivered = marks.delivered.max(submission.mark.marks.delivered);
            marks.read = marks.read.max(submission.mark.marks.read);
            waiting.reply = submission.reply;
            return Ok(());
        }
        if self.marks.len() >= self.limit {
            return Err(Full);
        }
        self.marks.insert(key, submission);
        Ok(())
    }

    /// The next batch: urgent first, in the order of arrival, each id of a sender once.
    pub fn take_batch(&mut self) -> Batch {
        let mut batch = Batch::default();
        let mut ids: HashSet<(Option<UserId>, EntryId)> = HashSet::with_capacity(self.len().min(BATCH_ENTRIES));
        let mut bytes = 0;
        'full: for queue in [&mut self.urgent, &mut self.normal] {
            while let Some(next) = queue.front() {
                let entry = &next.submission.entry;
                bytes += entry.sealed.len();
                let full = batch.entries.len() >= BATCH_ENTRIES || (bytes > BATCH_BYTES && !batch.entries.is_empty());
                // A second send of the same id waits for the next batch, which will find the first one stored.
                if full || !ids.insert((entry.sender, entry.id)) {
                    break 'full;
                }
                batch.entries.extend(queue.pop_front());
            }
        }
        if self.marks.len() <= BATCH_MARKS {
            batch.marks.extend(std::mem::take(&mut self.marks).into_values());
        } else {
            let keys: Vec<_> = self.marks.keys().take(BATCH_MARKS).copied().collect();
            batch.marks.extend(keys.iter().filter_map(|key| self.marks.remove(key)));
        }
        batch
    }

    /// Takes out what has waited for longer than `patience`.
    pub fn take_expired(&mut self, patience: Duration, now: Instant) -> Vec<Waiting> {
        let mut expired = Vec::new();
        for queue in [&mut self.urgent, &mut self.normal] {
            // Urgent entries may have taken older ones along, so the oldest is not always in front.
            if queue.iter().any(|waiting| now.duration_since(waiting.since) >= patience) {
                let (old, young) = std::mem::take(queue)
                    .into_iter()
                    .partition::<VecDeque<_>, _>(|waiting| now.duration_since(waiting.since) >= patience);
                *queue = young;
                expired.extend(old);
            }
        }
        expired
    }
}
