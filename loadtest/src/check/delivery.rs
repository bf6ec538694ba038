//! Who was shown what: I9 to I11 and I18.

use super::{Findings, Index};
use crate::history::{Event, Kind, What};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

pub(super) fn check(index: &Index<'_>, found: &mut Findings) {
    pushes_are_consecutive(index, found);
    everybody_has_everything(index, found);
    strangers_see_nothing(index, found);
    notes_stay_with_staff(index, found);
}

/// One connection's view of one thread.
#[derive(Default)]
struct Stream {
    last: Option<u64>,
    pushed: HashSet<u64>,
    /// Acknowledged to this connection, which therefore is not pushed them.
    own: HashSet<u64>,
    told: bool,
}

impl Stream {
    /// Whether `seq` may come next.
    fn follows(&self, seq: u64) -> bool {
        let Some(last) = self.last else { return true };
        seq > last && (last + 1..seq).all(|hole| self.own.contains(&hole))
    }
}

/// I9. One finding a stream: everything after the first is its echo.
fn pushes_are_consecutive(index: &Index<'_>, found: &mut Findings) {
    let mut streams: HashMap<(u32, u32, u32), Stream> = HashMap::new();
    for event in index.events() {
        let about = match &event.what {
            What::Start { thread, .. }
            | What::Resumed { thread, .. }
            | What::Sent { thread, .. }
            | What::Pushed { thread, .. } => *thread,
            _ => continue,
        };
        let stream = streams.entry((event.device, event.connection, about)).or_default();
        match &event.what {
            What::Start { seq, .. } => {
                stream.last.get_or_insert(*seq);
            }
            // Whoever says what he has starts anew from there.
            What::Resumed { have, .. } => {
                stream.last = Some(*have);
                stream.pushed.clear();
            }
            What::Sent { seq, .. } => {
                stream.own.insert(*seq);
            }
            What::Pushed { thread, entry } => {
                let seq = entry.seq;
                let wrong = if !stream.pushed.insert(seq) {
                    Some("a second time".to_owned())
                } else if stream.own.contains(&seq) && sent_only_here(index, event, entry.id) {
                    Some("though this connection had sent it and got `sent`".to_owned())
                } else if !stream.follows(seq) {
                    Some(format!("after {}", stream.last.unwrap_or(0)))
                } else {
                    None
                };
                if let (Some(wrong), false) = (wrong, stream.told) {
                    stream.told = true;
                    found.add(
                        "I9",
                        format!(
                            "device {} connection {}: seq {seq} of thread {thread} was pushed {wrong}",
                            event.device, event.connection
                        ),
                    );
                }
                stream.last = stream.last.max(Some(seq));
            }
            _ => {}
        }
    }
}

/// Whether this connection alone ever sent it: then `sent` is all it may get.
fn sent_only_here(index: &Index<'_>, event: &Event, id: Uuid) -> bool {
    index
        .invocations
        .get(&id)
        .is_some_and(|all| all.iter().all(|sent| (sent.device, sent.connection) == (event.device, event.connection)))
}

/// I10.
fn everybody_has_everything(index: &Index<'_>, found: &mut Findings) {
    let mut starts: HashMap<(u32, u32), u64> = HashMap::new();
    let mut ends: HashMap<(u32, u32), u64> = HashMap::new();
    let mut has: HashMap<(u32, u32), HashSet<u64>> = HashMap::new();
    for event in index.events() {
        match &event.what {
            What::Start { thread, seq } => {
                starts.entry((event.device, *thread)).or_insert(*seq);
            }
            What::Left { thread, seq } => {
                ends.insert((event.device, *thread), *seq);
            }
            What::Pushed { thread, entry } => {
                has.entry((event.device, *thread)).or_default().insert(entry.seq);
            }
            What::Sent { thread, seq, .. } => {
                has.entry((event.device, *thread)).or_default().insert(*seq);
            }
            _ => {}
        }
    }
    for ((device, thread), start) in starts {
        let Some(dump) = index.dumps.get(&thread) else { continue };
        let end = ends.get(&(device, thread)).copied().unwrap_or(dump.head());
        let has = has.remove(&(device, thread)).unwrap_or_default();
        let missing: Vec<u64> = (start + 1..=end).filter(|seq| !has.contains(seq)).collect();
        if let Some(first) = missing.first() {
            found.add(
                "I10",
                format!(
                    "device {device} never got {} entries of thread {thread}, the first is seq {first} of {end}",
                    missing.len()
                ),
            );
        }
    }
}

/// The whole staff of a practice is told of its emergencies (docs/protocol.md), without a word of the thread.
fn is_for_all_staff(index: &Index<'_>, user: u32, frame: &str) -> bool {
    frame == "escalation" && !index.is_client(user)
}

/// I11.
fn strangers_see_nothing(index: &Index<'_>, found: &mut Findings) {
    for event in index.events() {
        let (thread, frame) = match &event.what {
            What::Foreign { frame, .. } if is_for_all_staff(index, event.user, frame) => continue,
            What::Foreign { thread, frame } => {
                found.add(
                    "I11",
                    format!("user {} got `{frame}` about thread {thread}, of which nobody here is part", event.user),
                );
                continue;
            }
            What::Probed { thread, request, answer, unknown, leaked } => {
                if !answer.starts_with("notFound") || answer != unknown || *leaked > 0 {
                    found.add("I11", format!("a stranger's `{request}` in thread {thread} was answered `{answer}`, in a thread that does not exist `{unknown}`, and {leaked} frames reached its members"));
                }
                continue;
            }
            What::Receipt { thread, reader, .. } => {
                let members =
                    index.history.header.threads.get(*thread as usize).map_or(&[][..], |thread| &thread.members);
                if !members.iter().any(|member| index.user_id(*member) == Some(*reader)) {
                    found.add("I11", format!("thread {thread} has a receipt of {reader}, who has no part in it"));
                }
                (*thread, "receipt")
            }
            What::Pushed { thread, .. } => (*thread, "entry"),
            What::Sent { thread, .. } => (*thread, "sent"),
            What::Summary { thread, .. } => (*thread, "thread"),
            What::Other { frame, .. } if is_for_all_staff(index, event.user, frame) => continue,
            What::Other { thread, frame } => (*thread, frame.as_str()),
            What::Start { .. }
            | What::Left { .. }
            | What::Resumed { .. }
            | What::Invoked { .. }
            | What::Refused { .. }
            | What::Marked { .. } => continue,
        };
        if !index.is_member(event.user, thread) {
            found.add("I11", format!("user {} got `{frame}` about thread {thread} and has no part in it", event.user));
        }
    }
}

/// I18.
fn notes_stay_with_staff(index: &Index<'_>, found: &mut Findings) {
    let notes: HashSet<u64> = index
        .dumps
        .values()
        .flat_map(|dump| &dump.entries)
        .filter(|entry| entry.kind == Kind::Note)
        .map(|entry| entry.body)
        .collect();
    let pushed = index.events().filter_map(|event| match &event.what {
        What::Pushed { thread, entry } => Some((event.user, *thread, entry)),
        _ => None,
    });
    let fetched =
        index.history.dumps.iter().flat_map(|dump| dump.entries.iter().map(|entry| (dump.user, dump.thread, entry)));
    for (user, thread, entry) in pushed.chain(fetched) {
        if index.is_client(user) && (entry.kind == Kind::Note || notes.contains(&entry.body)) {
            found.add("I18", format!("client {user} was shown the note at seq {} of thread {thread}", entry.seq));
        }
    }
}
