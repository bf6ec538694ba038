//! Telling the mailboxes what became of their submissions: one message for each mailbox and batch.

use super::{Settled, Settlement, queue::Batch};
use crate::{emergency::raise::Raised, hub::event::answer, ids::ThreadId};
use actix::Recipient;
use std::{collections::HashMap, sync::Arc};

/// Collects what is to be said, by thread.
#[derive(Default)]
pub struct Settling {
    by_thread: HashMap<ThreadId, (Arc<Recipient<Settled>>, Settled)>,
}

impl Settling {
    /// Adds the outcome of an entry.
    pub fn entry(&mut self, thread: ThreadId, reply: &Arc<Recipient<Settled>>, token: u64, settlement: Settlement) {
        self.of(thread, reply).entries.push((token, settlement));
    }

    fn of(&mut self, thread: ThreadId, reply: &Arc<Recipient<Settled>>) -> &mut Settled {
        &mut self.by_thread.entry(thread).or_insert_with(|| (reply.clone(), Settled::default())).1
    }

    /// Adds everything of a batch that was committed.
    pub fn committed(&mut self, batch: Batch, raised: Raised) {
        let Raised { committed, notices } = raised;
        for ((waiting, outcome), notice) in batch.entries.into_iter().zip(committed.entries).zip(notices) {
            let submission = waiting.submission;
            let settlement = match notice {
                Some(notice) => Settlement::Raised { outcome, notice },
                None => Settlement::Done(outcome),
            };
            self.entry(submission.entry.thread, &submission.reply, submission.token, settlement);
        }
        for (submission, moved) in batch.marks.into_iter().zip(committed.marks) {
            if let Some(marks) = moved {
                self.of(submission.mark.thread, &submission.reply).marks.push((submission.mark.user, marks));
            }
        }
    }

    /// Tells everybody. A mailbox that is gone misses nothing: what it would say is in the store, and whoever takes
    /// its place looks there.
    pub fn tell(self) {
        for (reply, settled) in self.by_thread.into_values() {
            answer(&reply, settled);
        }
    }
}
