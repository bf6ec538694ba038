//! Summaries that are as new as what the client was told. A summary is read from the store while receipts go on coming
//! live; one that is older than a receipt that overtook it is read again, so that its count of unread entries is right.

use super::actor::SessionActor;
use crate::{
    hub::{reader::Changes, wire::frame},
    threads::{model::Summary, summaries::Scope},
};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};

/// So often a summary is read before it is told as it is.
pub const READS: u32 = 4;

/// What is done with summaries that are new enough.
type Then = Box<dyn FnOnce(Changes, &mut SessionActor, &mut Context<SessionActor>)>;

impl SessionActor {
    /// Tells of threads as they are now.
    pub(super) fn tell_threads(&mut self, threads: Vec<Summary>, ctx: &mut Context<Self>) {
        let changes = Changes { threads, ..Changes::default() };
        self.refresh(changes, READS, ctx, |changes, session, _| {
            let Some(user) = session.who.as_ref().map(|who| who.identity.user) else { return };
            for mut summary in changes.threads {
                session.told.lift(&mut summary, user);
                session.send(frame("thread", None, &summary));
            }
        });
    }

    /// Reads again what is older than what the client knows, then goes on.
    pub(super) fn refresh(
        &mut self,
        mut changes: Changes,
        reads: u32,
        ctx: &mut Context<Self>,
        then: impl FnOnce(Changes, &mut Self, &mut Context<Self>) + 'static,
    ) {
        let Some(viewer) = self.who.as_ref().map(|who| who.viewer()) else { return };
        let is_old = |summary: &&Summary| self.told.is_old(summary, viewer.user);
        let old: Vec<_> = changes.threads.iter().filter(is_old).map(|summary| summary.id).collect();
        if old.is_empty() || reads == 0 {
            return then(changes, self, ctx);
        }
        let reader = self.parts.reader.clone();
        let work = async move { reader.summaries(viewer, Scope::These(old)).await };
        ctx.spawn(work.into_actor(self).map(move |found, session, ctx| {
            // Where it cannot be read, what is there is told.
            for newer in found.unwrap_or_default() {
                if let Some(summary) = changes.threads.iter_mut().find(|summary| summary.id == newer.id) {
                    *summary = newer;
                }
            }
            session.refresh_again(changes, reads - 1, ctx, Box::new(then));
        }));
    }

    /// The same, for a continuation of whatever type: a call of itself would have no finite type.
    fn refresh_again(&mut self, changes: Changes, reads: u32, ctx: &mut Context<Self>, then: Then) {
        self.refresh(changes, reads, ctx, then);
    }
}
