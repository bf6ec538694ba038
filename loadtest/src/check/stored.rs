//! What the hub holds against what was sent and acknowledged: I1 to I5 and I14.

use super::{Findings, Index};
use crate::history::{Dump, Entry, Kind, What};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Answers after which a message must not be there.
const FOR_GOOD: [&str; 6] = ["tooLarge", "notFound", "forbidden", "conflict", "threadClosed", "invalid"];

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    acknowledged_is_stored(index, found);
    refused_is_not_stored(index, found);
    for dump in index.history.dumps.iter() {
        numbered_without_gaps(dump, found);
        time_does_not_fall(dump, found);
    }
    for dump in index.dumps.values() {
        stored_was_sent(index, dump, found);
        stored_once(dump, found);
    }
}

/// I1, and I3's half about acknowledgements.
fn acknowledged_is_stored(index: &Index<'_>, found: &mut Findings) {
    let mut answers: HashMap<Uuid, (u64, i64)> = HashMap::new();
    for event in index.events() {
        let What::Sent { thread, id, seq, at } = event.what else { continue };
        let first = *answers.entry(id).or_insert((seq, at));
        if first != (seq, at) {
            found
                .add("I3", format!("{id} was acknowledged as seq {} and as seq {seq}, or at different times", first.0));
        }
        if !index.dumps.contains_key(&thread) {
            continue;
        }
        let sent = index.invocations.get(&id).and_then(|all| all.first());
        match (index.stored(thread, seq), sent) {
            (None, _) => {
                found.add("I1", format!("{id} was acknowledged as seq {seq} of thread {thread} and is not there"))
            }
            (Some(_), None) => found.add("I2", format!("{id} was acknowledged but never sent")),
            (Some(entry), Some(sent)) => {
                let as_acknowledged = entry.id == id
                    && entry.at == at
                    && entry.body == sent.body
                    && entry.from == index.user_id(event.user);
                if !as_acknowledged {
                    found.add(
                        "I1",
                        format!(
                            "seq {seq} of thread {thread} was acknowledged as {id} and holds something else: {entry:?}"
                        ),
                    );
                }
            }
        }
    }
}

/// I4.
fn refused_is_not_stored(index: &Index<'_>, found: &mut Findings) {
    let acknowledged: HashSet<Uuid> = index
        .events()
        .filter_map(|event| match event.what {
            What::Sent { id, .. } => Some(id),
            _ => None,
        })
        .collect();
    for event in index.events() {
        let What::Refused { id, code } = &event.what else { continue };
        if FOR_GOOD.contains(&code.as_str()) && index.places.contains_key(id) && !acknowledged.contains(id) {
            found.add("I4", format!("{id} was refused with {code} and is stored"));
        }
    }
}

/// I2. Entries of the hub itself have no author and need no sender.
fn stored_was_sent(index: &Index<'_>, dump: &Dump, found: &mut Findings) {
    for entry in dump.entries.iter().filter(|entry| entry.from.is_some() || entry.kind == Kind::Message) {
        let sent = index.invocations.get(&entry.id).is_some_and(|all| {
            all.iter().any(|sent| {
                sent.thread == dump.thread && sent.body == entry.body && index.user_id(sent.user) == entry.from
            })
        });
        if !sent {
            found.add("I2", format!("seq {} of thread {} was never sent so: {entry:?}", entry.seq, dump.thread));
        }
    }
}

/// I3's half about the log.
fn stored_once(dump: &Dump, found: &mut Findings) {
    let mut seen: HashMap<(Option<Uuid>, Uuid), u64> = HashMap::new();
    for Entry { id, from, seq, .. } in &dump.entries {
        if let Some(first) = seen.insert((*from, *id), *seq) {
            found.add("I3", format!("{id} stands twice in thread {}: at {first} and {seq}", dump.thread));
        }
    }
}

/// I5.
fn numbered_without_gaps(dump: &Dump, found: &mut Findings) {
    for (entry, wanted) in dump.entries.iter().zip(dump.after + 1..) {
        if entry.seq != wanted {
            found.add("I5", format!("thread {}: seq {} stands where {wanted} belongs", dump.thread, entry.seq));
            return;
        }
    }
}

/// I14.
fn time_does_not_fall(dump: &Dump, found: &mut Findings) {
    for pair in dump.entries.windows(2) {
        if pair[1].at < pair[0].at {
            found.add("I14", format!("thread {}: seq {} is older than the one before", dump.thread, pair[1].seq));
        }
    }
}
