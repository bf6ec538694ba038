//! The hub as the rest of Carehub sees it: post, mark, say that a thread changed, end a sign-in. Also starts it, keeps
//! its loops going, and brings it down in order.

use super::{
    directory::{Directory, Full},
    event::{Event, Mark, NewMessage, Post, PostError, PostResult, ReplyTo},
    journal::Journal,
    mailbox::Mailroom,
    presence::{Presence, PresenceBoard},
    reader::Reader,
    roster::Roster,
    session::{Doorman, SessionParts},
    trail::Trail,
    wire::{Disconnect, outbound::frame},
};
use crate::{
    accounts::{
        Identity,
        authenticate::{Credential, Unrecognised},
        token::Tokens,
    },
    clock::Clock,
    config::Limits,
    crypto::Keyring,
    emergency::{bell::Bell, recognise::Recogniser},
    ids::{PracticeId, SignInId, ThreadId, UserId},
    threads::model::Marks,
};
use actix::{Arbiter, ArbiterHandle};
use dashmap::DashMap;
use secrecy::SecretString;
use serde::Serialize;
use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

/// Connections of one address that may wait for their `auth`.
const WAITING_PER_ADDRESS: usize = 20;
/// A caller who waits for a post or a mark is told `busy` after this; the journal's own patience is shorter.
const CALL_PATIENCE: Duration = Duration::from_secs(12);
/// A change that is not known after this is found by the position check.
const KNOWN_WITHIN: Duration = Duration::from_secs(2);
/// At the end, mailboxes have so long to tell what was settled.
const FLUSH: Duration = Duration::from_secs(1);
const SWEEP_EVERY: Duration = Duration::from_millis(500);
const POSITIONS_EVERY: Duration = Duration::from_secs(5);
const POSITIONS_RETRY: Duration = Duration::from_millis(500);
const SIGN_INS_EVERY: Duration = Duration::from_secs(2);
/// Sign-in sessions of one question to the store.
const SIGN_INS_AT_ONCE: usize = 5_000;

/// What a hub is made of.
pub struct HubParts {
    pub database_url: SecretString,
    pub keyring: Arc<Keyring>,
    pub tokens: Arc<Tokens>,
    pub clock: Clock,
    pub limits: Limits,
    /// The history's name.
    pub epoch: Uuid,
    /// Rung when an emergency was stored.
    pub bell: Bell,
    pub recogniser: Recogniser,
}

struct Inner {
    journal: Journal,
    reader: Reader,
    roster: Arc<Roster>,
    presence: Arc<PresenceBoard>,
    trail: Trail,
    directory: Arc<Directory>,
    door: DashMap<IpAddr, Arc<AtomicUsize>>,
    clock: Clock,
    limits: Limits,
    bell: Bell,
}

/// The hub. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

impl Hub {
    /// Starts the journal, the reader and the arbiters. Call within an actix system.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(parts: HubParts) -> anyhow::Result<Self> {
        let HubParts { database_url, keyring, tokens, clock, limits, epoch, bell, recogniser } = parts;
        let recovered = Arc::new(Notify::new());
        let on_recovered = recovered.clone();
        let on_recovered = move || on_recovered.notify_one();
        let (queue, patience) = (limits.journal_queue, limits.journal_patience);
        let journal = Journal::start(database_url.clone(), queue, patience, bell.clone(), on_recovered)?;
        let reader = Reader::start(database_url, keyring, tokens, clock.clone(), epoch)?;
        let trail = Trail::start(reader.clone());
        let roster = Arc::new(Roster::new(limits.sends_per_minute, limits.connections_per_user));
        let presence = Arc::new(PresenceBoard::new(clock.clone()));
        let room = Mailroom {
            journal: journal.clone(),
            reader: reader.clone(),
            roster: roster.clone(),
            clock: clock.clone(),
            recogniser,
        };
        let directory = Arc::new(Directory::new(room, Arbiter::current()));
        let inner =
            Inner { journal, reader, roster, presence, trail, directory, door: DashMap::new(), clock, limits, bell };
        let hub = Self { inner: Arc::new(inner) };
        hub.keep_going(&recovered);
        Ok(hub)
    }

    /// Mailboxes may live on this arbiter: called by each web worker.
    pub fn live_on(&self, arbiter: ArbiterHandle) {
        self.inner.directory.live_on(arbiter);
    }

    /// The loops: sweeping, the position check, the watch over sign-ins.
    fn keep_going(&self, recovered: &Arc<Notify>) {
        let hub = self.clone();
        actix::spawn(async move {
            let mut every = tokio::time::interval(SWEEP_EVERY);
            loop {
                every.tick().await;
                hub.inner.directory.sweep();
                hub.inner.roster.sweep();
                hub.inner.presence.sweep();
                hub.inner.door.retain(|_, waiting| Arc::strong_count(waiting) > 1);
                hub.show_gauges();
            }
        });
        let (hub, recovered) = (self.clone(), recovered.clone());
        actix::spawn(async move {
            let mut next = POSITIONS_EVERY;
            loop {
                // At once after a spell without the store: what a failed try had stored all the same is shown now.
                let _ = tokio::time::timeout(next, recovered.notified()).await;
                next = if hub.inner.directory.check_positions().await { POSITIONS_EVERY } else { POSITIONS_RETRY };
            }
        });
        let hub = self.clone();
        actix::spawn(async move {
            let mut every = tokio::time::interval(SIGN_INS_EVERY);
            loop {
                every.tick().await;
                hub.end_ended_sign_ins().await;
            }
        });
    }

    async fn end_ended_sign_ins(&self) {
        let sign_ins: Vec<SignInId> = self.inner.roster.sign_ins().into_iter().collect();
        for some in sign_ins.chunks(SIGN_INS_AT_ONCE) {
            // The store being away ends nobody's connection.
            let Ok(ended) = self.inner.reader.ended(some.to_vec()).await else { return };
            if !ended.is_empty() {
                self.inner.roster.end_sign_ins(&ended.into_iter().collect());
            }
        }
    }

    fn show_gauges(&self) {
        metrics::gauge!("carehub_connections").set(self.inner.roster.connections() as f64);
        metrics::gauge!("carehub_mailboxes").set(self.inner.directory.len() as f64);
        metrics::gauge!("carehub_journal_waiting").set(self.inner.journal.waiting() as f64);
    }

    /// Stores a message through its thread's mailbox and shows it to all who take part.
    ///
    /// # Errors
    /// Why it is not stored, or not known to be.
    pub async fn post(&self, sender: &Identity, message: NewMessage) -> PostResult {
        self.take_send(sender).map_err(|retry_after| PostError::RateLimited { retry_after })?;
        let (reply, replied) = oneshot::channel();
        let post = Post { author: Arc::new(sender.person()), message, reply: ReplyTo::Call(reply) };
        self.inner.directory.post(post).map_err(|Full(_)| PostError::busy())?;
        wait(replied).await
    }

    /// Moves the viewer's marks.
    ///
    /// # Errors
    /// `Refused(NotFound)` when the viewer takes no part.
    pub async fn mark(&self, viewer: &Identity, thread: ThreadId, marks: Marks) -> Result<(), PostError> {
        let (reply, replied) = oneshot::channel();
        let mark = Mark { user: viewer.user, marks, connection: None, reply: Some(reply), complaint: None };
        self.inner.directory.mark(thread, mark).map_err(|Full(_)| PostError::busy())?;
        wait(replied).await
    }

    /// Tells the hub of a committed change that did not go through it: a new thread, entries, members, assignee,
    /// status. Comes back when it is known, so that whoever was let in may write at once.
    pub async fn thread_changed(&self, thread: ThreadId) {
        let (done, known) = oneshot::channel();
        self.inner.directory.recheck(thread, done);
        // A mailbox that cannot look now does so later.
        let _ = tokio::time::timeout(KNOWN_WITHIN, known).await;
    }

    /// Tells these people, and the practice's staff, who are connected here, where an emergency stands.
    pub fn tell_of_emergency(&self, practice: PracticeId, people: &[UserId], fields: &impl Serialize) {
        let event = Event::Emergency(frame("escalation", None, fields));
        let staff = self.inner.roster.connected_staff(practice);
        let mut told = HashSet::new();
        for user in people.iter().copied().chain(staff).filter(|user| told.insert(*user)) {
            self.inner.roster.tell(user, None, &event);
        }
    }

    /// Takes one from the user's allowance of sends, for what is stored without [`Hub::post`].
    ///
    /// # Errors
    /// How long to wait.
    pub fn take_send(&self, sender: &Identity) -> Result<(), Duration> {
        self.inner.roster.allowance(sender).take()
    }

    /// Closes the live connections of a sign-in session that ended.
    pub fn end_sign_in(&self, sign_in: SignInId) {
        self.inner.roster.end_sign_ins(&HashSet::from([sign_in]));
    }

    /// Tells all connections of `user` on this node of something. Whoever is slow finds it in their list.
    pub fn notify(&self, user: UserId, notification: &impl serde::Serialize) {
        let event = Event::Passing(frame("notification", None, notification));
        self.inner.roster.tell(user, None, &event);
    }

    /// Whether others see that a person is online and writing, from now on. Connections that come later read it
    /// themselves.
    pub fn show_presence(&self, user: UserId, shown: bool) {
        self.inner.presence.show(user, shown);
    }

    /// What others see of a person.
    pub fn presence(&self, user: UserId) -> Presence {
        self.inner.presence.state(user)
    }

    /// Whether the store answers and the journal could write to it.
    pub async fn ready(&self) -> bool {
        let answers = tokio::time::timeout(Duration::from_secs(2), self.inner.reader.ping()).await;
        self.inner.journal.is_alive() && answers.unwrap_or(false)
    }

    /// Recognises a caller.
    pub(super) async fn identify(&self, credential: Credential) -> Result<Identity, Unrecognised> {
        self.inner.reader.identify(credential).await
    }

    /// A place among those who wait for their `auth`, if their address has one left.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Doorman> {
        Doorman::admit(&self.inner.door.entry(address).or_default().clone(), WAITING_PER_ADDRESS)
    }

    /// What a session works with.
    pub(super) fn session_parts(&self) -> SessionParts {
        let inner = &self.inner;
        SessionParts {
            directory: inner.directory.clone(),
            reader: inner.reader.clone(),
            roster: inner.roster.clone(),
            presence: inner.presence.clone(),
            trail: inner.trail.clone(),
            clock: inner.clock.clone(),
            limits: inner.limits,
            bell: inner.bell.clone(),
        }
    }

    /// The end: nothing is taken any more, everything that was taken is settled and told (at most so long), then
    /// everybody is asked to come back later.
    pub async fn close(&self, at_most: Duration) -> bool {
        let settle = async {
            let drained = self.inner.journal.drain(at_most).await;
            // What is settled passes through the mailboxes: the close must not overtake it.
            self.inner.directory.flush().await;
            self.inner.trail.flush().await;
            drained
        };
        let drained = tokio::time::timeout(at_most + FLUSH, settle).await.unwrap_or(false);
        self.inner.roster.tell_all(&Event::Close(Disconnect::Restarting));
        drained
    }
}

async fn wait<T>(replied: oneshot::Receiver<Result<T, PostError>>) -> Result<T, PostError> {
    match tokio::time::timeout(CALL_PATIENCE, replied).await {
        Ok(Ok(result)) => result,
        // The mailbox failed, or is not done in time: send it again.
        Ok(Err(_)) | Err(_) => Err(PostError::busy()),
    }
}
