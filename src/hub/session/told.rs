//! How far the client was told that others have got. What is read from the store and what comes live take different
//! ways, so that the older may come second; a client never sees a mark fall (PROTOCOL G6). Pure.

use crate::{
    ids::{ThreadId, UserId},
    threads::model::{Marks, Summary},
};
use std::collections::HashMap;

/// The marks that the client knows.
#[derive(Default)]
pub struct Told {
    marks: HashMap<ThreadId, HashMap<UserId, Marks>>,
}

impl Told {
    /// Marks that are to be told. None when the client knows as much; otherwise what to say, no less than before.
    pub fn raise(&mut self, thread: ThreadId, user: UserId, marks: Marks) -> Option<Marks> {
        let known = self.marks.entry(thread).or_default().entry(user).or_default();
        let raised = Marks { delivered: known.delivered.max(marks.delivered), read: known.read.max(marks.read) };
        let news = raised != *known;
        *known = raised;
        news.then_some(raised)
    }

    /// Whether the viewer's own marks in a summary, and so its count of what is unread, are older than what was told:
    /// then it has to be read again.
    pub fn is_old(&self, summary: &Summary, viewer: UserId) -> bool {
        let known = self.known(summary.id, viewer);
        summary.marks.read < known.read || summary.marks.delivered < known.delivered
    }

    /// Lifts the others' marks in a summary that is to be told to what the client knows already.
    pub fn lift(&mut self, summary: &mut Summary, viewer: UserId) {
        for person in &mut summary.participants {
            self.raise(summary.id, person.id, person.marks);
            person.marks = self.known(summary.id, person.id);
        }
        self.raise(summary.id, viewer, summary.marks);
    }

    /// The thread is not the connection's any more.
    pub fn forget(&mut self, thread: ThreadId) {
        self.marks.remove(&thread);
    }

    fn known(&self, thread: ThreadId, user: UserId) -> Marks {
        self.marks.get(&thread).and_then(|people| people.get(&user)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_never_falls() {
        let (mut told, thread, user) = (Told::default(), ThreadId::new(), UserId::new());
        let marks = |delivered, read| Marks { delivered, read };
        assert_eq!(told.raise(thread, user, marks(5, 3)), Some(marks(5, 3)));
        assert_eq!(told.raise(thread, user, marks(4, 3)), None);
        assert_eq!(told.raise(thread, user, marks(4, 4)), Some(marks(5, 4)));
        told.forget(thread);
        assert_eq!(told.raise(thread, user, marks(1, 1)), Some(marks(1, 1)));
    }
}
