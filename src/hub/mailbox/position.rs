//! What was shown of a thread, and what is known to be stored. Pure.

/// Entries up to `shown` went out, in order; entries up to `known` are stored.
#[derive(Debug, Clone, Copy)]
pub struct Position {
    shown: i64,
    known: i64,
    /// The version of members, assignee and status that is in memory.
    version: i64,
    /// The newest version that was heard of.
    known_version: i64,
}

impl Position {
    /// Everything up to `head` belongs to the past.
    pub fn at(head: i64, version: i64) -> Self {
        Self { shown: head, known: head, version, known_version: version }
    }

    /// The last entry that went out.
    pub fn shown(&self) -> i64 {
        self.shown
    }

    /// Hears of an entry that is stored. True when it is the next one and may go out at once; otherwise (others wrote
    /// in between, or who takes part has changed) the store must be read first.
    pub fn hear(&mut self, seq: i64, version: i64) -> bool {
        self.known_version = self.known_version.max(version);
        self.known = self.known.max(seq);
        self.version == self.known_version && seq == self.shown + 1
    }

    /// Notes that an entry went out. False when it had gone out before.
    pub fn show(&mut self, seq: i64) -> bool {
        let next = seq == self.shown + 1;
        if next {
            self.shown = seq;
            self.known = self.known.max(seq);
        }
        next
    }

    /// Takes over what the store says of members, assignee and status.
    pub fn refreshed(&mut self, version: i64) {
        self.version = self.version.max(version);
        self.known_version = self.known_version.max(version);
    }

    /// Whether members, assignee or status in memory are old.
    pub fn is_stale(&self) -> bool {
        self.version < self.known_version
    }

    /// Whether there is something in the store that did not go out.
    pub fn is_behind(&self) -> bool {
        self.shown < self.known || self.is_stale()
    }

    /// Whether this entry is newer than all that went out.
    pub fn is_news(&self, seq: i64) -> bool {
        seq > self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_entry_goes_out_at_once() {
        let mut position = Position::at(5, 1);
        assert!(position.hear(6, 1));
        assert!(position.show(6) && !position.is_behind());
        assert!(!position.hear(8, 1), "7 is missing");
        assert!(position.is_behind());
        assert!(!position.show(8));
        assert!(position.show(7) && position.show(8) && !position.is_behind());
        assert!(!position.show(8), "never twice");
    }

    #[test]
    fn nothing_goes_out_before_changed_members_are_read() {
        let mut position = Position::at(5, 1);
        assert!(!position.hear(6, 2));
        assert!(position.is_stale());
        position.refreshed(2);
        assert!(position.show(6) && !position.is_behind());
    }
}
