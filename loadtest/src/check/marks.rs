//! Delivered, read and unread: I12 and I13.

use super::{Findings, Index};
use crate::clock::Nanos;
use crate::history::{Kind, What};
use std::collections::HashMap;
use uuid::Uuid;

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    let shown = Shown::new(index);
    marks_grow(index, &shown, found);
    final_marks_hold(index, found);
    unread_follows_from_marks(index, found);
}

/// How far each user had been shown each thread, over time.
struct Shown(HashMap<(Uuid, u32), Vec<(Nanos, u64)>>);

impl Shown {
    fn new(index: &Index<'_>) -> Self {
        let mut moments: HashMap<(Uuid, u32), Vec<(Nanos, u64)>> = HashMap::new();
        for event in index.events() {
            let Some(user) = index.user_id(event.user) else { continue };
            let (t, thread, seq) = match &event.what {
                // What was there before the run had been shown before it.
                What::Start { thread, seq } => (0, *thread, *seq),
                What::Pushed { thread, entry } => (event.t, *thread, entry.seq),
                // An author has seen what he wrote, from the moment he sent it.
                What::Invoked { thread, id, .. } => match index.places.get(id) {
                    Some((_, seq)) => (event.t, *thread, *seq),
                    None => continue,
                },
                _ => continue,
            };
            moments.entry((user, thread)).or_default().push((t, seq));
        }
        for all in moments.values_mut() {
            all.sort_unstable();
            let mut highest = 0;
            all.iter_mut().for_each(|(_, seq)| {
                highest = highest.max(*seq);
                *seq = highest;
            });
        }
        Self(moments)
    }

    /// The highest `seq` shown by then; `None` for somebody whose devices this run does not have.
    fn by(&self, user: Uuid, thread: u32, t: Nanos) -> Option<u64> {
        let all = self.0.get(&(user, thread))?;
        let after = all.partition_point(|(moment, _)| *moment <= t);
        Some(if after == 0 { 0 } else { all[after - 1].1 })
    }
}

/// I12 as the receipts come.
fn marks_grow(index: &Index<'_>, shown: &Shown, found: &mut Findings) {
    let mut last: HashMap<(u32, u32, u32, Uuid), (u64, u64)> = HashMap::new();
    for event in index.events() {
        let What::Receipt { thread, reader, delivered, read } = event.what else { continue };
        let before = last.entry((event.device, event.connection, thread, reader)).or_insert((0, 0));
        let place = format!("receipt of {reader} in thread {thread} (delivered {delivered}, read {read})");
        if delivered < before.0 || read < before.1 {
            found.add("I12", format!("{place} came after delivered {}, read {}", before.0, before.1));
        }
        *before = (before.0.max(delivered), before.1.max(read));
        if read > delivered {
            found.add("I12", format!("{place}: read, but not delivered"));
        }
        if let Some(dump) = index.dumps.get(&thread)
            && delivered > dump.head()
        {
            found.add("I12", format!("{place} is past the head {}", dump.head()));
        }
        if let Some(seen) = shown.by(reader, thread, event.t)
            && delivered > seen
        {
            found.add("I12", format!("{place}, who had only been shown {seen}"));
        }
    }
}

/// I12 at the end: what others had been told before a user last asked where he stands, holds in the answer. (A receipt
/// that came while the answer was under way may well be newer than it.)
fn final_marks_hold(index: &Index<'_>, found: &mut Findings) {
    let mut last: HashMap<(Uuid, u32), (Nanos, u64, u64)> = HashMap::new();
    for event in index.events() {
        let What::Summary { thread, delivered, read, asked, .. } = event.what else { continue };
        let Some(user) = index.user_id(event.user) else { continue };
        let latest = last.entry((user, thread)).or_default();
        if asked >= latest.0 {
            *latest = (asked, delivered, read);
        }
    }
    let mut told: HashMap<(Uuid, u32), (u64, u64)> = HashMap::new();
    for event in index.events() {
        let What::Receipt { thread, reader, delivered, read } = event.what else { continue };
        if last.get(&(reader, thread)).is_some_and(|(asked, _, _)| event.t < *asked) {
            let top = told.entry((reader, thread)).or_default();
            *top = (top.0.max(delivered), top.1.max(read));
        }
    }
    for ((user, thread), (delivered, read)) in told {
        let Some((_, at_delivered, at_read)) = last.get(&(user, thread)) else { continue };
        if delivered > *at_delivered || read > *at_read {
            found.add("I12", format!("marks of {user} in thread {thread} fell: delivered {delivered} to {at_delivered}, read {read} to {at_read}"));
        }
    }
}

/// I13.
fn unread_follows_from_marks(index: &Index<'_>, found: &mut Findings) {
    // For each reader and thread: how many of the first entries count as unread for him.
    let mut counts: HashMap<(u32, u32), Vec<u64>> = HashMap::new();
    for event in index.events() {
        let What::Summary { thread, head, delivered, read, unread, .. } = event.what else { continue };
        let Some(dump) = index.dumps.get(&thread) else { continue };
        if read > delivered || delivered > head || head > dump.head() {
            found.add("I12", format!("summary of thread {thread} for user {}: read {read}, delivered {delivered}, head {head}, in truth {}", event.user, dump.head()));
            continue;
        }
        // Entries from before the run are not at hand to be counted, and a log with gaps (I5) has
        // no places to count by.
        let countable = read >= dump.after && dump.entries.len() as u64 == dump.head() - dump.after;
        let (Some(unread), true) = (unread, countable) else { continue };
        let own = index.user_id(event.user);
        let running = counts.entry((event.user, thread)).or_insert_with(|| {
            let counted = |total: &mut u64, countable: bool| {
                *total += u64::from(countable);
                Some(*total)
            };
            let countable = dump.entries.iter().map(|entry| entry.kind == Kind::Message && entry.from != own);
            std::iter::once(0).chain(countable.scan(0, counted)).collect()
        });
        let until = |seq: u64| running.get((seq - dump.after) as usize).copied().unwrap_or(0);
        let wanted = until(head) - until(read);
        if unread != wanted {
            found.add("I13", format!("thread {thread} has {wanted} unread entries for user {} (read {read}, head {head}), it was told {unread}", event.user));
        }
    }
}
