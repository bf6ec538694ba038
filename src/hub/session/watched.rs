//! Whose presence a connection is told: those who take part in its threads, for as long as they share one. Pure.

use crate::ids::{ThreadId, UserId};
use std::collections::HashMap;

/// The people by thread, and in how many of the threads each of them is.
#[derive(Default)]
pub struct Watched {
    threads: HashMap<ThreadId, Vec<UserId>>,
    people: HashMap<UserId, u32>,
}

impl Watched {
    /// The thread has these people. Returns those who were not watched before.
    pub fn add(&mut self, thread: ThreadId, people: impl IntoIterator<Item = UserId>) -> Vec<UserId> {
        let mut new = Vec::new();
        let known = self.threads.entry(thread).or_default();
        for user in people {
            if known.contains(&user) {
                continue;
            }
            known.push(user);
            let threads = self.people.entry(user).or_default();
            *threads += 1;
            if *threads == 1 {
                new.push(user);
            }
        }
        new
    }

    /// The thread is not the connection's any more. Returns those who share no other with it.
    pub fn forget(&mut self, thread: ThreadId) -> Vec<UserId> {
        let mut gone = self.threads.remove(&thread).unwrap_or_default();
        gone.retain(|user| {
            let Some(threads) = self.people.get_mut(user) else { return false };
            *threads -= 1;
            *threads == 0 && self.people.remove(user).is_some()
        });
        gone
    }

    /// Everybody.
    pub fn people(&self) -> impl Iterator<Item = &UserId> {
        self.people.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_shares_another_thread_stays_watched() {
        let mut watched = Watched::default();
        let (one, two) = (ThreadId::new(), ThreadId::new());
        let (client, colleague) = (UserId::new(), UserId::new());
        assert_eq!(watched.add(one, [client, colleague]), [client, colleague]);
        assert_eq!(watched.add(two, [colleague]), []);
        assert_eq!(watched.add(one, [client]), [], "once");
        assert_eq!(watched.forget(one), [client]);
        assert_eq!(watched.forget(one), []);
        assert_eq!(watched.forget(two), [colleague]);
        assert_eq!(watched.people().count(), 0);
    }
}
