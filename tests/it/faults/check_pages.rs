//! I15: whether a history's emergencies called people as promised. Pure; tested below on planted faults.

use super::history::{Emergency, History};
use std::collections::HashSet;

/// The first page is on its way so long after its emergency was stored, at the latest.
const FIRST_MS: i64 = 5_000;
/// Nobody is called later than this after somebody has it.
const AFTER_MS: i64 = 2_000;

/// What is wrong. `away_ms`: how long no hub was there in all, which excuses a late first page.
pub fn violations(history: &History, away_ms: i64, found: &mut Vec<String>) {
    for emergency in &history.store.emergencies {
        judge(emergency, away_ms, found);
    }
}

fn judge(emergency: &Emergency, away_ms: i64, found: &mut Vec<String>) {
    let Emergency { id, raised_ms, acknowledged_ms, state, pages } = emergency;
    let mut made = HashSet::new();
    for page in pages {
        if !made.insert((page.round, page.step, &page.user, &page.channel)) {
            found.push(format!("I15: {id} called {} twice by {} in step {}", page.user, page.channel, page.step));
        }
        if page.sent > 1 + page.kills {
            found.push(format!("I15: {id} reached {} {} times by {}", page.user, page.sent, page.channel));
        }
        if acknowledged_ms.is_some_and(|at| page.at_ms > at + AFTER_MS) {
            found.push(format!("I15: {id} called {} after somebody had it", page.user));
        }
    }
    match pages.iter().map(|page| page.at_ms).min() {
        None if state != "exhausted" => found.push(format!("I15: {id} called nobody")),
        Some(first) if first > raised_ms + FIRST_MS + away_ms => {
            found.push(format!("I15: {id} called the first after {} ms", first - raised_ms));
        }
        _ => {}
    }
    if !["acknowledged", "exhausted", "resolved"].contains(&state.as_str()) {
        found.push(format!("I15: {id} ended as {state}: nobody has it, and it did not come to its last resort"));
    }
}

#[cfg(test)]
mod planted {
    use super::*;
    use crate::faults::history::{Dump, Page};

    fn page(step: i32, user: &str, at_ms: i64) -> Page {
        Page { step, round: 0, user: user.into(), channel: "sms".into(), at_ms, sent: 1, kills: 0 }
    }

    fn found(change: impl FnOnce(&mut Emergency)) -> Vec<String> {
        let mut emergency = Emergency {
            id: "e".into(),
            raised_ms: 0,
            acknowledged_ms: Some(200_000),
            state: "acknowledged".into(),
            pages: vec![page(0, "maya", 40), page(1, "maya", 180_040), page(1, "tom", 180_040)],
        };
        change(&mut emergency);
        let mut found = Vec::new();
        let history = History { store: Dump { emergencies: vec![emergency], ..Dump::default() }, ..History::default() };
        violations(&history, 0, &mut found);
        found
    }

    /// Spoils a history that is sound.
    type Fault = fn(&mut Emergency);

    #[test]
    fn a_good_course_passes() {
        assert_eq!(found(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn each_planted_fault_is_found() {
        let faults: [(&str, Fault); 7] = [
            ("called maya twice", |emergency| emergency.pages.push(page(0, "maya", 50))),
            ("called nobody", |emergency| emergency.pages.clear()),
            ("called the first after 5001 ms", |emergency| {
                for page in &mut emergency.pages {
                    page.at_ms = page.at_ms.max(5_001);
                }
            }),
            ("called eve after somebody had it", |emergency| emergency.pages.push(page(2, "eve", 202_001))),
            ("ended as paging", |emergency| emergency.state = "paging".into()),
            ("reached maya 2 times", |emergency| emergency.pages[0].sent = 2),
            ("reached maya 3 times", |emergency| (emergency.pages[0].sent, emergency.pages[0].kills) = (3, 1)),
        ];
        for (words, plant) in faults {
            let found = found(plant);
            assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:?}");
        }
    }

    #[test]
    fn a_kill_between_sending_and_noting_it_excuses_one_more() {
        let found = found(|emergency| (emergency.pages[0].sent, emergency.pages[0].kills) = (2, 1));
        assert!(found.is_empty(), "{found:?}");
    }
}
