//! The checker itself: a good history passes, and each planted fault is found.

use super::{
    check::violations,
    history::{Ack, Connection, Dump, History, Person, Row, Seen, Send},
};
use std::{collections::HashMap, time::Instant};

const THREAD: &str = "t";

fn at(seq: i64) -> String {
    format!("2026-11-20T12:00:0{seq}.000000000Z")
}

fn send(number: i64, invoked: u64, acked: u64) -> Send {
    Send {
        id: format!("m{number}"),
        thread: THREAD.into(),
        body: format!("body {number}"),
        urgent: false,
        invoked,
        tries: vec![(0, invoked)],
        since: Instant::now(),
        acks: vec![Ack { tick: acked, seq: number, at: at(number) }],
        took: None,
        refused: Vec::new(),
    }
}

fn row(seq: i64, from: &str) -> Row {
    Row { seq, id: format!("m{seq}"), from: from.into(), body: format!("body {seq}"), at: at(seq) }
}

fn entry(seq: i64, from: &str) -> Seen {
    let Row { seq, id, from, body, at } = row(seq, from);
    Seen::Entry { thread: THREAD.into(), seq, id, from, body, at }
}

fn sent(seq: i64) -> Seen {
    Seen::Sent { thread: THREAD.into(), seq, id: format!("m{seq}") }
}

fn person(id: &str, sends: Vec<Send>, seen: Vec<Seen>) -> Person {
    Person {
        id: id.into(),
        threads: vec![THREAD.into()],
        sends,
        connections: vec![Connection { has: HashMap::from([(THREAD.into(), 0)]), seen }],
        marked: HashMap::from([(THREAD.into(), 3)]),
        complete: HashMap::from([(THREAD.into(), 3)]),
    }
}

/// Ann sends 1 and 3, Ben sends 2 after 1 was acknowledged; both see everything.
fn good() -> History {
    let receipt = Seen::Receipt { thread: THREAD.into(), user: "ben".into(), delivered: 2, read: 1 };
    let ann = person(
        "ann",
        vec![send(1, 0, 1), send(3, 4, 5)],
        vec![Seen::Synced, sent(1), entry(2, "ben"), receipt, sent(3)],
    );
    let ben = person("ben", vec![send(2, 2, 3)], vec![Seen::Synced, entry(1, "ann"), sent(2), entry(3, "ann")]);
    let entries = HashMap::from([(THREAD.into(), vec![row(1, "ann"), row(2, "ben"), row(3, "ann")])]);
    let marks = HashMap::from([((THREAD.into(), "ann".into()), (3, 3)), ((THREAD.into(), "ben".into()), (2, 1))]);
    History { people: vec![ann, ben], store: Dump { entries, marks, ..Dump::default() } }
}

fn found(plant: impl FnOnce(&mut History)) -> String {
    let mut history = good();
    plant(&mut history);
    violations(&history).join("\n")
}

fn rows(history: &mut History) -> &mut Vec<Row> {
    history.store.entries.get_mut(THREAD).unwrap()
}

fn seen(history: &mut History, person: usize) -> &mut Vec<Seen> {
    &mut history.people[person].connections[0].seen
}

#[test]
fn a_good_history_passes() {
    assert_eq!(found(|_| {}), "");
}

#[test]
fn what_is_lost_doubled_or_altered_in_the_store_is_found() {
    assert!(found(|history| drop(rows(history).pop())).contains("I1: m3"));
    assert!(found(|history| drop(rows(history).remove(1))).contains("I5"));
    assert!(found(|history| rows(history)[1].body = "other".into()).contains("I2"));
    assert!(found(|history| rows(history)[1].from = "ann".into()).contains("I2"));
    let doubled = found(|history| {
        let again = Row { seq: 4, ..rows(history)[2].clone() };
        rows(history).push(again);
    });
    assert!(doubled.contains("I3: t 4 is m3 again"), "{doubled}");
    assert!(found(|history| rows(history)[2].at = at(0)).contains("I14"));
}

#[test]
fn wrong_answers_are_found() {
    let another_place = |history: &mut History| {
        let acks = &mut history.people[0].sends[0].acks;
        let again = Ack { seq: 2, ..acks[0].clone() };
        acks.push(again);
    };
    assert!(found(another_place).contains("I3: m1 was acknowledged differently"));
    assert!(found(|history| history.people[0].sends[0].acks[0].at = at(9)).contains("I3: m1"));
    assert!(found(|history| history.people[0].sends[0].refused.push("notFound".into())).contains("I4"));
    assert!(found(|history| history.people[0].sends[0].acks.clear()).contains("I10: m1"));
}

#[test]
fn a_turned_order_is_found() {
    // 2 was acknowledged before 1 was sent.
    let late = |history: &mut History| {
        let first = &mut history.people[0].sends[0];
        (first.invoked, first.tries, first.acks[0].tick) = (6, vec![(0, 6)], 7);
    };
    assert!(found(late).contains("I7: t m1 is 1"));
    let turned = |history: &mut History| history.people[0].sends.swap(0, 1);
    assert!(found(turned).contains("I8: m1"));
}

#[test]
fn bad_pushes_are_found() {
    assert!(found(|history| drop(seen(history, 1).remove(1))).contains("I9: ben connection 0 saw t 3 without 1"));
    assert!(found(|history| seen(history, 1).push(entry(1, "ann"))).contains("saw t 1 again"));
    assert!(found(|history| seen(history, 0).push(entry(3, "ann"))).contains("saw t 3 again"), "own, acknowledged");
    assert!(found(|history| seen(history, 1).swap(1, 3)).contains("I9"));
    assert!(found(|history| seen(history, 1)[1] = entry(2, "ann")).contains("I6"));
    assert!(
        found(|history| seen(history, 1)[2] = Seen::Sent { thread: THREAD.into(), seq: 1, id: "m2".into() })
            .contains("I6")
    );
}

#[test]
fn a_reader_that_got_nothing_is_found() {
    assert!(found(|history| history.people[1].complete.clear()).contains("I10: ben has t up to 0 of 3"));
}

#[test]
fn bad_receipts_are_found() {
    let receipt = |delivered, read| Seen::Receipt { thread: THREAD.into(), user: "ben".into(), delivered, read };
    assert!(found(|history| seen(history, 0).push(receipt(1, 1))).contains("I12"), "fell");
    assert!(found(|history| seen(history, 0).push(receipt(2, 3))).contains("I12"), "read before delivered");
    assert!(found(|history| seen(history, 0).push(receipt(3, 1))).contains("I12"), "not stored");
    assert!(found(|history| history.people[1].marked.clear()).contains("never said"));
}
