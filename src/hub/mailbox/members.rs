//! Who takes part in a thread, how far they have got, who is typing. Pure; time is an argument.

use crate::{
    ids::{ConnectionId, UserId},
    threads::model::{Marks, Participant},
};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// A person who says nothing further has stopped typing after this.
pub const TYPING_LAPSES: Duration = Duration::from_secs(6);
/// In larger threads receipts are collected for longer, because each goes to everybody.
const LARGE: usize = 20;
const COLLECT: Duration = Duration::from_millis(100);
const COLLECT_IN_LARGE: Duration = Duration::from_secs(2);

/// A mark that is not stored yet.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub marks: Marks,
    pub connection: Option<ConnectionId>,
}

/// Those who take part.
#[derive(Default)]
pub struct Members {
    people: Vec<Participant>,
    wanted: HashMap<UserId, Wanted>,
    reported_by: HashMap<UserId, ConnectionId>,
    typing: HashMap<UserId, Instant>,
}

impl Members {
    /// As the store says.
    pub fn new(people: Vec<Participant>) -> Self {
        Self { people, ..Self::default() }
    }

    /// Everybody.
    pub fn people(&self) -> &[Participant] {
        &self.people
    }

    /// One of them.
    pub fn find(&self, user: UserId) -> Option<&Participant> {
        self.people.iter().find(|person| person.id == user)
    }

    /// Takes over what the store says; returns those who take part no more.
    pub fn replace(&mut self, people: Vec<Participant>) -> Vec<UserId> {
        let gone =
            self.people.iter().map(|person| person.id).filter(|id| !people.iter().any(|p| p.id == *id)).collect();
        self.people = people;
        gone
    }

    /// Wants a mark moved. None when it is as high already; otherwise how long to collect before storing it: a `read`
    /// at once, a mere `delivered` with others.
    pub fn want(&mut self, user: UserId, marks: Marks, connection: Option<ConnectionId>) -> Option<Duration> {
        let now = self.find(user)?.marks;
        let delivered = marks.delivered.max(marks.read);
        if delivered <= now.delivered && marks.read <= now.read {
            return None;
        }
        let wanted = self.wanted.entry(user).or_insert(Wanted { marks: now, connection });
        wanted.marks.delivered = wanted.marks.delivered.max(delivered);
        wanted.marks.read = wanted.marks.read.max(marks.read);
        wanted.connection = connection;
        Some(match (marks.read > now.read, self.people.len() > LARGE) {
            (true, _) => Duration::ZERO,
            (false, true) => COLLECT_IN_LARGE,
            (false, false) => COLLECT,
        })
    }

    /// All marks that wait to be stored.
    pub fn take_wanted(&mut self) -> Vec<(UserId, Marks)> {
        let wanted = std::mem::take(&mut self.wanted);
        for (user, wanted) in &wanted {
            match wanted.connection {
                Some(connection) => self.reported_by.insert(*user, connection),
                None => self.reported_by.remove(user),
            };
        }
        wanted.into_iter().map(|(user, wanted)| (user, wanted.marks)).collect()
    }

    /// A mark is stored. None when nothing moved; otherwise the new marks, whether `read` moved, and the connection
    /// that reported it.
    pub fn moved(&mut self, user: UserId, marks: Marks) -> Option<(Marks, bool, Option<ConnectionId>)> {
        let person = self.people.iter_mut().find(|person| person.id == user)?;
        let before = person.marks;
        person.marks.delivered = before.delivered.max(marks.delivered);
        person.marks.read = before.read.max(marks.read);
        let after = person.marks;
        (after != before).then(|| (after, after.read > before.read, self.reported_by.get(&user).copied()))
    }

    /// Somebody types, or stops. True when others should be told.
    pub fn types(&mut self, user: UserId, on: bool, now: Instant) -> bool {
        if on { self.typing.insert(user, now + TYPING_LAPSES).is_none() } else { self.typing.remove(&user).is_some() }
    }

    /// Those who stopped without saying so.
    pub fn lapsed(&mut self, now: Instant) -> Vec<UserId> {
        let lapsed: Vec<UserId> =
            self.typing.iter().filter(|(_, until)| **until <= now).map(|(user, _)| *user).collect();
        for user in &lapsed {
            self.typing.remove(user);
        }
        lapsed
    }
}
