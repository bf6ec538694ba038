//! Per thread, what this connection was pushed; over all threads, what it has not confirmed: the window. Pure.
//!
//! A connection starts held: nothing is pushed before its first `sync` has said where to begin, or it was clear that
//! none comes. Otherwise what is said between the connecting and the `sync` would come before what was missed.

use crate::ids::ThreadId;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// What to do with an entry that was heard of.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Send it.
    Push,
    /// It was sent, or is this connection's own.
    Skip,
    /// Others stand before it, or the window is full: catch up later.
    Wait,
}

#[derive(Default)]
struct Feed {
    /// Everything up to here was pushed, or is this connection's own.
    pushed: i64,
    /// The highest seq heard of.
    head: i64,
    /// Own entries above `pushed`, acknowledged by `sent`.
    own: BTreeSet<i64>,
    /// Pushed and not confirmed: seq and bytes.
    unconfirmed: VecDeque<(i64, u32)>,
    waiting: bool,
}

/// All feeds of a connection, under one window.
pub struct Feeds {
    feeds: HashMap<ThreadId, Feed>,
    waiting: VecDeque<ThreadId>,
    frames: usize,
    bytes: usize,
    max_frames: usize,
    max_bytes: usize,
    /// Nothing is pushed yet.
    held: bool,
    /// An entry stood in front of the window and was too large: until something is confirmed, reading is in vain.
    blocked: bool,
    /// While a `sync` is read: what the client said that it has.
    expected: HashMap<ThreadId, i64>,
}

impl Feeds {
    /// Nothing was pushed yet.
    pub fn new(max_frames: usize, max_bytes: usize) -> Self {
        Self {
            feeds: HashMap::new(),
            waiting: VecDeque::new(),
            frames: 0,
            bytes: 0,
            max_frames,
            max_bytes,
            held: true,
            blocked: false,
            expected: HashMap::new(),
        }
    }

    /// From here on entries go out.
    pub fn open(&mut self) {
        self.held = false;
    }

    /// Whether nothing is pushed yet.
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// The client has everything up to `has` (it said so, or was given a list at that time), unless more was pushed.
    /// `head` is what it should get to.
    pub fn start(&mut self, thread: ThreadId, has: i64, head: i64) {
        let (has, held) = (has.min(head), self.held);
        let feed = self.feed(thread, has);
        feed.head = feed.head.max(head);
        // Held, nothing was pushed; or it claims to have what is not there.
        if held || feed.pushed > feed.head {
            feed.pushed = has;
        }
        self.note_waiting(thread);
    }

    /// The client says what it has; until [`Feeds::expect_no_more`], a thread that is heard of first is fed from there.
    /// One that is fed already starts anew: the client may have less than was pushed, after it forgot.
    pub fn expect(&mut self, have: &HashMap<ThreadId, i64>) {
        if self.held {
            return;
        }
        for (thread, has) in have {
            let Some(feed) = self.feeds.get_mut(thread) else {
                // Whatever a client says, there is a next one.
                self.expected.insert(*thread, (*has).min(i64::MAX - 1));
                continue;
            };
            for (_, bytes) in feed.unconfirmed.drain(..) {
                self.frames -= 1;
                self.bytes -= bytes as usize;
                self.blocked = false;
            }
            feed.head = feed.head.max(feed.pushed);
            feed.own.retain(|seq| seq > has);
            feed.pushed = (*has).min(feed.head);
        }
    }

    /// The `sync` was read.
    pub fn expect_no_more(&mut self) {
        self.expected.clear();
    }

    fn feed(&mut self, thread: ThreadId, pushed: i64) -> &mut Feed {
        let pushed = self.expected.get(&thread).copied().unwrap_or(pushed).max(0);
        self.feeds.entry(thread).or_insert_with(|| Feed { pushed, ..Feed::default() })
    }

    /// An entry is there to be pushed.
    pub fn hear(&mut self, thread: ThreadId, seq: i64, bytes: usize) -> Step {
        let (room, held) = (self.has_room(bytes), self.held);
        let feed = self.feed(thread, seq - 1);
        feed.head = feed.head.max(seq);
        if !held && (seq <= feed.pushed || feed.own.contains(&seq)) {
            feed.absorb_own();
            return Step::Skip;
        }
        let next = seq == feed.pushed + 1;
        if held || !next || !room {
            self.blocked |= next && !room;
            self.note_waiting(thread);
            return Step::Wait;
        }
        feed.pushed = seq;
        feed.unconfirmed.push_back((seq, bytes.min(u32::MAX as usize) as u32));
        feed.absorb_own();
        self.frames += 1;
        self.bytes += bytes;
        Step::Push
    }

    /// An entry of this very connection is stored: it gets `sent`, not `entry`.
    pub fn hear_own(&mut self, thread: ThreadId, seq: i64) {
        let held = self.held;
        let feed = self.feed(thread, seq - 1);
        feed.head = feed.head.max(seq);
        // Held, where it will begin is not known: it may be before this one.
        if held {
            feed.own.insert(seq);
        } else if seq > feed.pushed {
            feed.own.insert(seq);
            feed.absorb_own();
        }
        self.note_waiting(thread);
    }

    /// The thread has come to `head`. `begin`: a thread that was not fed begins with its last entry; otherwise one that
    /// was not fed stays so.
    pub fn hear_head(&mut self, thread: ThreadId, head: i64, begin: bool) {
        if !begin && !self.held && !self.feeds.contains_key(&thread) && !self.expected.contains_key(&thread) {
            return;
        }
        let feed = self.feed(thread, if begin { head - 1 } else { head });
        feed.head = feed.head.max(head);
        self.note_waiting(thread);
    }

    /// The client has everything of the thread up to `seq`. True when that made room for what waits.
    pub fn confirm(&mut self, thread: ThreadId, seq: i64) -> bool {
        let Some(feed) = self.feeds.get_mut(&thread) else { return false };
        while let Some((first, bytes)) = feed.unconfirmed.front().copied()
            && first <= seq
        {
            feed.unconfirmed.pop_front();
            self.frames -= 1;
            self.bytes -= bytes as usize;
            self.blocked = false;
        }
        !self.waiting.is_empty() && self.has_room(0)
    }

    /// The next thread that waits and from where to read it; the thread no longer waits.
    pub fn take_waiting(&mut self) -> Option<(ThreadId, i64)> {
        if self.held || self.blocked || !self.has_room(0) {
            return None;
        }
        while let Some(thread) = self.waiting.pop_front() {
            let Some(feed) = self.feeds.get_mut(&thread) else { continue };
            feed.waiting = false;
            feed.absorb_own();
            if feed.pushed < feed.head {
                return Some((thread, feed.pushed));
            }
        }
        None
    }

    /// Puts a thread back that still has something to come.
    pub fn note_waiting(&mut self, thread: ThreadId) {
        if let Some(feed) = self.feeds.get_mut(&thread)
            && feed.pushed < feed.head
            && !feed.waiting
        {
            feed.waiting = true;
            self.waiting.push_back(thread);
        }
    }

    /// The store had nothing beyond what was pushed; unless more was heard of while it was read.
    pub fn exhausted(&mut self, thread: ThreadId) {
        if let Some(feed) = self.feeds.get_mut(&thread).filter(|feed| !feed.waiting) {
            feed.head = feed.pushed;
        }
    }

    /// The user takes no part any more.
    pub fn forget(&mut self, thread: ThreadId) {
        if let Some(feed) = self.feeds.remove(&thread) {
            for (_, bytes) in feed.unconfirmed {
                self.frames -= 1;
                self.bytes -= bytes as usize;
                self.blocked = false;
            }
        }
    }

    /// How many more frames fit.
    pub fn room(&self) -> usize {
        self.max_frames.saturating_sub(self.frames)
    }

    /// The threads that are fed.
    pub fn threads(&self) -> Vec<ThreadId> {
        self.feeds.keys().copied().collect()
    }

    fn has_room(&self, bytes: usize) -> bool {
        // One frame always fits, however large.
        self.frames == 0 || (self.frames < self.max_frames && self.bytes + bytes <= self.max_bytes)
    }
}

impl Feed {
    fn absorb_own(&mut self) {
        while let Some(first) = self.own.first().copied()
            && first <= self.pushed + 1
        {
            self.own.remove(&first);
            self.pushed = self.pushed.max(first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread() -> ThreadId {
        ThreadId::new()
    }

    fn open(frames: usize, bytes: usize) -> Feeds {
        let mut feeds = Feeds::new(frames, bytes);
        feeds.open();
        feeds
    }

    #[test]
    fn entries_go_out_consecutively_from_the_first_one_on() {
        let (mut feeds, t) = (open(10, 1_000), thread());
        assert_eq!(feeds.hear(t, 7, 10), Step::Push);
        assert_eq!(feeds.hear(t, 7, 10), Step::Skip);
        assert_eq!(feeds.hear(t, 9, 10), Step::Wait);
        assert_eq!(feeds.take_waiting(), Some((t, 7)));
        assert_eq!(feeds.hear(t, 8, 10), Step::Push);
        assert_eq!(feeds.hear(t, 9, 10), Step::Push);
        assert_eq!(feeds.take_waiting(), None);
    }

    #[test]
    fn what_is_heard_of_while_nothing_is_found_is_read_after_all() {
        let (mut feeds, t) = (open(10, 1_000), thread());
        feeds.start(t, 5, 6);
        assert_eq!(feeds.take_waiting(), Some((t, 5)));
        feeds.hear_head(t, 7, false);
        feeds.exhausted(t);
        assert_eq!(feeds.take_waiting(), Some((t, 5)));
        feeds.exhausted(t);
        assert_eq!(feeds.take_waiting(), None);
    }

    #[test]
    fn a_full_window_waits_for_delivered() {
        let (mut feeds, t) = (open(2, 1_000), thread());
        assert_eq!(feeds.hear(t, 1, 10), Step::Push);
        assert_eq!(feeds.hear(t, 2, 10), Step::Push);
        assert_eq!(feeds.hear(t, 3, 10), Step::Wait);
        assert_eq!(feeds.take_waiting(), None, "no room");
        assert!(feeds.confirm(t, 1));
        assert_eq!(feeds.take_waiting(), Some((t, 2)));
        assert_eq!(feeds.hear(t, 3, 10), Step::Push);
    }

    #[test]
    fn the_window_counts_bytes_too_but_one_entry_always_fits() {
        let (mut feeds, t) = (open(10, 100), thread());
        assert_eq!(feeds.hear(t, 1, 500), Step::Push);
        assert_eq!(feeds.hear(t, 2, 1), Step::Wait);
        assert_eq!(feeds.take_waiting(), None, "reading it now would be in vain");
        assert!(feeds.confirm(t, 1));
        assert_eq!(feeds.take_waiting(), Some((t, 1)));
    }

    #[test]
    fn nothing_is_pushed_before_the_sync_that_says_where_to_begin() {
        let (mut feeds, t, other) = (Feeds::new(10, 1_000), thread(), thread());
        assert_eq!(feeds.hear(t, 42, 1), Step::Wait);
        feeds.hear_own(t, 43);
        assert_eq!(feeds.hear(other, 7, 1), Step::Wait);
        assert_eq!(feeds.take_waiting(), None);
        feeds.expect(&HashMap::from([(t, 40)]));
        feeds.start(t, 42, 42);
        feeds.start(other, 7, 7);
        feeds.start(t, 40, 42);
        feeds.expect_no_more();
        feeds.open();
        assert_eq!(feeds.take_waiting(), Some((t, 40)));
        assert_eq!(feeds.take_waiting(), None, "the other was told its head");
        assert_eq!(feeds.hear(t, 41, 1), Step::Push);
        assert_eq!(feeds.hear(t, 42, 1), Step::Push);
        assert_eq!(feeds.hear(t, 43, 1), Step::Skip, "its own");
        assert_eq!(feeds.hear(t, 44, 1), Step::Push);
    }

    #[test]
    fn without_a_sync_a_thread_begins_with_what_was_heard_first() {
        let (mut feeds, t) = (Feeds::new(10, 1_000), thread());
        feeds.hear_own(t, 41);
        assert_eq!(feeds.hear(t, 42, 1), Step::Wait);
        feeds.open();
        assert_eq!(feeds.take_waiting(), Some((t, 41)));
        assert_eq!(feeds.hear(t, 42, 1), Step::Push);
    }

    #[test]
    fn who_claims_to_have_what_is_not_there_is_fed_from_the_head() {
        let (mut feeds, t) = (open(10, 1_000), thread());
        feeds.expect(&HashMap::from([(t, 1_000)]));
        assert_eq!(feeds.hear(t, 6, 1), Step::Skip, "not judged yet");
        feeds.start(t, 1_000, 5);
        feeds.expect_no_more();
        assert_eq!(feeds.take_waiting(), Some((t, 5)));
    }

    #[test]
    fn own_entries_fill_their_place_and_are_never_pushed() {
        let (mut feeds, t) = (open(10, 1_000), thread());
        feeds.start(t, 5, 7);
        feeds.hear_own(t, 8);
        assert_eq!(feeds.take_waiting(), Some((t, 5)));
        assert_eq!(feeds.hear(t, 6, 1), Step::Push);
        assert_eq!(feeds.hear(t, 7, 1), Step::Push);
        assert_eq!(feeds.hear(t, 8, 1), Step::Skip);
        assert_eq!(feeds.hear(t, 9, 1), Step::Push);
    }

    #[test]
    fn a_client_that_forgot_gets_it_again() {
        let (mut feeds, t) = (open(10, 1_000), thread());
        assert_eq!(feeds.hear(t, 1, 1), Step::Push);
        assert_eq!(feeds.hear(t, 2, 1), Step::Push);
        feeds.expect(&HashMap::from([(t, 0)]));
        feeds.start(t, 0, 2);
        assert_eq!(feeds.take_waiting(), Some((t, 0)));
        assert_eq!(feeds.hear(t, 1, 1), Step::Push);
    }

    #[test]
    fn a_send_that_is_acknowledged_before_the_first_sync_is_not_pushed_after_it() {
        let (mut feeds, t) = (Feeds::new(10, 1_000), thread());
        assert_eq!(feeds.hear(t, 9, 1), Step::Wait);
        feeds.hear_own(t, 7);
        // `synced` names the thread's head, `have` what the client has.
        feeds.start(t, 9, 9);
        feeds.start(t, 5, 9);
        feeds.open();
        assert_eq!(feeds.take_waiting(), Some((t, 5)));
        assert_eq!(feeds.hear(t, 6, 1), Step::Push);
        assert_eq!(feeds.hear(t, 7, 1), Step::Skip);
        assert_eq!(feeds.hear(t, 8, 1), Step::Push);
    }

    #[test]
    fn a_client_may_claim_to_have_everything_there_can_be() {
        let (mut feeds, t) = (Feeds::new(10, 1_000), thread());
        feeds.open();
        feeds.expect(&HashMap::from([(t, i64::MAX)]));
        assert_eq!(feeds.hear(t, 6, 1), Step::Skip);
        feeds.hear_own(t, 7);
    }

    #[test]
    fn what_comes_while_a_sync_is_read_waits_for_what_was_missed() {
        let (mut feeds, t) = (open(10, 1_000), thread());
        feeds.expect(&HashMap::from([(t, 3)]));
        assert_eq!(feeds.hear(t, 6, 1), Step::Wait);
        feeds.start(t, 3, 5);
        feeds.expect_no_more();
        assert_eq!(feeds.take_waiting(), Some((t, 3)));
    }
}
