//! Reading from the store what this mailbox did not store itself: entries of other nodes and of transactions outside
//! of the journal, changes of members, and whatever a spell without the store left open.

use super::actor::MailboxActor;
use crate::{
    hub::{event::Event, reader::Failure},
    threads::{model::Entry, record::ThreadRecord},
};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::time::Duration;

/// Entries of one read.
const STRIDE: i64 = 200;
const RETRY: Duration = Duration::from_millis(500);

impl MailboxActor {
    /// Starts to read; goes on until nothing is left to show. While it is reading already, it reads once more
    /// afterwards: what was read may be older than the reason to look.
    pub(super) fn look(&mut self, ctx: &mut Context<Self>) {
        let Some(thread) = &self.thread else { return };
        if self.looking {
            self.look_again = true;
            return;
        }
        self.looking = true;
        let (reader, id, key, shown) = (self.room.reader.clone(), self.id, thread.key.clone(), thread.position.shown());
        let work = async move {
            // The entries first: who has left by then must not see what was written after. What is read too early for
            // somebody who joined, they read from the store.
            let entries = reader.after(id, key, shown, STRIDE).await?;
            let record = reader.thread(id).await?;
            Ok((record, entries))
        };
        ctx.spawn(work.into_actor(self).map(|found, mailbox, ctx| mailbox.looked(found, ctx)));
    }

    /// Reads where something in the store was not shown yet.
    pub(super) fn look_when_behind(&mut self, ctx: &mut Context<Self>) {
        if self.thread.as_ref().is_some_and(|thread| thread.position.is_behind()) {
            self.look(ctx);
        }
    }

    fn looked(&mut self, found: Result<(Option<ThreadRecord>, Vec<Entry>), Failure>, ctx: &mut Context<Self>) {
        self.looking = false;
        match found {
            Ok((Some(record), entries)) => {
                self.refresh(record);
                for entry in entries {
                    let author = entry.from.as_ref().map(|from| from.id);
                    let origin = self.held.remove(&entry.id).or_else(|| self.pending.origin(author, entry.id));
                    self.show(entry, origin, ctx);
                }
            }
            Ok((None, _)) => return,
            Err(error) => {
                if let Failure::Read(error) = &error {
                    tracing::warn!(%error, "a thread could not be read; trying again");
                }
                ctx.run_later(RETRY, |mailbox, ctx| mailbox.look(ctx));
                return;
            }
        }
        let behind = self.thread.as_ref().is_some_and(|thread| thread.position.is_behind());
        if std::mem::take(&mut self.look_again) || behind {
            return self.look(ctx);
        }
        for waiting in self.looked_for.drain(..) {
            // Who no longer waits needs no word.
            let _ = waiting.send(());
        }
        if std::mem::take(&mut self.summary_due) {
            self.show_summaries(ctx);
            self.show_pool(ctx);
        }
    }

    /// Takes over who takes part now, and lets those who do not any more know.
    fn refresh(&mut self, record: ThreadRecord) {
        let Some(thread) = self.thread.as_mut() else { return };
        let marks = record.participants.iter().map(|person| (person.id, person.marks)).collect::<Vec<_>>();
        thread.position.refreshed(record.version);
        thread.position.hear(record.head, record.version);
        let left_pool = thread.unassigned && !record.unassigned;
        thread.unassigned = record.unassigned;
        // Marks only grow, also where the store was read before the last of them was moved.
        let moved: Vec<_> =
            marks.into_iter().filter_map(|(user, marks)| Some((user, thread.members.moved(user, marks)?))).collect();
        let mut people = record.participants;
        for person in &mut people {
            if let Some(known) = thread.members.find(person.id) {
                person.marks = known.marks;
            }
        }
        let gone = thread.members.replace(people);
        for (user, (marks, read_moved, by)) in moved {
            self.show_receipt(user, marks, read_moved, by);
        }
        for user in gone {
            self.room.roster.tell(user, None, &Event::Removed { thread: self.id });
        }
        if left_pool {
            self.show_left_pool();
        }
    }
}
