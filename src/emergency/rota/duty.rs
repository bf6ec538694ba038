//! Who is on call at an instant. A cover stands in for the whole week's shift, the newest before older ones; whoever is
//! on leave, or can no longer sign in, is on call in nothing.

use super::shift::{Cover, Layer, Leave, Shift, Span};
use crate::ids::UserId;
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::HashSet;

/// Everything that decides who is on call.
#[derive(Clone, Debug)]
pub struct Rota {
    /// Of the practice.
    pub zone: Tz,
    pub shifts: Vec<Shift>,
    /// The newest last.
    pub covers: Vec<Cover>,
    pub leaves: Vec<Leave>,
    /// Who works for the practice and can sign in.
    pub working: HashSet<UserId>,
}

/// Why somebody who should be on call is not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Absence {
    OnLeave,
    /// Locked, or gone from the practice.
    CannotSignIn,
}

impl Rota {
    /// Who is on call; none: nobody.
    pub fn on_call(&self, layer: Layer, at: DateTime<Utc>) -> Vec<UserId> {
        let cover = self.covers_at(layer, at).find(|user| self.absence(*user, at).is_none());
        match cover {
            Some(user) => vec![user],
            None => self.shifts_at(layer, at).into_iter().filter(|user| self.absence(*user, at).is_none()).collect(),
        }
    }

    /// Who should be on call and is not, where nobody is.
    pub fn missing(&self, layer: Layer, at: DateTime<Utc>) -> Vec<(UserId, Absence)> {
        let mut due: Vec<UserId> = self.covers_at(layer, at).chain(self.shifts_at(layer, at)).collect();
        due.sort_unstable();
        due.dedup();
        due.into_iter().filter_map(|user| Some((user, self.absence(user, at)?))).collect()
    }

    /// Whether somebody is on leave.
    pub fn is_on_leave(&self, user: UserId, at: DateTime<Utc>) -> bool {
        self.leaves.iter().any(|leave| leave.user == user && leave.span.contains(at))
    }

    fn absence(&self, user: UserId, at: DateTime<Utc>) -> Option<Absence> {
        if !self.working.contains(&user) {
            Some(Absence::CannotSignIn)
        } else if self.is_on_leave(user, at) {
            Some(Absence::OnLeave)
        } else {
            None
        }
    }

    /// The newest first.
    fn covers_at(&self, layer: Layer, at: DateTime<Utc>) -> impl Iterator<Item = UserId> {
        let covers = self.covers.iter().rev().filter(move |cover| cover.layer == layer && cover.span.contains(at));
        covers.map(|cover| cover.user)
    }

    fn shifts_at(&self, layer: Layer, at: DateTime<Utc>) -> Vec<UserId> {
        let spans = self.spans(layer, Span { from: at, until: at });
        let mut users: Vec<UserId> = spans.filter(|(_, span)| span.contains(at)).map(|(user, _)| user).collect();
        users.sort_unstable();
        users.dedup();
        users
    }

    /// The shifts of all days that may reach into a span of time: a shift may have begun a day before, and a clock that is
    /// put back at midnight shows the day before once more.
    pub(super) fn spans(&self, layer: Layer, within: Span) -> impl Iterator<Item = (UserId, Span)> {
        let day = |at: DateTime<Utc>| at.with_timezone(&self.zone).date_naive();
        let first = day(within.from).checked_sub_days(Days::new(2)).unwrap_or(NaiveDate::MIN);
        let last = day(within.until).checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
        let days = first.iter_days().take_while(move |day| *day <= last);
        days.flat_map(move |day| {
            let shifts = self.shifts.iter().filter(move |shift| shift.layer == layer);
            shifts.filter_map(move |shift| Some((shift.user, shift.on(self.zone, day)?)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveTime, TimeDelta, Weekday};
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn utc(text: &str) -> DateTime<Utc> {
        format!("{text}:00Z").parse().unwrap()
    }

    fn span(from: &str, until: &str) -> Span {
        Span { from: utc(from), until: utc(until) }
    }

    fn shift(n: u128, weekday: Weekday, starts: (u32, u32), ends: (u32, u32)) -> Shift {
        let time = |(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
        Shift { layer: Layer::OnCall, user: user(n), weekday, starts: time(starts), ends: time(ends) }
    }

    /// 1 has the night from Saturday to Sunday, 2 the hour in which clocks change, 3 the day after it.
    fn weekend(zone: &str) -> Rota {
        let shifts = vec![
            shift(1, Weekday::Sat, (22, 0), (2, 0)),
            shift(2, Weekday::Sun, (2, 0), (3, 0)),
            shift(3, Weekday::Sun, (3, 0), (22, 0)),
        ];
        let working = (1..=9).map(user).collect();
        Rota { zone: zone.parse().unwrap(), shifts, covers: Vec::new(), leaves: Vec::new(), working }
    }

    #[test]
    fn nights_with_an_hour_too_few_or_too_many_have_somebody_in_every_minute() {
        // The night's hours, and those of the hour that exists never or twice.
        for (zone, from, hours, of_the_hour) in [
            ("America/Chicago", "2026-11-08T04:00", 4, 1), // an ordinary night
            ("America/Chicago", "2026-03-08T04:00", 4, 0),
            ("America/Chicago", "2026-11-01T03:00", 5, 1), // 1:00 to 2:00 is the night's, twice
            ("Europe/Berlin", "2026-03-28T21:00", 4, 0),
            ("Europe/Berlin", "2026-10-24T20:00", 4, 2),
            ("Australia/Sydney", "2026-10-03T12:00", 4, 0),
            ("Australia/Sydney", "2026-04-04T11:00", 4, 2),
        ] {
            let rota = weekend(zone);
            let from = utc(from);
            let who = |minute| rota.on_call(Layer::OnCall, from + TimeDelta::minutes(minute));
            assert_eq!(who(-1), [], "{zone} {from}: it has not begun");
            let minutes =
                |n| (0..1_440).take_while(|minute| who(*minute) != [user(3)]).filter(|m| who(*m) == [user(n)]).count();
            assert_eq!((minutes(1), minutes(2)), (hours * 60, of_the_hour * 60), "{zone} {from}");
            let nobody = (0..20 * 60).find(|minute| who(*minute).is_empty());
            assert_eq!(nobody, None, "{zone} {from}");
        }
    }

    #[test]
    fn a_shift_within_the_hour_that_clocks_skip_is_nobodys_and_within_the_hour_shown_twice_is_one_persons() {
        let rota = Rota { shifts: vec![shift(1, Weekday::Sun, (2, 15), (2, 45))], ..weekend("Europe/Berlin") };
        let minutes = |from: &str| {
            let at = |minute| rota.on_call(Layer::OnCall, utc(from) + TimeDelta::minutes(minute));
            (0..1_500).filter(|minute| !at(*minute).is_empty()).count()
        };
        assert_eq!(minutes("2026-03-28T23:00"), 0);
        assert_eq!(minutes("2026-10-24T22:00"), 30, "the first time it is shown");
        assert_eq!(minutes("2026-06-06T22:00"), 30);
    }

    #[test]
    fn a_shift_that_ends_when_it_starts_lasts_a_day_and_two_in_one_shift_are_both_on_call() {
        let shifts = vec![shift(2, Weekday::Mon, (9, 0), (9, 0)), shift(1, Weekday::Mon, (9, 0), (9, 0))];
        let rota = Rota { shifts, ..weekend("America/Chicago") };
        let on_call = |at| rota.on_call(Layer::OnCall, utc(at));
        assert_eq!(on_call("2026-11-23T14:59"), []);
        assert_eq!(on_call("2026-11-23T15:00"), [user(1), user(2)]);
        assert_eq!(on_call("2026-11-24T14:59"), [user(1), user(2)]);
        assert_eq!(on_call("2026-11-24T15:00"), []);
        assert_eq!(rota.on_call(Layer::Backup, utc("2026-11-23T15:00")), [], "of the other layer");
    }

    #[test]
    fn covers_stand_in_the_newest_first_and_whoever_is_away_is_on_call_in_nothing() {
        let mut rota = weekend("UTC");
        let at = utc("2026-11-22T12:00");
        let noon = span("2026-11-22T11:00", "2026-11-22T13:00");
        let cover = |n| Cover { layer: Layer::OnCall, user: user(n), span: noon };
        assert_eq!(rota.on_call(Layer::OnCall, at), [user(3)]);
        rota.covers = vec![cover(4), cover(5)];
        assert_eq!(rota.on_call(Layer::OnCall, at), [user(5)]);
        assert_eq!(rota.on_call(Layer::OnCall, noon.until), [user(3)], "a cover ends");
        rota.leaves = vec![Leave { user: user(5), span: noon }];
        assert_eq!(rota.on_call(Layer::OnCall, at), [user(4)]);
        rota.working.remove(&user(4));
        assert_eq!(rota.on_call(Layer::OnCall, at), [user(3)]);
        rota.leaves.push(Leave { user: user(3), span: noon });
        assert_eq!(rota.on_call(Layer::OnCall, at), []);
        let missing = [(user(3), Absence::OnLeave), (user(4), Absence::CannotSignIn), (user(5), Absence::OnLeave)];
        assert_eq!(rota.missing(Layer::OnCall, at), missing);
        assert_eq!(rota.missing(Layer::OnCall, utc("2026-11-23T12:00")), [], "no shift at all");
    }
}
