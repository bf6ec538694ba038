//! Whether a history keeps the promises. Each violation says which invariant is broken, where, and by what. Pure; tested
//! on histories with planted faults.

use super::{
    check_pages,
    history::{Connection, History, Person, Row, Seen},
};
use std::collections::{HashMap, HashSet};

/// Answers after which a message must not be in the store.
const DEFINITE: [&str; 6] = ["tooLarge", "notFound", "forbidden", "conflict", "threadClosed", "invalid"];

/// All violations of a history.
pub fn violations(history: &History) -> Vec<String> {
    let mut found = Vec::new();
    log(history, &mut found);
    acknowledged(history, &mut found);
    real_time(history, &mut found);
    for person in &history.people {
        sender_order(person, &mut found);
        complete(person, history, &mut found);
        for (number, connection) in person.connections.iter().enumerate() {
            let whose = format!("{} connection {number}", person.id);
            pushes(connection, history, &whose, &mut found);
            receipts(connection, history, &whose, &mut found);
        }
    }
    check_pages::violations(history, 0, &mut found);
    found
}

fn row<'a>(history: &'a History, thread: &str, seq: i64) -> Option<&'a Row> {
    let rows = history.store.entries.get(thread)?;
    rows.iter().find(|row| row.seq == seq)
}

/// I2, I3, I5, I14: the store holds 1…head once each, nothing that nobody sent, in the order of time.
fn log(history: &History, found: &mut Vec<String>) {
    let sends: HashMap<_, _> = history.sends().map(|(person, send)| ((&*person.id, &*send.id), send)).collect();
    for (thread, rows) in &history.store.entries {
        let mut ids = HashSet::new();
        for (at, row) in rows.iter().enumerate() {
            if row.seq != at as i64 + 1 {
                found.push(format!("I5: {thread} has {} in place {}", row.seq, at + 1));
                break;
            }
            if !ids.insert((&row.from, &row.id)) {
                found.push(format!("I3: {thread} {} is {} again", row.seq, row.id));
            }
            match sends.get(&(&*row.from, &*row.id)) {
                Some(send) if send.body == row.body && send.thread == *thread => {}
                Some(_) => found.push(format!("I2: {thread} {} holds what was not written", row.seq)),
                None => found.push(format!("I2: {thread} {} was sent by nobody", row.seq)),
            }
        }
        for pair in rows.windows(2).filter(|pair| pair[0].at > pair[1].at) {
            found.push(format!("I14: {thread} {} is older than {}", pair[1].seq, pair[0].seq));
        }
    }
}

/// I1, I3, I4: what was acknowledged is stored as it was acknowledged, what was refused for good is not.
fn acknowledged(history: &History, found: &mut Vec<String>) {
    let stored: HashSet<_> = history.store.entries.values().flatten().map(|row| (&*row.from, &*row.id)).collect();
    for (person, send) in history.sends() {
        for ack in &send.acks {
            match row(history, &send.thread, ack.seq) {
                Some(row) if row.id == send.id && row.from == person.id && row.body == send.body => {
                    if row.at != ack.at {
                        found.push(format!("I3: {} was acknowledged for {}, stored for {}", send.id, ack.at, row.at));
                    }
                }
                _ => found
                    .push(format!("I1: {} was acknowledged as {} {} and is not there", send.id, send.thread, ack.seq)),
            }
        }
        if send.acks.windows(2).any(|pair| (pair[0].seq, &pair[0].at) != (pair[1].seq, &pair[1].at)) {
            found.push(format!("I3: {} was acknowledged differently", send.id));
        }
        let refused = send.refused.iter().find(|code| DEFINITE.contains(&code.as_str()));
        if let Some(code) = refused.filter(|_| stored.contains(&(&*person.id, &*send.id))) {
            found.push(format!("I4: {} was refused ({code}) and is stored", send.id));
        }
    }
}

/// I7: what was acknowledged before another message was sent stands before it.
fn real_time(history: &History, found: &mut Vec<String>) {
    let mut by_thread: HashMap<&str, Vec<_>> = HashMap::new();
    for (_, send) in history.sends() {
        if let Some(ack) = send.acks.first() {
            by_thread.entry(&send.thread).or_default().push((send.invoked, ack.tick, ack.seq, &send.id));
        }
    }
    for (thread, mut sends) in by_thread {
        let mut acked: Vec<_> = sends.iter().map(|(_, tick, seq, _)| (*tick, *seq)).collect();
        acked.sort_unstable();
        sends.sort_unstable();
        let (mut next, mut highest) = (0, 0);
        for (invoked, _, seq, id) in sends {
            while next < acked.len() && acked[next].0 < invoked {
                highest = highest.max(acked[next].1);
                next += 1;
            }
            if seq <= highest {
                found.push(format!("I7: {thread} {id} is {seq}, but {highest} was acknowledged before it was sent"));
            }
        }
    }
}

/// I8: messages that one connection sent into one thread, each once and none refused, stand in that order.
fn sender_order(person: &Person, found: &mut Vec<String>) {
    let mut last: HashMap<(usize, &str), i64> = HashMap::new();
    for send in &person.sends {
        let ([(connection, _)], Some(ack)) = (&send.tries[..], send.acks.first()) else { continue };
        if !send.refused.is_empty() {
            continue;
        }
        let last = last.entry((*connection, &send.thread)).or_default();
        if ack.seq <= *last {
            found.push(format!("I8: {} is {} {}, after {last}", send.id, send.thread, ack.seq));
        }
        *last = ack.seq;
    }
}

/// I6, I9: pushes are what the store holds, consecutive from where the client was, each once, own ones as `sent`. What
/// comes before `synced` may come again: the hub did not know yet what the client has.
fn pushes(connection: &Connection, history: &History, whose: &str, found: &mut Vec<String>) {
    let mut seen: HashMap<&str, HashSet<i64>> = HashMap::new();
    let mut pushed: HashMap<&str, i64> = HashMap::new();
    let mut early: HashSet<(&str, i64)> = HashSet::new();
    let mut synced = false;
    for event in &connection.seen {
        let (thread, seq) = match event {
            Seen::Synced => {
                synced = true;
                continue;
            }
            Seen::Entry { thread, seq, .. } | Seen::Sent { thread, seq, .. } => (thread.as_str(), *seq),
            Seen::Receipt { .. } => continue,
        };
        let here = seen.entry(thread).or_default();
        let before = here.contains(&seq) && !early.remove(&(thread, seq));
        here.insert(seq);
        match event {
            Seen::Entry { id, from, body, at, .. } => {
                let observed = Row { seq, id: id.clone(), from: from.clone(), body: body.clone(), at: at.clone() };
                if row(history, thread, seq) != Some(&observed) {
                    found.push(format!("I6: {whose} saw another {thread} {seq} than is stored"));
                }
                if !synced {
                    early.insert((thread, seq));
                    continue;
                }
                if before {
                    found.push(format!("I9: {whose} saw {thread} {seq} again"));
                }
                let has = connection.has.get(thread).copied();
                let last = pushed.get(thread).copied().or(has).unwrap_or(seq - 1);
                if let Some(missed) = (last + 1..seq).find(|missed| !here.contains(missed)) {
                    found.push(format!("I9: {whose} saw {thread} {seq} without {missed}"));
                }
                if seq <= last && !before {
                    found.push(format!("I9: {whose} saw {thread} {seq} after {last}"));
                }
                pushed.insert(thread, last.max(seq));
            }
            Seen::Sent { id, .. } => {
                if row(history, thread, seq).is_none_or(|row| row.id != *id) {
                    found.push(format!("I6: {whose} was told {id} is {thread} {seq}, which it is not"));
                }
            }
            Seen::Receipt { .. } | Seen::Synced => {}
        }
    }
}

/// I10: in the end everybody has everything, and nothing waits for an answer.
fn complete(person: &Person, history: &History, found: &mut Vec<String>) {
    for thread in &person.threads {
        let head = history.store.entries.get(thread).map_or(0, Vec::len) as i64;
        let has = person.complete.get(thread).copied().unwrap_or(0);
        if has != head {
            found.push(format!("I10: {} has {thread} up to {has} of {head}", person.id));
        }
    }
    for send in person.sends.iter().filter(|send| send.acks.is_empty()) {
        found.push(format!("I10: {} was never acknowledged", send.id));
    }
}

/// I12: receipts grow, read follows delivered, nobody's mark passes what they said or what is stored.
fn receipts(connection: &Connection, history: &History, whose: &str, found: &mut Vec<String>) {
    let mut last: HashMap<(&str, &str), (i64, i64)> = HashMap::new();
    for event in &connection.seen {
        let Seen::Receipt { thread, user, delivered, read } = event else { continue };
        let before = last.insert((thread, user), (*delivered, *read)).unwrap_or_default();
        if *delivered < before.0 || *read < before.1 || read > delivered {
            found.push(format!("I12: {whose} saw {user} in {thread} at {delivered}/{read} after {before:?}"));
        }
        let stored = history.store.marks.get(&(thread.clone(), user.clone())).copied().unwrap_or_default();
        if *delivered > stored.0 || *read > stored.1 {
            found.push(format!("I12: {whose} saw {user} in {thread} at {delivered}/{read}, stored is {stored:?}"));
        }
        let said = history.people.iter().find(|person| person.id == *user);
        if said.is_some_and(|person| person.marked.get(thread).copied().unwrap_or(0) < *delivered) {
            found.push(format!("I12: {whose} saw {user} in {thread} at {delivered}, which {user} never said"));
        }
    }
}
