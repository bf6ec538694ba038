//! Who is online. Connected is not available: a connected person who does nothing is `away`. Watched by those who
//! share a thread; never stored. Whoever chose not to be seen is offline to everybody else.

use crate::{
    clock::Clock,
    hub::{event::Event, wire::outbound::frame},
    ids::{ConnectionId, UserId},
};
use actix::Recipient;
use chrono::{DateTime, TimeDelta, Utc};
use dashmap::{DashMap, mapref::one::RefMut};
use serde::Serialize;
use std::collections::HashMap;

/// Without a deed for so long, a connected person is away.
const AWAY_AFTER: TimeDelta = TimeDelta::minutes(5);
/// A broken connection usually comes back; only then its user is offline.
const OFFLINE_AFTER: TimeDelta = TimeDelta::seconds(5);

/// What others see of a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Presence {
    Online,
    Away,
    Offline,
}

struct Person {
    /// They let others see it.
    is_shown: bool,
    connections: usize,
    last_deed: DateTime<Utc>,
    disconnected_at: Option<DateTime<Utc>>,
    shown: Presence,
}

impl Person {
    fn state(&self, now: DateTime<Utc>) -> Presence {
        match self.disconnected_at {
            _ if !self.is_shown => Presence::Offline,
            Some(at) if now - at >= OFFLINE_AFTER => Presence::Offline,
            _ if now - self.last_deed >= AWAY_AFTER => Presence::Away,
            _ => Presence::Online,
        }
    }
}

/// The state of everybody, and who watches whom.
pub struct PresenceBoard {
    clock: Clock,
    people: DashMap<UserId, Person>,
    watchers: DashMap<UserId, HashMap<ConnectionId, Recipient<Event>>>,
}

#[derive(Serialize)]
struct Fields {
    user: UserId,
    state: Presence,
}

impl PresenceBoard {
    /// Nobody is there.
    pub fn new(clock: Clock) -> Self {
        Self { clock, people: DashMap::new(), watchers: DashMap::new() }
    }

    /// What others see of `user`.
    pub fn state(&self, user: UserId) -> Presence {
        self.people.get(&user).map_or(Presence::Offline, |person| person.state(self.clock.now()))
    }

    /// A connection of `user` came, who lets others see it, or not.
    pub fn connected(&self, user: UserId, is_shown: bool) {
        let now = self.clock.now();
        let mut person = self.people.entry(user).or_insert_with(|| Person {
            is_shown,
            connections: 0,
            last_deed: now,
            disconnected_at: None,
            shown: Presence::Offline,
        });
        person.connections += 1;
        person.last_deed = now;
        person.disconnected_at = None;
        person.is_shown = is_shown;
        self.settle(user, person, now);
    }

    /// `user` lets others see them from now on, or not any more.
    pub fn show(&self, user: UserId, is_shown: bool) {
        if let Some(mut person) = self.people.get_mut(&user) {
            person.is_shown = is_shown;
            self.settle(user, person, self.clock.now());
        }
    }

    /// Whether others may see `user` come, go and write.
    pub fn is_shown(&self, user: UserId) -> bool {
        self.people.get(&user).is_some_and(|person| person.is_shown)
    }

    /// Tells the others where something changed.
    fn settle(&self, user: UserId, mut person: RefMut<'_, UserId, Person>, now: DateTime<Utc>) {
        let state = person.state(now);
        if person.shown != state {
            person.shown = state;
            drop(person);
            self.tell(user, state);
        }
    }

    /// A connection of `user` went.
    pub fn disconnected(&self, user: UserId) {
        if let Some(mut person) = self.people.get_mut(&user) {
            person.connections = person.connections.saturating_sub(1);
            if person.connections == 0 {
                person.disconnected_at = Some(self.clock.now());
            }
        }
    }

    /// `user` did something.
    pub fn did_something(&self, user: UserId) {
        let Some(mut person) = self.people.get_mut(&user) else { return };
        let now = self.clock.now();
        person.last_deed = now;
        self.settle(user, person, now);
    }

    /// Tells `watcher` of changes of `users` from now on, and at once of those who are there.
    pub fn watch(&self, connection: ConnectionId, watcher: &Recipient<Event>, users: impl IntoIterator<Item = UserId>) {
        for user in users {
            self.watchers.entry(user).or_default().insert(connection, watcher.clone());
            let state = self.state(user);
            if state != Presence::Offline {
                // Presence is told again when it changes: a slow client may miss one.
                let _ = watcher.try_send(presence_event(user, state));
            }
        }
    }

    /// Ends the watching of `users`.
    pub fn unwatch<'a>(&self, connection: ConnectionId, users: impl IntoIterator<Item = &'a UserId>) {
        for user in users {
            if let Some(mut watchers) = self.watchers.get_mut(user) {
                watchers.remove(&connection);
            }
            self.watchers.remove_if(user, |_, watchers| watchers.is_empty());
        }
    }

    /// Notices who went or went quiet. Called about once a second.
    pub fn sweep(&self) {
        let now = self.clock.now();
        let mut changed = Vec::new();
        for mut person in self.people.iter_mut() {
            let state = person.state(now);
            if state != person.shown {
                person.shown = state;
                changed.push((*person.key(), state));
            }
        }
        self.people.retain(|_, person| {
            person.connections > 0 || person.disconnected_at.is_some_and(|at| now - at < OFFLINE_AFTER)
        });
        for (user, state) in changed {
            self.tell(user, state);
        }
    }

    fn tell(&self, user: UserId, state: Presence) {
        if let Some(watchers) = self.watchers.get(&user) {
            let event = presence_event(user, state);
            for watcher in watchers.values() {
                let _ = watcher.try_send(event.clone());
            }
        }
    }
}

fn presence_event(user: UserId, state: Presence) -> Event {
    Event::Passing(frame("presence", None, &Fields { user, state }))
}
