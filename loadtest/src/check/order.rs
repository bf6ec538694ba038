//! One order for everybody, and the order people saw themselves sending in: I6 to I8.

use super::{Findings, Index, Invocation};
use crate::history::{Entry, Kind, What};
use std::collections::HashMap;
use uuid::Uuid;

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    everybody_sees_the_same(index, found);
    real_time_order(index, found);
    pipelined_order(index, found);
}

/// I6.
fn everybody_sees_the_same(index: &Index<'_>, found: &mut Findings) {
    let pushed = index.events().filter_map(|event| match &event.what {
        What::Pushed { thread, entry } => Some((event.user, *thread, entry)),
        _ => None,
    });
    let fetched =
        index.history.dumps.iter().flat_map(|dump| dump.entries.iter().map(|entry| (dump.user, dump.thread, entry)));
    for (user, thread, entry) in pushed.chain(fetched) {
        let Some(dump) = index.dumps.get(&thread) else { continue };
        if entry.seq <= dump.after {
            continue;
        }
        match index.stored(thread, entry.seq) {
            None => {
                found.add("I6", format!("user {user} saw seq {} of thread {thread}, which is not there", entry.seq))
            }
            Some(stored) if !same(stored, entry, index.is_client(user)) => {
                found.add(
                    "I6",
                    format!(
                        "user {user} saw another seq {} of thread {thread}: {entry:?} instead of {stored:?}",
                        entry.seq
                    ),
                );
            }
            Some(_) => {}
        }
    }
    for (thread, dump) in &index.dumps {
        for other in index.history.dumps.iter().filter(|other| other.thread == *thread && other.head() != dump.head()) {
            found.add(
                "I6",
                format!(
                    "thread {thread} ends at {} for user {} and at {} for user {}",
                    dump.head(),
                    dump.user,
                    other.head(),
                    other.user
                ),
            );
        }
    }
}

/// A client sees a staff note as a nameless, empty notice, so that its log has no gap.
fn same(stored: &Entry, seen: &Entry, client: bool) -> bool {
    if client && stored.kind == Kind::Note {
        let placeholder =
            seen.kind == Kind::Notice && seen.from.is_none() && seen.body == crate::stamp::fingerprint("");
        return placeholder && seen.at == stored.at;
    }
    stored == seen
}

/// I7.
fn real_time_order(index: &Index<'_>, found: &mut Findings) {
    // (instant, acknowledgement first at equal instants is wrong: only strictly before counts)
    let mut moments: Vec<(u64, bool, u32, u64, Uuid)> = Vec::new();
    for event in index.events() {
        if let What::Sent { thread, id, seq, .. } = event.what {
            moments.push((event.t, true, thread, seq, id));
        }
    }
    for (id, all) in &index.invocations {
        if let (Some(first), Some((thread, seq))) = (all.first(), index.places.get(id)) {
            moments.push((first.t, false, *thread, *seq, *id));
        }
    }
    moments.sort_unstable();
    let mut highest: HashMap<u32, (u64, Uuid)> = HashMap::new();
    for (_, acknowledged, thread, seq, id) in moments {
        let top = highest.entry(thread).or_insert((0, id));
        if acknowledged {
            *top = (*top).max((seq, id));
        } else if seq < top.0 {
            found.add(
                "I7",
                format!(
                    "{id} stands at {seq} of thread {thread}, though {} at {} was acknowledged before it was sent",
                    top.1, top.0
                ),
            );
        }
    }
}

/// I8. Binds only what was acknowledged on the connection against what was first sent after it:
/// a message that had been sent before, elsewhere, may stand anywhere.
fn pipelined_order(index: &Index<'_>, found: &mut Findings) {
    type Lane = (u32, u32, u32);
    let mut last_acknowledged: HashMap<Lane, Vec<(u64, u64, Uuid)>> = HashMap::new();
    let by = |sent: &Invocation, event: &crate::history::Event| {
        (sent.device, sent.connection) == (event.device, event.connection)
    };
    for event in index.events() {
        let What::Sent { thread, id, seq, .. } = event.what else { continue };
        let Some(all) = index.invocations.get(&id) else { continue };
        // The answer belongs to the last time it was sent on this connection before.
        if let Some(sent) = all.iter().rev().find(|sent| by(sent, event) && sent.t <= event.t) {
            last_acknowledged.entry((event.device, event.connection, thread)).or_default().push((sent.t, seq, id));
        }
    }
    let mut first_sent: HashMap<Lane, Vec<(u64, u64, Uuid)>> = HashMap::new();
    for (id, all) in &index.invocations {
        if let (Some(sent), Some((thread, seq))) = (all.first(), index.places.get(id)) {
            first_sent.entry((sent.device, sent.connection, *thread)).or_default().push((sent.t, *seq, *id));
        }
    }
    for (lane, mut acknowledged) in last_acknowledged {
        let Some(sent) = first_sent.get_mut(&lane) else { continue };
        acknowledged.sort_unstable();
        sent.sort_unstable();
        let (mut before, mut highest) = (acknowledged.into_iter().peekable(), (0, Uuid::nil()));
        for (t, seq, id) in sent.iter() {
            while let Some((_, seq, id)) = before.next_if(|(earlier, _, _)| earlier < t) {
                highest = highest.max((seq, id));
            }
            if *seq < highest.0 {
                found.add(
                    "I8",
                    format!(
                        "{id} stands at {seq} of thread {}, before {} at {}, which the same connection sent earlier",
                        lane.2, highest.1, highest.0
                    ),
                );
            }
        }
    }
}
