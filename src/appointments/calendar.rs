//! Appointments as calendar programs read them: iCalendar of RFC 5545, in UTC, so that no program has to know a zone as we
//! do. Says nothing of what an appointment is about, and names nobody unless the client wants that; what it says is in the
//! client's language. Pure.

use super::{access::Appointment, state::State};
use crate::language::is_spanish;
use chrono::TimeDelta;
use icalendar::{Calendar, Class, Component, Event, EventLike, EventStatus, Property};

/// How often a calendar program should ask again.
const ASK_AGAIN: TimeDelta = TimeDelta::hours(1);

/// An appointment, and the name that stands in it.
pub struct Entry<'a> {
    pub appointment: &'a Appointment,
    /// None: it names nobody.
    pub with: Option<&'a str>,
}

/// What a calendar says.
#[derive(Clone, Copy)]
struct Words {
    all: &'static str,
    one: &'static str,
    with: &'static str,
}

const ENGLISH: Words = Words { all: "Appointments", one: "Appointment", with: "Appointment with" };
const SPANISH: Words = Words { all: "Citas", one: "Cita", with: "Cita con" };

fn words(language: &str) -> Words {
    if is_spanish(language) { SPANISH } else { ENGLISH }
}

/// One appointment to add to a calendar; a cancelled one takes itself out of it.
pub fn file(entry: &Entry<'_>, language: &str) -> String {
    let gone = entry.appointment.state == State::Cancelled;
    let mut calendar = started(if gone { "CANCEL" } else { "PUBLISH" });
    calendar.push(event(entry, words(language)));
    calendar.to_string()
}

/// All of them, for a program that asks again and again.
pub fn feed(entries: &[Entry<'_>], language: &str) -> String {
    let words = words(language);
    let mut calendar = started("PUBLISH");
    calendar
        .name(words.all)
        .append_property(Property::new("REFRESH-INTERVAL", "PT1H").add_parameter("VALUE", "DURATION").done());
    calendar.append_property(Property::new("X-PUBLISHED-TTL", format!("PT{}H", ASK_AGAIN.num_hours())));
    for entry in entries {
        calendar.push(event(entry, words));
    }
    calendar.to_string()
}

fn started(method: &str) -> Calendar {
    let mut calendar = Calendar::empty();
    for (name, value) in
        [("VERSION", "2.0"), ("PRODID", "-//Carehub//Appointments//EN"), ("CALSCALE", "GREGORIAN"), ("METHOD", method)]
    {
        calendar.append_property(Property::new(name, value));
    }
    calendar
}

fn event(Entry { appointment, with }: &Entry<'_>, words: Words) -> Event {
    let status = match appointment.state {
        State::Cancelled => EventStatus::Cancelled,
        State::Held | State::Offered | State::Requested | State::Proposed | State::Rescheduled => {
            EventStatus::Tentative
        }
        State::Confirmed | State::CheckedIn | State::Completed | State::NoShow => EventStatus::Confirmed,
    };
    let summary = with.map_or_else(|| words.one.to_owned(), |name| format!("{} {}", words.with, in_one_line(name)));
    let mut event = Event::new();
    event
        .uid(&format!("{}@carehub", appointment.id))
        .timestamp(appointment.changed_at)
        .last_modified(appointment.changed_at)
        .created(appointment.made_at)
        .sequence(u32::try_from(appointment.sequence).unwrap_or_default())
        .starts(appointment.during.from)
        .ends(appointment.during.until)
        .summary(&summary)
        .status(status)
        .class(Class::Private)
        // Required beside METHOD, and nobody's address.
        .add_property("ORGANIZER", "invalid:nomail");
    event.done()
}

/// A name that no program takes for more than one line. What is written escapes LF alone.
fn in_one_line(name: &str) -> String {
    name.replace(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'), " ")
}
