//! Reading what a slow or returning client has missed: one thread at a time, under the window, in order.

use super::{actor::SessionActor, feed::Step};
use crate::{
    hub::{
        reader::Failure,
        wire::{frame, outbound::Sent},
    },
    ids::{EntryId, ThreadId},
    threads::{
        entries::{MAX_READ, Page, Range},
        summaries::Scope,
    },
};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::time::Duration;

const RETRY: Duration = Duration::from_secs(1);
/// A client that does not say by then where to begin (`sync`) is pushed what comes.
const SYNC_PATIENCE: Duration = Duration::from_secs(1);

impl SessionActor {
    /// Pushing begins with the first `sync`; or after a while, when none comes.
    pub(super) fn open_without_sync(&mut self, ctx: &mut Context<Self>) {
        ctx.run_later(SYNC_PATIENCE, |session, ctx| {
            if session.feeds.is_held() && !session.syncing {
                session.feeds.open();
                session.catch_up(ctx);
            }
        });
    }

    /// Reads for the next thread that waits, unless it is reading already or the window is full.
    pub(super) fn catch_up(&mut self, ctx: &mut Context<Self>) {
        if self.reading {
            return;
        }
        let Some(viewer) = self.who.as_ref().map(|who| who.viewer()) else { return };
        let Some((thread, after)) = self.feeds.take_waiting() else { return };
        self.reading = true;
        let limit = (self.feeds.room() as i64).clamp(1, MAX_READ);
        let reader = self.parts.reader.clone();
        let work = async move { reader.page(viewer, thread, Range::After(after), limit).await };
        ctx.spawn(work.into_actor(self).map(move |found, session, ctx| session.caught_up(thread, found, ctx)));
    }

    fn caught_up(&mut self, thread: ThreadId, found: Result<Option<Page>, Failure>, ctx: &mut Context<Self>) {
        self.reading = false;
        match found {
            Ok(Some(page)) if page.entries.is_empty() => {
                self.feeds.exhausted(thread);
                self.catch_up(ctx);
            }
            Ok(Some(page)) => {
                self.push_page(page);
                self.feeds.note_waiting(thread);
                self.catch_up(ctx);
            }
            // Not theirs any more.
            Ok(None) => {
                self.feeds.forget(thread);
                self.catch_up(ctx);
            }
            Err(error) => {
                if let Failure::Read(error) = &error {
                    tracing::warn!(%error, "entries could not be read; trying again");
                }
                ctx.run_later(RETRY, move |session, ctx| {
                    session.feeds.note_waiting(thread);
                    session.catch_up(ctx);
                });
            }
        }
    }

    /// A send of this connection that is on its way.
    pub(super) fn own_send(&self, id: EntryId) -> Option<u64> {
        self.in_flight.iter().find(|(_, sent)| sent.id == id).map(|(token, _)| *token)
    }

    fn push_page(&mut self, page: Page) {
        for entry in page.entries {
            // An own send whose acknowledgement was lost on the way is acknowledged here.
            if let Some(token) = self.own_send(entry.id) {
                let reference = self.in_flight.remove(&token).and_then(|sent| sent.reference);
                let sent = Sent { id: entry.id, thread: entry.thread, seq: entry.seq, at: entry.at };
                self.send(frame("sent", reference.as_deref(), &sent));
                self.feeds.hear_own(entry.thread, entry.seq);
                continue;
            }
            let text = frame("entry", None, &entry);
            match self.feeds.hear(entry.thread, entry.seq, text.len()) {
                Step::Push => {
                    self.note_viewed(entry.thread);
                    self.send(text);
                }
                Step::Skip => {}
                Step::Wait => return,
            }
        }
    }

    /// Events were lost because this session was slow: summaries tell marks and heads anew, and what lies behind them
    /// is read.
    pub(super) fn recover(&mut self, ctx: &mut Context<Self>) {
        let Some(viewer) = self.who.as_ref().map(|who| who.viewer()) else { return };
        let threads = self.feeds.threads();
        let reader = self.parts.reader.clone();
        let work = async move { reader.summaries(viewer, Scope::These(threads)).await };
        ctx.spawn(work.into_actor(self).map(|found, session, ctx| match found {
            Ok(summaries) => {
                for summary in &summaries {
                    session.feeds.hear_head(summary.id, summary.head, true);
                }
                session.tell_threads(summaries, ctx);
                session.catch_up(ctx);
            }
            Err(_) => {
                ctx.run_later(RETRY, |session, ctx| session.recover(ctx));
            }
        }));
    }
}
