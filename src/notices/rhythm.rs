//! What comes again and again by the clock on somebody's wall: digests and reminders. Pure. The next instant is found from
//! the last one and kept; nothing is ever found twice, whatever the clock does in between.

use super::quiet::{instant, minutes};
use chrono::{DateTime, Datelike, Days, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Days that are looked at for the next time.
const MOST_DAYS: u64 = 9;

/// A day of the week.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Mon => Self::Monday,
            Weekday::Tue => Self::Tuesday,
            Weekday::Wed => Self::Wednesday,
            Weekday::Thu => Self::Thursday,
            Weekday::Fri => Self::Friday,
            Weekday::Sat => Self::Saturday,
            Weekday::Sun => Self::Sunday,
        }
    }
}

/// At a time of day, on every day or on some days of the week.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rhythm {
    #[serde(with = "minutes")]
    #[schema(value_type = String, example = "08:00")]
    pub at: NaiveTime,
    /// Empty: every day.
    #[serde(default)]
    pub days: Vec<Day>,
}

impl Rhythm {
    /// The first time after `after`.
    pub fn next(&self, zone: Tz, after: DateTime<Utc>) -> DateTime<Utc> {
        let today = after.with_timezone(&zone).date_naive();
        // From yesterday on: a skipped time of yesterday may come today.
        let dates = (0..MOST_DAYS).filter_map(|n| today.checked_add_days(Days::new(n))?.pred_opt());
        let fits = |date: &chrono::NaiveDate| self.days.is_empty() || self.days.contains(&date.weekday().into());
        let mut instants = dates.filter(fits).map(|date| instant(zone, date.and_time(self.at)));
        // A week has every day in it.
        instants.find(|at| *at > after).unwrap_or(after + chrono::TimeDelta::days(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use chrono_tz::{America::New_York, Australia::Lord_Howe, Europe::Madrid};
    use proptest::prelude::*;

    fn rhythm(at: &str, days: &[Day]) -> Rhythm {
        Rhythm { at: NaiveTime::parse_from_str(at, "%H:%M").unwrap(), days: days.to_vec() }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_daily_reminder_keeps_its_time_on_the_wall_through_both_changes() {
        let eight = rhythm("08:00", &[]);
        for (zone, from, expected) in [
            (New_York, "2026-03-07T13:00:00Z", ["2026-03-08T12:00:00Z", "2026-03-09T12:00:00Z"]),
            (New_York, "2026-10-31T12:00:00Z", ["2026-11-01T13:00:00Z", "2026-11-02T13:00:00Z"]),
            (Madrid, "2026-03-28T07:00:00Z", ["2026-03-29T06:00:00Z", "2026-03-30T06:00:00Z"]),
            (Madrid, "2026-10-24T06:00:00Z", ["2026-10-25T07:00:00Z", "2026-10-26T07:00:00Z"]),
            (Lord_Howe, "2026-04-03T21:00:00Z", ["2026-04-04T21:30:00Z", "2026-04-05T21:30:00Z"]),
            (Lord_Howe, "2026-10-02T21:30:00Z", ["2026-10-03T21:00:00Z", "2026-10-04T21:00:00Z"]),
        ] {
            let first = eight.next(zone, at(from));
            assert_eq!([first, eight.next(zone, first)], expected.map(at), "{zone}");
        }
    }

    #[test]
    fn a_time_in_the_gap_comes_after_it_and_a_time_that_is_there_twice_comes_once() {
        let early = rhythm("02:30", &[]);
        let in_the_gap = early.next(New_York, at("2026-03-07T08:00:00Z"));
        assert_eq!(in_the_gap, at("2026-03-08T07:00:00Z"));
        assert_eq!(early.next(New_York, in_the_gap), at("2026-03-09T06:30:00Z"));
        let twice = rhythm("01:30", &[]);
        let first = twice.next(New_York, at("2026-10-31T12:00:00Z"));
        assert_eq!(first, at("2026-11-01T05:30:00Z"));
        assert_eq!(twice.next(New_York, first), at("2026-11-02T06:30:00Z"));
    }

    #[test]
    fn a_weekly_one_comes_on_its_day() {
        let monday = rhythm("08:00", &[Day::Monday]);
        assert_eq!(monday.next(Madrid, at("2026-11-16T06:59:00Z")), at("2026-11-16T07:00:00Z"));
        assert_eq!(monday.next(Madrid, at("2026-11-16T07:00:00Z")), at("2026-11-23T07:00:00Z"));
    }

    proptest! {
        #[test]
        fn no_day_is_left_out_and_none_comes_twice(
            zone in prop::sample::select(vec![New_York, Madrid, Lord_Howe]),
            seconds in 1_772_000_000i64..1_796_000_000,
            minute in 0u32..1440,
        ) {
            let time = NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap();
            let daily = Rhythm { at: time, days: Vec::new() };
            let mut last = daily.next(zone, DateTime::from_timestamp(seconds, 0).unwrap());
            for _ in 0..10 {
                let next = daily.next(zone, last);
                let days = next.with_timezone(&zone).date_naive() - last.with_timezone(&zone).date_naive();
                prop_assert_eq!(days, TimeDelta::days(1));
                last = next;
            }
        }
    }
}
