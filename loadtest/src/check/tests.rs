//! The checker on histories with one planted fault each. The sound history passes; every fault is
//! found under its own invariant.

use super::{Violation, check};
use crate::history::{Dump, Entry, Event, Header, History, Kind, Thread, User, What};
use crate::stamp::fingerprint;
use crate::tokens::Role;
use uuid::Uuid;

const CLIENT: u32 = 0;
const CLINICIAN: u32 = 1;
const STRANGER: u32 = 2;

fn user_id(user: u32) -> Uuid {
    Uuid::from_u128(1_000 + u128::from(user))
}

fn message_id(number: u64) -> Uuid {
    Uuid::from_u128(u128::from(number))
}

fn entry(seq: u64, from: u32) -> Entry {
    Entry {
        seq,
        id: message_id(seq),
        from: Some(user_id(from)),
        kind: Kind::Message,
        body: fingerprint(&format!("body {seq}")),
        at: 100 * seq as i64,
    }
}

/// A client sends 1, 2, 3 and the clinician 4; both see everything, the clinician reads up to 3.
/// The stranger belongs to thread 1, where nothing happens.
fn sound() -> History {
    let mut events = Vec::new();
    let mut note = |t: u64, user: u32, what: What| events.push(Event { t, user, device: user, connection: 0, what });
    for user in [CLIENT, CLINICIAN] {
        note(0, user, What::Start { thread: 0, seq: 0 });
    }
    for seq in 1..=3 {
        note(seq * 100, CLIENT, What::Invoked { thread: 0, id: message_id(seq), body: entry(seq, CLIENT).body });
        note(seq * 100 + 20, CLIENT, What::Sent { thread: 0, id: message_id(seq), seq, at: entry(seq, CLIENT).at });
        note(seq * 100 + 30, CLINICIAN, What::Pushed { thread: 0, entry: entry(seq, CLIENT) });
    }
    note(340, CLINICIAN, What::Marked { thread: 0, delivered: 3, read: 3 });
    note(350, CLIENT, What::Receipt { thread: 0, reader: user_id(CLINICIAN), delivered: 3, read: 3 });
    note(400, CLINICIAN, What::Invoked { thread: 0, id: message_id(4), body: entry(4, CLINICIAN).body });
    note(420, CLINICIAN, What::Sent { thread: 0, id: message_id(4), seq: 4, at: entry(4, CLINICIAN).at });
    note(430, CLIENT, What::Pushed { thread: 0, entry: entry(4, CLINICIAN) });
    note(900, CLINICIAN, What::Summary { thread: 0, head: 4, delivered: 4, read: 3, unread: Some(0), asked: 900 });
    note(900, CLIENT, What::Summary { thread: 0, head: 4, delivered: 4, read: 0, unread: Some(1), asked: 900 });
    let probed = |request: &str| What::Probed {
        thread: 0,
        request: request.into(),
        answer: "notFound".into(),
        unknown: "notFound".into(),
        leaked: 0,
    };
    note(950, STRANGER, probed("fetch"));
    note(951, STRANGER, probed("send"));
    let entries = vec![entry(1, CLIENT), entry(2, CLIENT), entry(3, CLIENT), entry(4, CLINICIAN)];
    let roles = [Role::Client, Role::Staff, Role::Staff];
    History {
        header: Header {
            seed: 1,
            users: roles.into_iter().zip(0..).map(|(role, user)| User { id: user_id(user), role }).collect(),
            threads: vec![
                Thread { id: Uuid::from_u128(50), members: vec![CLIENT, CLINICIAN] },
                Thread { id: Uuid::from_u128(51), members: vec![STRANGER] },
            ],
        },
        events,
        dumps: [CLIENT, CLINICIAN].map(|user| Dump { thread: 0, user, after: 0, entries: entries.clone() }).to_vec(),
    }
}

/// Breaks the sound history and wants it found under this name.
fn planted(invariant: &str, plant: impl FnOnce(&mut History)) {
    let mut history = sound();
    plant(&mut history);
    let found = check(&history);
    assert!(found.iter().any(|violation| violation.invariant == invariant), "{invariant} not among {found:#?}");
}

fn find(history: &mut History, wanted: impl Fn(&Event) -> bool) -> &mut Event {
    history.events.iter_mut().find(|event| wanted(event)).expect("the sound history has such an event")
}

fn pushed(seq: u64) -> impl Fn(&Event) -> bool {
    move |event| matches!(&event.what, What::Pushed { entry, .. } if entry.seq == seq)
}

fn sent(seq: u64) -> impl Fn(&Event) -> bool {
    move |event| matches!(event.what, What::Sent { seq: it, .. } if it == seq)
}

/// Both dumps changed alike, as a fault of the store would.
fn stored(history: &mut History, change: impl Fn(&mut Vec<Entry>)) {
    history.dumps.iter_mut().for_each(|dump| change(&mut dump.entries));
}

fn event(user: u32, t: u64, what: What) -> Event {
    Event { t, user, device: user, connection: 0, what }
}

#[test]
fn a_sound_history_passes() {
    assert_eq!(check(&sound()), Vec::<Violation>::new());
}

#[test]
fn i1_an_acknowledged_entry_that_is_gone_is_found() {
    planted("I1", |history| stored(history, |entries| entries.truncate(3)));
}

#[test]
fn i1_an_acknowledged_entry_that_was_replaced_is_found() {
    planted("I1", |history| stored(history, |entries| entries[1].id = message_id(77)));
}

#[test]
fn i1_an_acknowledged_body_that_was_altered_is_found() {
    planted("I1", |history| stored(history, |entries| entries[1].body ^= 1));
}

#[test]
fn i2_an_invented_entry_is_found() {
    planted("I2", |history| stored(history, |entries| entries.push(Entry { id: message_id(99), ..entry(5, CLIENT) })));
}

#[test]
fn i2_another_author_is_found() {
    planted("I2", |history| stored(history, |entries| entries[0].from = Some(user_id(CLINICIAN))));
}

#[test]
fn i3_an_entry_stored_twice_is_found() {
    planted("I3", |history| stored(history, |entries| entries.push(Entry { seq: 5, ..entry(3, CLIENT) })));
}

#[test]
fn i3_two_different_acknowledgements_of_one_id_are_found() {
    planted("I3", |history| {
        history.events.push(event(CLIENT, 800, What::Sent { thread: 0, id: message_id(1), seq: 2, at: 200 }))
    });
    planted("I3", |history| {
        history.events.push(event(CLIENT, 800, What::Sent { thread: 0, id: message_id(1), seq: 1, at: 101 }))
    });
}

#[test]
fn i4_a_refused_message_that_is_stored_is_found() {
    planted("I4", |history| find(history, sent(3)).what = What::Refused { id: message_id(3), code: "tooLarge".into() });
}

#[test]
fn i4_a_busy_answer_leaves_it_open() {
    let mut history = sound();
    history.events.push(event(CLIENT, 305, What::Refused { id: message_id(3), code: "busy".into() }));
    assert_eq!(check(&history), Vec::new());
}

#[test]
fn i5_a_gap_in_the_log_is_found() {
    planted("I5", |history| {
        stored(history, |entries| {
            entries.remove(1);
        })
    });
}

#[test]
fn i5_a_repeated_number_is_found() {
    planted("I5", |history| stored(history, |entries| entries[2].seq = 2));
}

#[test]
fn i6_a_pushed_entry_that_is_not_stored_is_found() {
    planted("I6", |history| {
        history.events.push(event(CLIENT, 800, What::Pushed { thread: 0, entry: entry(5, CLINICIAN) }))
    });
}

#[test]
fn i6_two_people_seeing_different_entries_is_found() {
    planted("I6", |history| {
        if let What::Pushed { entry, .. } = &mut find(history, pushed(2)).what {
            entry.body ^= 1
        }
    });
    planted("I6", |history| history.dumps[0].entries[0].at += 1);
    planted("I6", |history| {
        history.dumps[0].entries.pop();
    });
}

#[test]
fn i7_an_entry_before_one_that_was_acknowledged_before_it_was_sent_is_found() {
    // On another device, so that it is not the connection's own order.
    planted("I7", |history| {
        history
            .events
            .iter_mut()
            .filter(
                |event| matches!(event.what, What::Invoked { id, .. } | What::Sent { id, .. } if id == message_id(1)),
            )
            .for_each(|event| {
                event.device = 9;
                event.t += 500;
            });
    });
}

#[test]
fn i8_pipelined_sends_out_of_order_are_found() {
    // 2 is sent before 1 and both before any answer, so real time says nothing.
    planted("I8", |history| {
        find(history, |event| matches!(event.what, What::Invoked { id, .. } if id == message_id(2))).t = 50;
    });
}

#[test]
fn i8_a_message_sent_again_after_a_break_may_stand_before() {
    let mut history = sound();
    // 1 was first sent long ago on another connection and only acknowledged later, after 2.
    history.events.retain(|event| !sent(1)(event));
    let again = Event {
        connection: 1,
        ..event(CLIENT, 600, What::Invoked { thread: 0, id: message_id(1), body: entry(1, CLIENT).body })
    };
    let answer =
        Event { connection: 1, ..event(CLIENT, 610, What::Sent { thread: 0, id: message_id(1), seq: 1, at: 100 }) };
    history.events.extend([again, answer]);
    assert!(!check(&history).iter().any(|violation| ["I7", "I8"].contains(&violation.invariant)));
}

#[test]
fn i9_a_push_that_skips_one_is_found() {
    planted("I9", |history| history.events.retain(|event| !pushed(2)(event)));
}

#[test]
fn i9_a_push_that_comes_twice_is_found() {
    planted("I9", |history| {
        history.events.push(event(CLINICIAN, 500, What::Pushed { thread: 0, entry: entry(2, CLIENT) }))
    });
}

#[test]
fn i9_an_entry_to_the_connection_that_sent_it_is_found() {
    planted("I9", |history| {
        history.events.push(event(CLIENT, 500, What::Pushed { thread: 0, entry: entry(3, CLIENT) }))
    });
}

#[test]
fn i9_a_resume_that_starts_too_late_is_found_and_a_right_one_is_not() {
    let mut history = sound();
    let resumed = |seq: u64| Event {
        connection: 1,
        ..event(CLINICIAN, 700 + seq, What::Pushed { thread: 0, entry: entry(seq, CLIENT) })
    };
    history.events.push(Event { connection: 1, ..event(CLINICIAN, 700, What::Resumed { thread: 0, have: 1 }) });
    history.events.extend([resumed(2), resumed(3)]);
    assert_eq!(check(&history), Vec::new());
    history.events.retain(|event| !(event.connection == 1 && pushed(2)(event)));
    assert!(check(&history).iter().any(|violation| violation.invariant == "I9"));
}

#[test]
fn i10_somebody_who_never_got_the_last_entry_is_found() {
    planted("I10", |history| history.events.retain(|event| !pushed(4)(event)));
}

#[test]
fn i10_who_has_left_owes_nothing_after_it() {
    let mut history = sound();
    history.events.retain(|event| !pushed(4)(event));
    history.events.push(event(CLIENT, 380, What::Left { thread: 0, seq: 3 }));
    assert_eq!(check(&history), Vec::new());
    history.events.push(event(CLIENT, 440, What::Left { thread: 0, seq: 4 }));
    assert!(check(&history).iter().any(|violation| violation.invariant == "I10"));
}

#[test]
fn i11_a_frame_to_somebody_without_a_part_is_found() {
    planted("I11", |history| {
        history.events.push(event(STRANGER, 500, What::Pushed { thread: 0, entry: entry(2, CLIENT) }))
    });
    planted("I11", |history| {
        history.events.push(event(STRANGER, 500, What::Other { thread: 0, frame: "typing".into() }))
    });
    planted("I11", |history| {
        history.events.push(event(
            STRANGER,
            500,
            What::Summary { thread: 0, head: 4, delivered: 0, read: 0, unread: None, asked: 900 },
        ))
    });
    planted("I11", |history| {
        history.events.push(event(CLIENT, 500, What::Foreign { thread: Uuid::from_u128(9), frame: "entry".into() }))
    });
    planted("I11", |history| {
        history.events.push(event(
            CLIENT,
            500,
            What::Receipt { thread: 0, reader: user_id(STRANGER), delivered: 1, read: 0 },
        ))
    });
}

#[test]
fn i11_all_staff_hears_of_an_emergency_and_a_client_of_anothers_is_found() {
    let escalation = || "escalation".to_owned();
    let mut history = sound();
    history.events.push(event(STRANGER, 500, What::Other { thread: 0, frame: escalation() }));
    history.events.push(event(STRANGER, 500, What::Foreign { thread: Uuid::from_u128(9), frame: escalation() }));
    assert_eq!(check(&history), Vec::new());
    planted("I11", |history| {
        history.events.push(event(CLIENT, 500, What::Foreign { thread: Uuid::from_u128(9), frame: escalation() }))
    });
    planted("I11", |history| history.events.push(event(CLIENT, 500, What::Other { thread: 1, frame: escalation() })));
}

#[test]
fn i11_a_stranger_who_is_answered_otherwise_than_notfound_is_found() {
    let probe = |answer: &str, unknown: &str, leaked| What::Probed {
        thread: 0,
        request: "fetch".into(),
        answer: answer.into(),
        unknown: unknown.into(),
        leaked,
    };
    planted("I11", |history| history.events.push(event(STRANGER, 960, probe("page", "notFound", 0))));
    planted("I11", |history| history.events.push(event(STRANGER, 960, probe("forbidden", "notFound", 0))));
    planted("I11", |history| history.events.push(event(STRANGER, 960, probe("notFound", "notFound: other words", 0))));
    planted("I11", |history| history.events.push(event(STRANGER, 960, probe("notFound", "notFound", 1))));
}

fn receipt(delivered: u64, read: u64) -> What {
    What::Receipt { thread: 0, reader: user_id(CLINICIAN), delivered, read }
}

#[test]
fn i12_a_falling_mark_is_found() {
    planted("I12", |history| history.events.push(event(CLIENT, 500, receipt(2, 2))));
    planted("I12", |history| history.events.push(event(CLIENT, 500, receipt(3, 2))));
}

#[test]
fn i12_read_without_delivered_is_found() {
    planted("I12", |history| history.events.push(event(CLIENT, 500, receipt(3, 4))));
}

#[test]
fn i12_a_mark_past_the_head_or_past_what_was_shown_is_found() {
    planted("I12", |history| history.events.push(event(CLIENT, 500, receipt(9, 3))));
    planted("I12", |history| find(history, |event| matches!(event.what, What::Receipt { .. })).t = 225);
}

#[test]
fn i12_a_mark_that_was_told_and_is_lost_at_the_end_is_found() {
    planted("I12", |history| {
        if let What::Summary { read, unread, .. } =
            &mut find(history, |event| event.user == CLINICIAN && matches!(event.what, What::Summary { .. })).what
        {
            (*read, *unread) = (2, Some(1));
        }
    });
}

#[test]
fn i13_an_unread_count_that_does_not_follow_from_the_marks_is_found() {
    planted("I13", |history| {
        if let What::Summary { unread, .. } =
            &mut find(history, |event| event.user == CLIENT && matches!(event.what, What::Summary { .. })).what
        {
            *unread = Some(2);
        }
    });
}

#[test]
fn i14_time_that_falls_is_found() {
    planted("I14", |history| stored(history, |entries| entries[2].at = 150));
}

#[test]
fn i18_a_note_shown_to_a_client_is_found_and_its_placeholder_is_not() {
    let note = |entries: &mut Vec<Entry>| entries[3].kind = Kind::Note;
    planted("I18", |history| stored(history, note));
    let mut history = sound();
    stored(&mut history, note);
    let hidden = Entry { kind: Kind::Notice, from: None, body: fingerprint(""), ..entry(4, CLINICIAN) };
    history.dumps[0].entries[3] = hidden.clone();
    find(&mut history, pushed(4)).what = What::Pushed { thread: 0, entry: hidden };
    if let What::Summary { unread, .. } =
        &mut find(&mut history, |event| event.user == CLIENT && matches!(event.what, What::Summary { .. })).what
    {
        *unread = Some(0);
    }
    assert_eq!(check(&history), Vec::new());
}

#[test]
fn a_history_survives_its_file_and_half_a_file_is_refused() {
    let path = std::env::temp_dir().join(format!("loadtest-history-{}", Uuid::now_v7()));
    crate::history::write(&path, &sound()).unwrap();
    let read = crate::history::read(&path).unwrap();
    assert_eq!((read.events.len(), read.dumps.len(), read.header.users.len()), (sound().events.len(), 2, 3));
    assert_eq!(check(&read), Vec::new());
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() - 30]).unwrap();
    assert!(crate::history::read(&path).is_err());
    std::fs::remove_file(&path).unwrap();
}
