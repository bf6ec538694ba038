//! `acknowledge`: taking charge of an emergency. Whoever asked is answered by the `escalation` frame; everybody else is
//! told by the herald.

use super::actor::SessionActor;
use crate::{
    accounts::Permission,
    hub::{
        reader::Taken,
        wire::{Code, Refused, frame},
    },
    ids::EscalationId,
};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::time::Duration;
use tokio::sync::oneshot;

/// A mailbox that takes longer finds it by its position check.
const KNOWN_WITHIN: Duration = Duration::from_secs(2);

impl SessionActor {
    /// Takes it, if nobody else has.
    pub(super) fn acknowledge(&mut self, id: EscalationId, reference: Option<String>, ctx: &mut Context<Self>) {
        let Some((viewer, actor)) = self.who.as_ref().map(|who| (who.viewer(), who.actor.clone())) else { return };
        if !viewer.role.grants(Permission::WorkEscalations) {
            self.note_refused("acknowledge", None);
            return self.send(Refused::no_escalation().with_reference(reference).frame());
        }
        let (reader, bell) = (self.parts.reader.clone(), self.parts.bell.clone());
        let directory = self.parts.directory.clone();
        let work = async move {
            let taken = reader.acknowledge(viewer, actor, id).await;
            bell.ring();
            if let Ok(Taken::Now(told)) = &taken
                && let Some(thread) = told.thread
            {
                // Who has it may write at once: the mailbox knows before they do.
                let (done, known) = oneshot::channel();
                directory.recheck(thread, done);
                let _ = tokio::time::timeout(KNOWN_WITHIN, known).await;
            }
            taken
        };
        ctx.spawn(work.into_actor(self).map(|taken, session, _| {
            let refused = match taken {
                Ok(Taken::Now(told)) => {
                    return session.send(frame("escalation", reference.as_deref(), &told));
                }
                Ok(Taken::Before(holder)) => Refused {
                    acknowledged_by: Some(Box::new(holder)),
                    ..Refused::new(Code::Conflict, "Somebody has this emergency already.")
                },
                Ok(Taken::Over) => Refused::new(Code::Conflict, "This emergency is over."),
                Ok(Taken::Unknown) => {
                    session.note_refused("acknowledge", None);
                    Refused::no_escalation()
                }
                Err(_) => Refused::busy(Duration::from_secs(1)),
            };
            session.send(refused.with_reference(reference).frame());
        }));
    }
}
