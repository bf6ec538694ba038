//! How often an instrument is asked for, and when the next time is: by the clock on the client's wall, whatever the
//! clocks do. Pure.

use crate::{
    error::{Error, Result},
    notices::quiet::instant,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MOST_WEEKS: u16 = 52;
const MOST_DAYS_BEFORE: u16 = 14;

/// When an instrument is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[schema(as = AssessmentRecurrence)]
pub enum Recurrence {
    /// Now, and not again.
    Once,
    /// Now, and again every so many weeks, at the same time of day.
    EveryWeeks {
        #[schema(minimum = 1, maximum = 52)]
        weeks: u16,
    },
    /// So many days before each appointment.
    BeforeAppointments {
        #[schema(minimum = 1, maximum = 14)]
        days: u16,
    },
}

impl Recurrence {
    /// Goes on only where it can be kept.
    ///
    /// # Errors
    /// `invalid`.
    pub fn check(self) -> Result<()> {
        match self {
            Self::EveryWeeks { weeks } if !(1..=MOST_WEEKS).contains(&weeks) => {
                Err(Error::field("/recurrence/weeks", "Choose from 1 to 52 weeks."))
            }
            Self::BeforeAppointments { days } if !(1..=MOST_DAYS_BEFORE).contains(&days) => {
                Err(Error::field("/recurrence/days", "Choose from 1 to 14 days before the appointment."))
            }
            _ => Ok(()),
        }
    }

    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::EveryWeeks { .. } => "everyWeeks",
            Self::BeforeAppointments { .. } => "beforeAppointments",
        }
    }

    /// As stored: weeks, and days before.
    pub fn numbers(self) -> (Option<i16>, Option<i16>) {
        let number = |number: u16| i16::try_from(number).ok();
        match self {
            Self::Once => (None, None),
            Self::EveryWeeks { weeks } => (number(weeks), None),
            Self::BeforeAppointments { days } => (None, number(days)),
        }
    }

    /// Reads what was stored.
    pub fn read(word: &str, weeks: Option<i16>, days: Option<i16>) -> Option<Self> {
        let number = |number: Option<i16>| u16::try_from(number?).ok();
        match word {
            "once" => Some(Self::Once),
            "everyWeeks" => Some(Self::EveryWeeks { weeks: number(weeks)? }),
            "beforeAppointments" => Some(Self::BeforeAppointments { days: number(days)? }),
            _ => None,
        }
    }
}

/// The `n`-th time of what began at `first` and comes every so many weeks: at the same time on the wall.
pub fn nth(first: DateTime<Utc>, zone: Tz, weeks: u16, n: i64) -> DateTime<Utc> {
    let local = first.with_timezone(&zone).naive_local();
    instant(zone, local + TimeDelta::weeks(i64::from(weeks) * n))
}

/// The first time after `now`, with its number. What was missed meanwhile is passed over.
pub fn next(first: DateTime<Utc>, zone: Tz, weeks: u16, now: DateTime<Utc>) -> DateTime<Utc> {
    let passed = (now - first).num_weeks() / i64::from(weeks.max(1));
    let times = (passed.max(0)..).map(|n| nth(first, zone, weeks.max(1), n));
    times.take(4).find(|at| *at > now).unwrap_or(now + TimeDelta::weeks(i64::from(weeks.max(1))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America::Chicago, Australia::Lord_Howe, Europe::Madrid};
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_two_weeks_is_the_same_time_on_the_wall_before_and_after_the_clocks_change() {
        // 9:00 in Chicago, across the end and the beginning of summer time.
        for (first, expected) in [
            ("2026-10-19T14:00:00Z", ["2026-11-02T15:00:00Z", "2026-11-16T15:00:00Z"]),
            ("2026-02-23T15:00:00Z", ["2026-03-09T14:00:00Z", "2026-03-23T14:00:00Z"]),
        ] {
            let (first, expected) = (at(first), expected.map(at));
            let second = next(first, Chicago, 2, first);
            assert_eq!([second, next(first, Chicago, 2, second)], expected);
        }
    }

    #[test]
    fn a_time_that_the_clocks_skip_comes_after_the_gap_and_the_one_after_it_at_its_own_time() {
        let first = at("2026-03-01T08:30:00Z"); // 2:30 in Chicago
        let skipped = next(first, Chicago, 1, first);
        assert_eq!(skipped, at("2026-03-08T08:00:00Z"));
        assert_eq!(next(first, Chicago, 1, skipped), at("2026-03-15T07:30:00Z"));
    }

    #[test]
    fn after_a_long_silence_the_next_time_is_one_that_is_still_to_come() {
        let first = at("2026-01-05T15:00:00Z");
        assert_eq!(next(first, Chicago, 2, at("2026-06-01T00:00:00Z")), at("2026-06-08T14:00:00Z"));
    }

    proptest! {
        #[test]
        fn no_time_is_left_out_and_none_comes_twice(
            zone in prop::sample::select(vec![Chicago, Madrid, Lord_Howe]),
            seconds in 1_772_000_000_i64..1_796_000_000, weeks in 1_u16..6,
        ) {
            let first = DateTime::from_timestamp(seconds, 0).unwrap();
            let mut last = first;
            for n in 1..20 {
                let following = next(first, zone, weeks, last);
                prop_assert_eq!(following, nth(first, zone, weeks, n));
                prop_assert!(following > last);
                last = following;
            }
        }
    }

    #[test]
    fn what_is_stored_is_read_back_and_what_cannot_be_kept_is_refused() {
        for one in [Recurrence::Once, Recurrence::EveryWeeks { weeks: 2 }, Recurrence::BeforeAppointments { days: 3 }] {
            let (weeks, days) = one.numbers();
            assert_eq!(Recurrence::read(one.as_str(), weeks, days), Some(one));
            assert!(one.check().is_ok());
        }
        for refused in [
            Recurrence::EveryWeeks { weeks: 0 },
            Recurrence::EveryWeeks { weeks: 53 },
            Recurrence::BeforeAppointments { days: 0 },
            Recurrence::BeforeAppointments { days: 15 },
        ] {
            assert!(refused.check().is_err(), "{refused:?}");
        }
    }
}
