//! Who a connection belongs to: its `auth`, its place among the live connections, `welcome`, and the end of what it
//! signed in with.

use super::actor::{SessionActor, SignedIn};
use crate::{
    accounts::{
        Identity,
        authenticate::{Credential, Unrecognised},
    },
    audit::Actor,
    hub::{
        roster::Connection,
        trail::Deed,
        wire::{
            Disconnect, FRAME_BYTES, frame,
            outbound::{self, AuthExpiring, Welcome, WindowSize},
        },
    },
    threads::model::BODY_CHARACTERS,
};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};

/// So long before its end a credential is announced to end.
const EXPIRY_NOTICE: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

impl SessionActor {
    pub(super) fn signed_in(&self, identity: Identity) -> SignedIn {
        let allowance = self.parts.roster.allowance(&identity);
        let (person, actor) = (Arc::new(identity.person()), self.actor(&identity));
        SignedIn { person, actor, identity, allowance, last_touch: None }
    }

    fn actor(&self, identity: &Identity) -> Arc<Actor> {
        Arc::new(Actor {
            user: Some(identity.user),
            practice: Some(identity.practice),
            role: Some(identity.role.as_str()),
            sign_in: Some(identity.sign_in),
            ..self.from.clone()
        })
    }

    /// Takes its place among the live connections and says `welcome`.
    pub(super) fn join(&mut self, reference: Option<&str>, ctx: &mut Context<Self>) {
        let Some(who) = &self.who else { return };
        let connection = Connection {
            id: self.id,
            sign_in: who.identity.sign_in,
            session: ctx.address().recipient(),
            lagged: self.lagged.clone(),
        };
        if self.parts.roster.join(&who.identity, connection).is_err() {
            self.who = None;
            return self.close(Disconnect::TooMany, ctx);
        }
        self.parts.presence.connected(who.identity.user, who.identity.shows_presence);
        self.parts.trail.note(&who.actor, Deed::Connected);
        self.welcome(reference);
        self.watch_expiry(ctx);
        self.open_without_sync(ctx);
    }

    fn welcome(&mut self, reference: Option<&str>) {
        let Some(who) = &self.who else { return };
        let limits = self.parts.limits;
        let welcome = Welcome {
            connection: self.id,
            user: &who.person,
            server_time: self.parts.clock.now(),
            expires_at: who.identity.expires_at,
            epoch: self.parts.reader.epoch(),
            heartbeat_seconds: limits.heartbeat.as_secs(),
            window: WindowSize { frames: limits.window_frames, bytes: limits.window_bytes },
            limits: outbound::Limits {
                frame_bytes: FRAME_BYTES,
                body_characters: BODY_CHARACTERS,
                sends_per_minute: who.allowance.per_minute(),
            },
        };
        let frame = frame("welcome", reference, &welcome);
        self.send(frame);
    }

    /// Announces the end of the credential, and ends with it.
    fn watch_expiry(&mut self, ctx: &mut Context<Self>) {
        for handle in self.expiry.drain(..) {
            ctx.cancel_future(handle);
        }
        let Some(who) = &self.who else { return };
        let ends = who.identity.expires_at;
        let left = (ends - self.parts.clock.now()).to_std().unwrap_or_default();
        let notice = (ends - EXPIRY_NOTICE - self.parts.clock.now()).to_std().unwrap_or_default();
        let announce = ctx.run_later(notice, move |session, _| {
            session.send(frame("authExpiring", None, &AuthExpiring { expires_at: ends }));
        });
        let end = ctx.run_later(left, |session, ctx| session.close(Disconnect::SignIn, ctx));
        self.expiry = vec![announce, end];
    }

    /// An `auth` frame: the first, or one that extends.
    pub(super) fn authenticate(&mut self, token: SecretString, reference: Option<String>, ctx: &mut Context<Self>) {
        if self.signing_in {
            return;
        }
        self.signing_in = true;
        let reader = self.parts.reader.clone();
        let work = async move { reader.identify(Credential::Bearer(token)).await };
        ctx.spawn(work.into_actor(self).map(move |found, session, ctx| {
            session.signing_in = false;
            session.authenticated(found, reference.as_deref(), ctx);
        }));
    }

    fn authenticated(
        &mut self,
        found: Result<Identity, Unrecognised>,
        reference: Option<&str>,
        ctx: &mut Context<Self>,
    ) {
        if self.closing {
            return;
        }
        let identity = match found {
            Ok(identity) => identity,
            Err(Unrecognised::Refused) => return self.close(Disconnect::SignIn, ctx),
            Err(Unrecognised::Away) => {
                let refused = outbound::Refused::busy(Duration::from_secs(1));
                return self.send(refused.with_reference(reference.map(str::to_owned)).frame());
            }
        };
        let actor = self.actor(&identity);
        match &mut self.who {
            None => {
                self.waiting_at_door = None;
                self.who = Some(self.signed_in(identity));
                self.join(reference, ctx);
            }
            Some(who) if who.identity.user != identity.user => self.close(Disconnect::Forbidden, ctx),
            Some(who) => {
                self.parts.roster.renew(identity.user, self.id, identity.sign_in);
                who.identity = identity;
                who.actor = actor;
                self.welcome(reference);
                self.watch_expiry(ctx);
            }
        }
    }
}
