//! The session's life: heartbeat, events from mailboxes, its end.

use super::{
    feed::{Feeds, Step},
    flood::Flood,
    link::{FromSocket, ToSocket},
    told::Told,
    watched::Watched,
};
use crate::{
    accounts::{Identity, Person},
    audit::Actor,
    clock::Clock,
    config::Limits,
    emergency::bell::Bell,
    hub::{
        directory::Directory,
        event::{EntryEvent, Event, PostSettled, Unheard},
        presence::PresenceBoard,
        reader::Reader,
        roster::{Roster, SendAllowance},
        trail::{Deed, Trail},
        wire::{
            Disconnect, frame,
            outbound::{Receipt, Sent},
        },
    },
    ids::{ConnectionId, EntryId, ThreadId},
    threads::{access::Viewer, model::Summary},
};
use actix::{
    Actor as _, ActorContext, AsyncContext, Context, Handler, Recipient, SpawnHandle, WrapFuture, dev::SendError,
};
use bytestring::ByteString;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Events and frames that may wait for a session.
const CAPACITY: usize = 2_048;
/// A credential-less connection has so long for its `auth`.
const AUTH_DEADLINE: Duration = Duration::from_secs(10);
/// A session's activity is noted in the store at most this often.
const TOUCH_EVERY: Duration = Duration::from_secs(60);
/// A hung-up close handshake, or a reader that stalled, is cut off after this.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

/// What every session works with.
#[derive(Clone)]
pub struct SessionParts {
    pub directory: Arc<Directory>,
    pub reader: Reader,
    pub roster: Arc<Roster>,
    pub presence: Arc<PresenceBoard>,
    pub trail: Trail,
    pub clock: Clock,
    pub limits: Limits,
    pub bell: Bell,
}

/// A place among the waiting connections of one address, given back when dropped.
pub struct Doorman(Arc<AtomicUsize>);

impl Doorman {
    /// Counts one more that waits; None when `limit` wait already.
    pub fn admit(waiting: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        let taken = waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| (n < limit).then_some(n + 1));
        taken.is_ok().then(|| Self(waiting.clone()))
    }
}

impl Drop for Doorman {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A send on its way.
pub(super) struct InFlight {
    pub id: EntryId,
    pub thread: ThreadId,
    pub reference: Option<String>,
}

/// Who the connection belongs to.
pub(super) struct SignedIn {
    pub identity: Identity,
    pub person: Arc<Person>,
    /// As the audit log names them.
    pub actor: Arc<Actor>,
    pub allowance: Arc<SendAllowance>,
    pub(super) last_touch: Option<Instant>,
}

impl SignedIn {
    pub fn viewer(&self) -> Viewer {
        Viewer::from(&self.identity)
    }
}

/// One connection's session.
pub struct SessionActor {
    pub(super) id: ConnectionId,
    pub(super) parts: SessionParts,
    socket: Recipient<ToSocket>,
    /// Where outcomes of its posts go; made with the first of them.
    pub(super) own: Option<Arc<Recipient<PostSettled>>>,
    /// Cuts the connection from outside, where the socket itself is stuck.
    cut: Box<dyn Fn()>,
    /// From where, for the audit log.
    pub(super) from: Actor,
    /// Threads that the audit log knows to have been shown on this connection.
    viewed: HashSet<ThreadId>,
    pub(super) who: Option<SignedIn>,
    pub(super) waiting_at_door: Option<Doorman>,
    pub(super) signing_in: bool,
    pub(super) feeds: Feeds,
    pub(super) in_flight: HashMap<u64, InFlight>,
    pub(super) next_token: u64,
    pub(super) flood: Flood,
    pub(super) reading: bool,
    pub(super) large_out: bool,
    pub(super) large_waiting: std::collections::VecDeque<super::requests::Large>,
    pub(super) watched: Watched,
    pub(super) told: Told,
    /// A `sync` is being answered: it says where pushing begins.
    pub(super) syncing: bool,
    pub(super) lagged: Arc<AtomicBool>,
    last_heard: Instant,
    pub(super) expiry: Vec<SpawnHandle>,
    pub(super) closing: bool,
}

impl SessionActor {
    /// A session that is signed in, or that waits at the door for its `auth`.
    fn new(
        parts: SessionParts,
        identity: Result<Identity, Doorman>,
        from: Actor,
        socket: Recipient<ToSocket>,
        cut: Box<dyn Fn()>,
    ) -> Self {
        let limits = parts.limits;
        let mut session = Self {
            id: ConnectionId::new(),
            parts,
            socket,
            own: None,
            cut,
            from,
            viewed: HashSet::new(),
            who: None,
            waiting_at_door: None,
            signing_in: false,
            feeds: Feeds::new(limits.window_frames, limits.window_bytes),
            in_flight: HashMap::new(),
            next_token: 0,
            flood: Flood::new(),
            reading: false,
            large_out: false,
            large_waiting: std::collections::VecDeque::new(),
            watched: Watched::default(),
            told: Told::default(),
            syncing: false,
            lagged: Arc::default(),
            last_heard: Instant::now(),
            expiry: Vec::new(),
            closing: false,
        };
        match identity {
            Ok(identity) => session.who = Some(session.signed_in(identity)),
            Err(waiting) => session.waiting_at_door = Some(waiting),
        }
        session
    }

    /// Starts a session; returns where its socket hands over.
    pub fn start_with(
        parts: SessionParts,
        identity: Result<Identity, Doorman>,
        from: Actor,
        socket: Recipient<ToSocket>,
        cut: Box<dyn Fn()>,
    ) -> Recipient<FromSocket> {
        Self::new(parts, identity, from, socket, cut).start().recipient()
    }

    /// Sends a frame. One that does not fit means a client that does not read what it asked for: it is cut off.
    pub(super) fn send(&mut self, frame: ByteString) {
        self.tell_socket(ToSocket::Text(frame));
    }

    pub(super) fn tell_socket(&mut self, message: ToSocket) {
        if self.closing {
            return;
        }
        if let Err(SendError::Full(_)) = self.socket.try_send(message) {
            metrics::counter!("carehub_connections_cut_total", "reason" => "stalled").increment(1);
            (self.cut)();
        }
    }

    /// Ends the connection: with a close frame where the socket still writes, without where it does not.
    pub(super) fn close(&mut self, why: Disconnect, ctx: &mut Context<Self>) {
        if self.closing {
            return;
        }
        self.tell_socket(ToSocket::Close(why));
        self.closing = true;
        self.leave();
        ctx.run_later(CLOSE_PATIENCE, |session, ctx| {
            (session.cut)();
            ctx.stop();
        });
    }

    /// Events no longer reach this session.
    fn leave(&mut self) {
        if let Some(who) = self.who.take() {
            self.parts.roster.leave(who.identity.user, self.id);
            self.parts.presence.unwatch(self.id, self.watched.people());
            self.parts.presence.disconnected(who.identity.user);
        }
    }

    /// The user did something: that keeps the sign-in session alive, and the person present.
    pub(super) fn did_something(&mut self, ctx: &mut Context<Self>) {
        let Some(who) = self.who.as_mut() else { return };
        if who.last_touch.is_some_and(|at| at.elapsed() < TOUCH_EVERY) {
            return;
        }
        who.last_touch = Some(Instant::now());
        self.parts.presence.did_something(who.identity.user);
        let (reader, sign_in) = (self.parts.reader.clone(), who.identity.sign_in);
        // One that fails is made good by the next deed.
        ctx.spawn(async move { drop(reader.touch(vec![sign_in]).await) }.into_actor(self));
    }

    fn beat(&mut self, ctx: &mut Context<Self>) {
        // Two heartbeats of silence end between two beats.
        let left = (self.parts.limits.heartbeat * 2).saturating_sub(self.last_heard.elapsed());
        if left < self.parts.limits.heartbeat {
            ctx.run_later(left, Self::cut_when_silent);
        }
        self.tell_socket(ToSocket::Ping);
    }

    fn cut_when_silent(&mut self, ctx: &mut Context<Self>) {
        if self.last_heard.elapsed() >= self.parts.limits.heartbeat * 2 {
            metrics::counter!("carehub_connections_cut_total", "reason" => "silent").increment(1);
            (self.cut)();
            ctx.stop();
        }
    }

    fn entry(&mut self, entry: EntryEvent, ctx: &mut Context<Self>) {
        let token = match entry.origin {
            Some(origin) if origin.connection == self.id => Some(origin.token),
            // The same id may have been sent on another connection before, and be on its way on this one.
            Some(_) => self.own_send(entry.id),
            None => None,
        };
        match token {
            Some(token) => self.sent(token, entry.thread, entry.seq, &entry),
            None => {
                if self.feeds.hear(entry.thread, entry.seq, entry.frame.len()) == Step::Push {
                    self.note_viewed(entry.thread);
                    self.send(entry.frame);
                }
            }
        }
        self.catch_up(ctx);
    }

    /// Something of this thread is shown here: the audit log is told once a connection.
    pub(super) fn note_viewed(&mut self, thread: ThreadId) {
        let Some(who) = &self.who else { return };
        // Where the note finds no place, the next entry brings it again.
        if !self.viewed.contains(&thread) && self.parts.trail.note(&who.actor, Deed::Viewed(thread)) {
            self.viewed.insert(thread);
        }
    }

    /// A frame named what is not theirs, or not there.
    pub(super) fn note_refused(&self, frame: &'static str, thread: Option<ThreadId>) {
        if let Some(who) = &self.who {
            self.parts.trail.note(&who.actor, Deed::Refused { frame, thread });
        }
    }

    fn sent(&mut self, token: u64, thread: ThreadId, seq: i64, entry: &EntryEvent) {
        let reference = self.in_flight.remove(&token).and_then(|sent| sent.reference);
        let sent = Sent { id: entry.id, thread, seq, at: entry.at };
        self.send(frame("sent", reference.as_deref(), &sent));
        self.feeds.hear_own(thread, seq);
    }

    /// Some event did not fit into this session's mailbox: looks what was missed.
    fn look_when_lagged(&mut self, ctx: &mut Context<Self>) {
        if self.lagged.swap(false, Ordering::AcqRel) {
            self.recover(ctx);
        }
    }
}

impl actix::Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(CAPACITY);
        ctx.run_interval(self.parts.limits.heartbeat, Self::beat);
        if self.who.is_some() {
            self.join(None, ctx);
        } else {
            ctx.run_later(AUTH_DEADLINE, |session, ctx| {
                if session.who.is_none() {
                    session.close(Disconnect::SignIn, ctx);
                }
            });
        }
    }
}

impl Drop for SessionActor {
    fn drop(&mut self) {
        // Also where it failed. Its socket would not notice while the client is silent: it is ended too.
        self.leave();
        if !self.closing {
            (self.cut)();
        }
    }
}

impl Handler<FromSocket> for SessionActor {
    type Result = ();

    fn handle(&mut self, message: FromSocket, ctx: &mut Context<Self>) {
        self.last_heard = Instant::now();
        match message {
            FromSocket::Text(text) if !self.closing => self.request(&text, ctx),
            FromSocket::Text(_) | FromSocket::Alive => {}
            FromSocket::Binary(_) => self.close(Disconnect::Unsupported, ctx),
            FromSocket::Failed(why) => self.close(why, ctx),
            FromSocket::Drained => self.large_left(ctx),
            FromSocket::Closed => {
                self.closing = true;
                self.leave();
                ctx.stop();
            }
        }
        self.look_when_lagged(ctx);
    }
}

impl Handler<Event> for SessionActor {
    type Result = ();

    fn handle(&mut self, event: Event, ctx: &mut Context<Self>) {
        if self.closing {
            return;
        }
        match event {
            Event::Entry(entry) => self.entry(entry, ctx),
            Event::Head { thread, head, begin } => {
                self.feeds.hear_head(thread, head, begin);
                self.catch_up(ctx);
            }
            Event::Receipt { thread, user, marks } => {
                if let Some(marks) = self.told.raise(thread, user, marks) {
                    self.send(frame("receipt", None, &Receipt { thread, user, marks }));
                }
            }
            Event::Thread(summary) => self.tell_threads(vec![Summary::clone(&summary)], ctx),
            Event::Emergency(frame) => self.send(frame),
            Event::Passing(frame) => {
                // It may be dropped.
                let _ = self.socket.try_send(ToSocket::Text(frame));
            }
            Event::Removed { thread } => {
                self.viewed.remove(&thread);
                self.feeds.forget(thread);
                self.told.forget(thread);
                let gone = self.watched.forget(thread);
                self.parts.presence.unwatch(self.id, &gone);
            }
            Event::Close(why) => self.close(why, ctx),
        }
        self.look_when_lagged(ctx);
    }
}

impl Handler<PostSettled> for SessionActor {
    type Result = ();

    fn handle(&mut self, settled: PostSettled, ctx: &mut Context<Self>) {
        self.post_settled(settled);
        self.look_when_lagged(ctx);
    }
}

impl Handler<Unheard> for SessionActor {
    type Result = ();

    fn handle(&mut self, unheard: Unheard, ctx: &mut Context<Self>) {
        self.unheard(unheard, ctx);
    }
}
