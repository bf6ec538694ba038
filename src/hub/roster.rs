//! Who is connected: user → live connections. Fan-out goes by user, so that a thread at rest costs nothing and a
//! connection costs one entry. Knows no thread.

use crate::{
    accounts::Identity,
    hub::{event::Event, wire::Disconnect},
    ids::{ConnectionId, PracticeId, SignInId, UserId},
};
use actix::{Recipient, dev::SendError};
use dashmap::DashMap;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter, clock::Clock as _};
use std::{
    collections::HashSet,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// A user's allowance is remembered so long after the last connection, so that coming back does not renew it.
const REMEMBER: Duration = Duration::from_secs(60);

/// One live connection.
#[derive(Clone)]
pub struct Connection {
    pub id: ConnectionId,
    pub sign_in: SignInId,
    pub session: Recipient<Event>,
    /// Set when an event did not fit into the session's mailbox: it must look what it missed.
    pub lagged: Arc<AtomicBool>,
}

impl Connection {
    fn tell(&self, event: Event) {
        let passing = matches!(event, Event::Passing(_));
        if let Err(SendError::Full(_)) = self.session.try_send(event)
            && !passing
        {
            self.lagged.store(true, Ordering::Release);
        }
    }
}

struct User {
    connections: Vec<Connection>,
    staff_of: Option<PracticeId>,
    sends: Arc<SendAllowance>,
    left_at: Option<Instant>,
}

/// How much a user may send in a minute, over all connections and by REST.
pub struct SendAllowance {
    limiter: DefaultDirectRateLimiter,
    per_minute: u32,
}

impl SendAllowance {
    fn new(per_minute: u32) -> Self {
        let per_minute = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        Self { limiter: RateLimiter::direct(Quota::per_minute(per_minute)), per_minute: per_minute.get() }
    }

    /// Takes one send, or says how long to wait.
    pub fn take(&self) -> Result<(), Duration> {
        self.limiter.check().map_err(|not_until| not_until.wait_time_from(self.limiter.clock().now()))
    }

    /// The allowance.
    pub fn per_minute(&self) -> u32 {
        self.per_minute
    }
}

/// More connections than a user may have.
#[derive(Debug)]
pub struct TooManyConnections;

/// The live connections of this node.
pub struct Roster {
    users: DashMap<UserId, User>,
    staff: DashMap<PracticeId, HashSet<UserId>>,
    sends_per_minute: u32,
    connections_per_user: usize,
}

impl Roster {
    /// Nobody is connected.
    pub fn new(sends_per_minute: u32, connections_per_user: usize) -> Self {
        Self { users: DashMap::new(), staff: DashMap::new(), sends_per_minute, connections_per_user }
    }

    fn user(&self, identity: &Identity) -> dashmap::mapref::one::RefMut<'_, UserId, User> {
        self.users.entry(identity.user).or_insert_with(|| User {
            connections: Vec::new(),
            staff_of: identity.role.is_staff().then_some(identity.practice),
            sends: Arc::new(SendAllowance::new(identity.sends_per_minute.unwrap_or(self.sends_per_minute))),
            left_at: Some(Instant::now()),
        })
    }

    /// The user's allowance of sends.
    pub fn allowance(&self, identity: &Identity) -> Arc<SendAllowance> {
        self.user(identity).sends.clone()
    }

    /// Adds a connection; events reach it from here on.
    pub fn join(&self, identity: &Identity, connection: Connection) -> Result<(), TooManyConnections> {
        let mut user = self.user(identity);
        if user.connections.len() >= self.connections_per_user {
            return Err(TooManyConnections);
        }
        user.connections.push(connection);
        user.left_at = None;
        let staff_of = user.staff_of;
        drop(user);
        if let Some(practice) = staff_of {
            self.staff.entry(practice).or_default().insert(identity.user);
        }
        Ok(())
    }

    /// The connection goes on under another sign-in session.
    pub fn renew(&self, user: UserId, connection: ConnectionId, sign_in: SignInId) {
        if let Some(mut user) = self.users.get_mut(&user)
            && let Some(connection) = user.connections.iter_mut().find(|c| c.id == connection)
        {
            connection.sign_in = sign_in;
        }
    }

    /// Removes a connection.
    pub fn leave(&self, user_id: UserId, connection: ConnectionId) {
        let Some(mut user) = self.users.get_mut(&user_id) else { return };
        user.connections.retain(|c| c.id != connection);
        if !user.connections.is_empty() {
            return;
        }
        user.left_at = Some(Instant::now());
        let staff_of = user.staff_of;
        drop(user);
        if let Some(practice) = staff_of {
            if let Some(mut staff) = self.staff.get_mut(&practice) {
                staff.remove(&user_id);
            }
            self.staff.remove_if(&practice, |_, staff| staff.is_empty());
        }
    }

    /// Tells all connections of `user`, but `except`.
    pub fn tell(&self, user: UserId, except: Option<ConnectionId>, event: &Event) {
        if let Some(user) = self.users.get(&user) {
            for connection in user.connections.iter().filter(|c| Some(c.id) != except) {
                connection.tell(event.clone());
            }
        }
    }

    /// Whether `user` has a connection here.
    pub fn is_connected(&self, user: UserId) -> bool {
        self.users.get(&user).is_some_and(|user| !user.connections.is_empty())
    }

    /// The practice's staff who are connected.
    pub fn connected_staff(&self, practice: PracticeId) -> Vec<UserId> {
        self.staff.get(&practice).map(|staff| staff.iter().copied().collect()).unwrap_or_default()
    }

    /// The sign-in sessions behind all connections.
    pub fn sign_ins(&self) -> HashSet<SignInId> {
        self.users.iter().flat_map(|user| user.connections.iter().map(|c| c.sign_in).collect::<Vec<_>>()).collect()
    }

    /// Closes every connection of these sign-in sessions.
    pub fn end_sign_ins(&self, ended: &HashSet<SignInId>) {
        for user in &self.users {
            for connection in user.connections.iter().filter(|c| ended.contains(&c.sign_in)) {
                connection.tell(Event::Close(Disconnect::SignIn));
            }
        }
    }

    /// Tells everybody.
    pub fn tell_all(&self, event: &Event) {
        for user in &self.users {
            for connection in &user.connections {
                connection.tell(event.clone());
            }
        }
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.users.iter().map(|user| user.connections.len()).sum()
    }

    /// Forgets who left a while ago. Called about once a second.
    pub fn sweep(&self) {
        self.users.retain(|_, user| user.left_at.is_none_or(|at| at.elapsed() < REMEMBER));
    }
}
