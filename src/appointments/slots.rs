//! Which times are free: what is open, cut into beginnings, less what is taken. Pure. Steps are counted in time that
//! passes, not on clocks: on the day that clocks change nothing is shown twice and nothing is lost.

use super::hours::Schedule;
use crate::emergency::rota::Span;
use chrono::{DateTime, Utc};

/// The most that one call gives.
pub const MOST: usize = 1_000;

/// The free times that begin within a span, in order: at most one more than a call gives, which tells that there are more.
/// `taken` is what appointments take, with their buffers.
pub fn free(schedule: &Schedule, taken: &[Span], within: Span, now: DateTime<Utc>) -> Vec<Span> {
    let within = Span { from: within.from.max(now + schedule.notice), until: within.until.min(now + schedule.horizon) };
    let mut taken: Vec<Span> = taken.to_vec();
    taken.sort_by_key(|span| span.from);
    let mut found = Vec::new();
    // Of what is taken, all before this one is over.
    let mut first = 0;
    for open in schedule.open(within) {
        let mut from = open.from;
        while from + schedule.session <= open.until && found.len() <= MOST {
            let (until, quiet_until) = (from + schedule.session, from + schedule.session + schedule.buffer);
            while taken.get(first).is_some_and(|span| span.until <= from) {
                first += 1;
            }
            // They may overlap one another only in what has been: looking past the first costs nothing.
            let is_taken =
                taken[first..].iter().take_while(|span| span.from < quiet_until).any(|span| span.until > from);
            if within.contains(from) && !is_taken {
                found.push(Span { from, until });
            }
            from += schedule.step;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appointments::hours::{Exception, Hours};
    use chrono::{NaiveTime, TimeDelta, Weekday};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn span(from: &str, until: &str) -> Span {
        Span { from: at(from), until: at(until) }
    }

    fn schedule(zone: &str, weekday: Weekday, starts: u32, ends: u32) -> Schedule {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        Schedule {
            zone: zone.parse().unwrap(),
            hours: vec![Hours { weekday, starts: time(starts), ends: time(ends) }],
            exceptions: Vec::new(),
            session: TimeDelta::minutes(50),
            buffer: TimeDelta::minutes(10),
            step: TimeDelta::minutes(60),
            notice: TimeDelta::zero(),
            horizon: TimeDelta::days(365),
        }
    }

    /// As clocks there show them.
    fn shown(schedule: &Schedule, taken: &[Span], day: &str) -> Vec<String> {
        let from = at(&format!("{day}T00:00:00Z")) - TimeDelta::days(1);
        let within = Span { from, until: from + TimeDelta::days(3) };
        let slots = free(schedule, taken, within, from);
        slots.iter().map(|slot| slot.from.with_timezone(&schedule.zone).format("%H:%M%z").to_string()).collect()
    }

    #[test]
    fn on_days_of_changing_clocks_hours_begin_on_the_clock_and_no_time_is_there_twice() {
        for (zone, day, expected) in [
            // 2:00 to 3:00 is skipped: four hours on the wall are three.
            ("America/Chicago", "2026-03-08", vec!["00:00-0600", "01:00-0600", "03:00-0500"]),
            // 1:00 to 2:00 comes twice: four hours on the wall are five.
            (
                "America/Chicago",
                "2026-11-01",
                vec!["00:00-0500", "01:00-0500", "01:00-0600", "02:00-0600", "03:00-0600"],
            ),
            ("Europe/Berlin", "2026-03-29", vec!["00:00+0100", "01:00+0100", "03:00+0200"]),
            ("Europe/Berlin", "2026-10-25", vec!["00:00+0200", "01:00+0200", "02:00+0200", "02:00+0100", "03:00+0100"]),
            // By half an hour, and in the other half of the year.
            ("Australia/Lord_Howe", "2026-10-04", vec!["00:00+1030", "01:00+1030", "02:30+1100"]),
            ("Australia/Lord_Howe", "2026-04-05", vec!["00:00+1100", "01:00+1100", "01:30+1030", "02:30+1030"]),
        ] {
            let schedule = schedule(zone, Weekday::Sun, 0, 4);
            assert_eq!(shown(&schedule, &[], day), expected, "{zone} {day}");
        }
    }

    #[test]
    fn what_is_taken_and_its_buffer_are_not_free_and_neither_is_a_time_whose_buffer_runs_into_it() {
        let schedule = schedule("UTC", Weekday::Sat, 9, 15);
        let taken = [span("2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z")];
        let free = ["09:00+0000", "11:00+0000", "12:00+0000", "13:00+0000", "14:00+0000"];
        assert_eq!(shown(&schedule, &taken, "2026-11-21"), free);
        let early = [span("2026-11-21T09:55:00Z", "2026-11-21T10:05:00Z")];
        assert_eq!(shown(&schedule, &early, "2026-11-21"), &free[1..], "the buffer after nine is in the way");
    }

    #[test]
    fn exceptions_close_and_open_and_being_away_comes_first() {
        let mut schedule = schedule("UTC", Weekday::Sat, 9, 12);
        schedule.exceptions = vec![
            Exception { is_open: true, span: span("2026-11-21T12:00:00Z", "2026-11-21T14:00:00Z") },
            Exception { is_open: false, span: span("2026-11-21T10:30:00Z", "2026-11-21T13:00:00Z") },
        ];
        assert_eq!(shown(&schedule, &[], "2026-11-21"), ["09:00+0000", "13:00+0000"]);
    }

    #[test]
    fn nothing_is_free_too_near_or_too_far() {
        let mut schedule = schedule("UTC", Weekday::Sat, 0, 0);
        schedule.notice = TimeDelta::hours(20);
        schedule.horizon = TimeDelta::hours(23);
        let now = at("2026-11-21T00:00:00Z");
        let within = Span { from: now - TimeDelta::days(9), until: now + TimeDelta::days(90) };
        let slots = free(&schedule, &[], within, now);
        assert_eq!(
            slots.iter().map(|slot| slot.from).collect::<Vec<_>>(),
            [20, 21, 22].map(|h| now + TimeDelta::hours(h))
        );
    }
}
