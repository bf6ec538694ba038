//! Judges a history: pure functions from what clients saw and what the hub holds to what was
//! broken. Must never talk to a hub, and is itself tested on histories with planted faults, because
//! a checker that has never found anything is not to be believed.
//!
//! | invariant | says | where |
//! | --- | --- | --- |
//! | I1 | everything acknowledged is stored as it was acknowledged | `stored` |
//! | I2 | nothing is stored or shown that was not sent so, by that sender | `stored` |
//! | I3 | an id is stored once, and every acknowledgement of it is the same | `stored` |
//! | I4 | what was refused for good is not stored | `stored` |
//! | I5 | `seq` counts without gap or repeat | `stored` |
//! | I6 | a position holds the same for everybody | `order` |
//! | I7 | acknowledged before another was sent means standing before it | `order` |
//! | I8 | what one connection sent in order stands in order | `order` |
//! | I9 | pushes of one connection are consecutive, own `sent` fills its hole | `delivery` |
//! | I10 | after settling everybody has everything | `delivery` |
//! | I11 | a stranger sees nothing and learns nothing | `delivery` |
//! | I12 | marks only grow, read ≤ delivered ≤ head, never past what was shown | `marks` |
//! | I13 | unread is what the marks say | `marks` |
//! | I14 | `at` never falls as `seq` grows | `stored` |
//! | I18 | a staff note never reaches a client | `delivery` |

mod delivery;
mod marks;
mod order;
mod stored;
#[cfg(test)]
mod tests;

use crate::clock::Nanos;
use crate::history::{Dump, Entry, Event, History, What};
use std::collections::HashMap;
use std::fmt;
use uuid::Uuid;

/// One broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub invariant: &'static str,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

/// Everything that is wrong with a history, in the order of the invariants.
pub fn check(history: &History) -> Vec<Violation> {
    let index = Index::new(history);
    let mut found = Findings::default();
    stored::check(&index, &mut found);
    order::check(&index, &mut found);
    delivery::check(&index, &mut found);
    marks::check(&index, &mut found);
    found.0.sort_by_key(|violation| violation.invariant[1..].parse().unwrap_or(u32::MAX));
    found.0
}

#[derive(Default)]
struct Findings(Vec<Violation>);

impl Findings {
    fn add(&mut self, invariant: &'static str, what: impl Into<String>) {
        self.0.push(Violation { invariant, what: what.into() });
    }
}

/// A send, once for each time it was sent.
struct Invocation {
    t: Nanos,
    user: u32,
    device: u32,
    connection: u32,
    thread: u32,
    body: u64,
}

/// A history, arranged for looking things up.
struct Index<'a> {
    history: &'a History,
    /// The fullest view of each thread: that of a member of staff where there is one.
    dumps: HashMap<u32, &'a Dump>,
    /// Where each id is stored.
    places: HashMap<Uuid, (u32, u64)>,
    /// In the order of time.
    invocations: HashMap<Uuid, Vec<Invocation>>,
}

impl<'a> Index<'a> {
    fn new(history: &'a History) -> Self {
        let mut index = Self { history, dumps: HashMap::new(), places: HashMap::new(), invocations: HashMap::new() };
        for dump in &history.dumps {
            let client = index.is_client(dump.user);
            index
                .dumps
                .entry(dump.thread)
                .and_modify(|kept| {
                    if !client {
                        *kept = dump
                    }
                })
                .or_insert(dump);
        }
        for dump in index.dumps.values() {
            for entry in &dump.entries {
                index.places.insert(entry.id, (dump.thread, entry.seq));
            }
        }
        for event in &history.events {
            if let What::Invoked { thread, id, body } = event.what {
                let invocation = Invocation {
                    t: event.t,
                    user: event.user,
                    device: event.device,
                    connection: event.connection,
                    thread,
                    body,
                };
                index.invocations.entry(id).or_default().push(invocation);
            }
        }
        index.invocations.values_mut().for_each(|all| all.sort_by_key(|invocation| invocation.t));
        index
    }

    fn is_client(&self, user: u32) -> bool {
        self.history.header.users.get(user as usize).is_some_and(|user| user.role == crate::tokens::Role::Client)
    }

    fn is_member(&self, user: u32, thread: u32) -> bool {
        self.history.header.threads.get(thread as usize).is_some_and(|thread| thread.members.contains(&user))
    }

    /// The id of a user by number.
    fn user_id(&self, user: u32) -> Option<Uuid> {
        self.history.header.users.get(user as usize).map(|user| user.id)
    }

    /// The stored entry at a place; `None` where nothing is stored or nobody looked.
    fn stored(&self, thread: u32, seq: u64) -> Option<&'a Entry> {
        let dump = self.dumps.get(&thread)?;
        let index = seq.checked_sub(dump.after + 1)?;
        // A log without gaps is found by place; with gaps it is searched, and I5 tells of them.
        let by_place = dump.entries.get(index as usize).filter(|entry| entry.seq == seq);
        by_place.or_else(|| dump.entries.iter().find(|entry| entry.seq == seq))
    }

    fn events(&self) -> impl Iterator<Item = &'a Event> {
        self.history.events.iter()
    }
}
