//! Frames for those who take part: who gets which.

use super::actor::MailboxActor;
use crate::{
    accounts::Role,
    hub::{
        event::{EntryEvent, Event, Origin},
        wire::outbound::{Typing, frame},
    },
    ids::{ConnectionId, UserId},
    threads::{
        access::Viewer,
        model::{Entry, Kind, Marks},
        summaries::Scope,
    },
};
use actix::{AsyncContext, Context, WrapFuture};
use serde::Serialize;
use std::{sync::Arc, time::Duration};

/// Staff who watch the pool hear of a thread's activity together, not entry by entry.
const COLLECT_FOR_POOL: Duration = Duration::from_millis(300);

/// `notification` that a list changed, without saying whose.
#[derive(Serialize)]
struct InboxChanged {
    id: uuid::Uuid,
    kind: &'static str,
    title: &'static str,
    link: &'static str,
    at: chrono::DateTime<chrono::Utc>,
}

impl MailboxActor {
    /// Shows a stored entry to everybody who takes part.
    pub(super) fn show(&mut self, entry: Entry, origin: Option<Origin>, ctx: &mut Context<Self>) {
        let Some(thread) = self.thread.as_mut() else { return };
        if !thread.position.show(entry.seq) {
            return;
        }
        let (seq, id, at) = (entry.seq, entry.id, entry.at);
        let author = entry.from.as_ref().map(|from| from.id);
        let for_clients =
            (entry.kind == Kind::Note).then(|| frame("entry", None, &entry.clone().seen_by(Role::Client)));
        let for_all = frame("entry", None, &entry);
        for person in thread.members.people() {
            let frame = match (&for_clients, person.role) {
                (Some(hidden), Role::Client) => hidden.clone(),
                _ => for_all.clone(),
            };
            // Whose send it was is no one else's business.
            let origin = origin.filter(|_| author == Some(person.id));
            let event = Event::Entry(EntryEvent { thread: self.id, seq, id, at, frame, origin });
            self.room.roster.tell(person.id, None, &event);
        }
        if thread.unassigned && !self.pool_due {
            self.pool_due = true;
            ctx.run_later(COLLECT_FOR_POOL, |mailbox, ctx| {
                mailbox.pool_due = false;
                mailbox.show_pool(ctx);
            });
        }
    }

    /// Tells of a mark that moved: the others, and for `read` the reader's other connections.
    pub(super) fn show_receipt(&self, user: UserId, marks: Marks, read_moved: bool, by: Option<ConnectionId>) {
        let Some(thread) = &self.thread else { return };
        let event = Event::Receipt { thread: self.id, user, marks };
        for person in thread.members.people() {
            if person.id != user {
                self.room.roster.tell(person.id, None, &event);
            } else if read_moved {
                self.room.roster.tell(user, by, &event);
            }
        }
    }

    /// Tells the others that somebody types, or stopped.
    pub(super) fn show_typing(&self, user: UserId, on: bool) {
        let Some(thread) = &self.thread else { return };
        let event = Event::Passing(frame("typing", None, &Typing { thread: self.id, user, on }));
        for person in thread.members.people().iter().filter(|person| person.id != user) {
            self.room.roster.tell(person.id, None, &event);
        }
    }

    /// Pushes the thread's summary to all who take part, each as they see it.
    pub(super) fn show_summaries(&self, ctx: &mut Context<Self>) {
        let Some(thread) = &self.thread else { return };
        let viewers = thread.members.people().iter().map(|person| (person.id, person.role));
        self.push_summaries(viewers.collect(), ctx);
    }

    /// Pushes the summary to the practice's staff while the thread is nobody's.
    pub(super) fn show_pool(&self, ctx: &mut Context<Self>) {
        let Some(thread) = self.thread.as_ref().filter(|thread| thread.unassigned) else { return };
        let staff = self.room.roster.connected_staff(thread.practice);
        let viewers = staff.into_iter().filter(|user| thread.members.find(*user).is_none());
        self.push_summaries(viewers.map(|user| (user, Role::Clinician)).collect(), ctx);
    }

    /// Tells the practice's staff that the thread left the pool: no more than that their lists changed.
    pub(super) fn show_left_pool(&self) {
        let Some(thread) = &self.thread else { return };
        let changed = InboxChanged {
            id: crate::ids::fresh(),
            kind: "inboxChanged",
            title: "The inbox changed",
            link: "/ehr",
            at: self.room.clock.now(),
        };
        let event = Event::Passing(frame("notification", None, &changed));
        for user in self.room.roster.connected_staff(thread.practice) {
            if thread.members.find(user).is_none() {
                self.room.roster.tell(user, None, &event);
            }
        }
    }

    fn push_summaries(&self, viewers: Vec<(UserId, Role)>, ctx: &mut Context<Self>) {
        let Some(thread) = &self.thread else { return };
        let (reader, roster, id, practice) =
            (self.room.reader.clone(), self.room.roster.clone(), self.id, thread.practice);
        let work = async move {
            for (user, role) in viewers.into_iter().filter(|(user, _)| roster.is_connected(*user)) {
                // A summary that cannot be read now comes with the next change or sync.
                let Ok(found) = reader.summaries(Viewer { user, practice, role }, Scope::These(vec![id])).await else {
                    return;
                };
                for summary in found {
                    roster.tell(user, None, &Event::Thread(Arc::new(summary)));
                }
            }
        };
        ctx.spawn(work.into_actor(self));
    }
}
