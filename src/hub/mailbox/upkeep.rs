//! What the directory asks of a mailbox: to compare itself with the store, to end when nobody uses it, to be done with
//! what it was given.

use super::actor::MailboxActor;
use actix::{ActorContext, AsyncContext, Context, Handler, Message};
use std::{sync::atomic::Ordering, time::Duration};

/// Where the store says that the thread is.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct At {
    pub head: i64,
    pub version: i64,
}

impl Handler<At> for MailboxActor {
    type Result = ();

    fn handle(&mut self, at: At, ctx: &mut Context<Self>) {
        let Some(thread) = self.thread.as_mut() else { return };
        if thread.position.is_news(at.head) {
            thread.position.hear(at.head, at.version);
        } else {
            thread.position.hear(thread.position.shown(), at.version);
        }
        if thread.position.is_behind() {
            self.summary_due |= thread.position.is_stale();
            return self.look(ctx);
        }
        // Where something was shown since the last check, sessions compare too: whatever they missed, they read.
        let shown = thread.position.shown();
        if std::mem::replace(&mut self.checked, shown) != shown
            && let Some(thread) = &self.thread
        {
            self.tell_head(thread, false);
        }
    }
}

/// The directory no longer leads here: end, once nothing is on its way.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct Retire;

impl Handler<Retire> for MailboxActor {
    type Result = ();

    fn handle(&mut self, _: Retire, ctx: &mut Context<Self>) {
        if self.pending.is_empty() && !self.looking && !self.marks_due && self.waiting_marks.is_empty() {
            self.ended.store(true, Ordering::Release);
            ctx.stop();
        } else {
            ctx.run_later(Duration::from_secs(1), |mailbox, ctx| mailbox.handle(Retire, ctx));
        }
    }
}

/// Answered once everything before it was handled.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct Flush;

impl Handler<Flush> for MailboxActor {
    type Result = ();

    fn handle(&mut self, _: Flush, _: &mut Context<Self>) {}
}
