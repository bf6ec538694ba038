//! Who is online. Connected is not available: a connected person who does nothing is `away`. Watched by those who
//! share a thread; never stored.

use crate::{
    clock::Clock,
    hub::{event::Event, wire::outbound::frame},
    ids::{ConnectionId, UserId},
};
use actix::Recipient;
use chrono::{DateTime, TimeDelta, Utc};
use dashmap::DashMap;
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
    connections: usize,
    last_deed: DateTime<Utc>,
    disconnected_at: Option<DateTime<Utc>>,
    shown: Presence,
}

impl Person {
    fn state(&self, now: DateTime<Utc>) -> Presence {
        match self.disconnected_at {
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

    /// A connection of `user` came.
    pub fn connected(&self, user: UserId) {
        let now = self.clock.now();
        let mut person = self.people.entry(user).or_insert_with(|| Person {
            connections: 0,
            last_deed: now,
            disconnected_at: None,
            shown: Presence::Offline,
        });
        person.connections += 1;
        person.last_deed = now;
        person.disconnected_at = None;
        let changed = person.shown != Presence::Online;
        person.shown = Presence::Online;
        drop(person);
        if changed {
            self.tell(user, Presence::Online);
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
        person.last_deed = self.clock.now();
        if person.shown == Presence::Away {
            person.shown = Presence::Online;
            drop(person);
            self.tell(user, Presence::Online);
        }
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
        self.people.retain(|_, person| person.connections > 0 || person.state(now) != Presence::Offline);
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
