//! Quiet hours, and instants by the clock on somebody's wall. Pure; the time zone's rules come from the IANA database, so
//! that both changes of a year come out right.

use chrono::{DateTime, DurationRound, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Minutes of two days: no stretch of quiet, and no gap in a clock, is longer.
const MOST_MINUTES: usize = 2 * 24 * 60;

/// From when until when nothing but emergencies and security reaches somebody outside of Carehub. By the wall clock, to
/// the minute; over midnight where `until` is the earlier one; never where both are the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct QuietHours {
    #[serde(with = "minutes")]
    #[schema(value_type = String, example = "21:00")]
    pub from: NaiveTime,
    /// The first minute that is not quiet.
    #[serde(with = "minutes")]
    #[schema(value_type = String, example = "08:00")]
    pub until: NaiveTime,
}

impl QuietHours {
    /// Whether it is quiet at this time of day.
    fn covers(self, time: NaiveTime) -> bool {
        if self.from <= self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }

    /// Whether it is quiet where the clocks show this zone's time.
    pub fn is_quiet(self, zone: Tz, at: DateTime<Utc>) -> bool {
        self.covers(at.with_timezone(&zone).time())
    }

    /// The first instant from `at` on that is not quiet.
    pub fn next_loud(self, zone: Tz, at: DateTime<Utc>) -> DateTime<Utc> {
        minutes_from(at).find(|at| !self.is_quiet(zone, *at)).unwrap_or(at)
    }

    /// The first instant after `at` that is quiet; None: there is none within two days.
    pub fn next_quiet(self, zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        minutes_from(at).skip(1).find(|at| self.is_quiet(zone, *at))
    }
}

/// `at`, then every full minute. Walked, not computed: an hour may be there twice or not at all, and an evening has few
/// enough minutes.
fn minutes_from(at: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    let full = at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at);
    let later = std::iter::successors(Some(full + TimeDelta::minutes(1)), |at| Some(*at + TimeDelta::minutes(1)));
    std::iter::once(at).chain(later.take(MOST_MINUTES))
}

/// The instant at which a wall clock shows this. Where it does so twice, the first time; where it skips this, the first
/// instant after the gap.
pub fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let minutes = std::iter::successors(Some(local), |local| Some(*local + TimeDelta::minutes(1)));
    let shown = minutes.take(MOST_MINUTES).find_map(|local| zone.from_local_datetime(&local).earliest());
    shown.map_or_else(|| local.and_utc(), |at| at.to_utc())
}

/// `HH:MM`.
pub mod minutes {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes hours and minutes.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(time: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&time.format("%H:%M"))
    }

    /// Reads hours and minutes.
    ///
    /// # Errors
    /// When it is no time of day.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        let time = (text.len() == 5).then(|| NaiveTime::parse_from_str(&text, "%H:%M").ok()).flatten();
        time.ok_or_else(|| D::Error::custom("expected a time of day such as 21:00"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America::New_York, Australia::Lord_Howe, Europe::Madrid};
    use proptest::prelude::*;

    fn time(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    fn hours(from: &str, until: &str) -> QuietHours {
        QuietHours { from: time(from), until: time(until) }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn what_falls_into_the_night_waits_for_the_morning_in_each_of_three_zones() {
        let night = hours("21:00", "08:00");
        for (zone, asked, loud) in [
            (New_York, "2026-11-10T03:30:00Z", "2026-11-10T13:00:00Z"),
            (Madrid, "2026-11-10T03:30:00Z", "2026-11-10T07:00:00Z"),
            // Half an hour of summer time: 14:00 is 01:00 there.
            (Lord_Howe, "2026-11-10T14:00:30Z", "2026-11-10T21:00:00Z"),
            (Madrid, "2026-11-10T12:00:30.5Z", "2026-11-10T12:00:30.5Z"),
        ] {
            assert_eq!(night.next_loud(zone, at(asked)), at(loud), "{zone} {asked}");
        }
    }

    #[test]
    fn the_night_of_a_change_is_an_hour_shorter_or_longer() {
        let night = hours("21:00", "08:00");
        for (zone, asked, loud, quiet) in [
            (New_York, "2026-03-08T03:00:00Z", "2026-03-08T12:00:00Z", "2026-03-09T01:00:00Z"),
            (New_York, "2026-11-01T02:00:00Z", "2026-11-01T13:00:00Z", "2026-11-02T02:00:00Z"),
            (Madrid, "2026-03-28T21:00:00Z", "2026-03-29T06:00:00Z", "2026-03-29T19:00:00Z"),
            (Madrid, "2026-10-24T20:00:00Z", "2026-10-25T07:00:00Z", "2026-10-25T20:00:00Z"),
            (Lord_Howe, "2026-04-04T12:00:00Z", "2026-04-04T21:30:00Z", "2026-04-05T10:30:00Z"),
            (Lord_Howe, "2026-10-03T12:00:00Z", "2026-10-03T21:00:00Z", "2026-10-04T10:00:00Z"),
        ] {
            assert_eq!(night.next_loud(zone, at(asked)), at(loud), "{zone} {asked}");
            assert_eq!(night.next_quiet(zone, at(loud)), Some(at(quiet)), "{zone} {loud}");
        }
    }

    #[test]
    fn hours_that_end_in_a_gap_end_with_it_and_those_that_end_in_a_repeated_hour_end_twice() {
        // In New York the clock goes from 01:59 to 03:00 …
        assert_eq!(hours("00:00", "02:30").next_loud(New_York, at("2026-03-08T06:10:00Z")), at("2026-03-08T07:00:00Z"));
        // … and in autumn from 01:59 back to 01:00.
        let short = hours("00:00", "01:30");
        assert_eq!(short.next_loud(New_York, at("2026-11-01T05:10:00Z")), at("2026-11-01T05:30:00Z"));
        assert_eq!(short.next_quiet(New_York, at("2026-11-01T05:30:00Z")), Some(at("2026-11-01T06:00:00Z")));
        assert_eq!(short.next_loud(New_York, at("2026-11-01T06:10:00Z")), at("2026-11-01T06:30:00Z"));
    }

    #[test]
    fn the_same_time_twice_is_no_quiet_at_all() {
        let none = hours("08:00", "08:00");
        assert_eq!(none.next_loud(Madrid, at("2026-11-10T07:00:00Z")), at("2026-11-10T07:00:00Z"));
        assert_eq!(none.next_quiet(Madrid, at("2026-11-10T07:00:00Z")), None);
    }

    #[test]
    fn a_time_that_a_clock_skips_comes_right_after_the_gap_and_one_that_it_shows_twice_comes_once() {
        let on = |zone, text: &str| instant(zone, text.parse().unwrap());
        assert_eq!(on(New_York, "2026-03-08T02:30:00"), at("2026-03-08T07:00:00Z"));
        assert_eq!(on(New_York, "2026-11-01T01:30:00"), at("2026-11-01T05:30:00Z"));
        assert_eq!(on(Lord_Howe, "2026-10-04T02:15:00"), at("2026-10-03T15:30:00Z"));
        assert_eq!(on(Madrid, "2026-07-01T09:00:00"), at("2026-07-01T07:00:00Z"));
    }

    proptest! {
        #[test]
        fn nothing_that_waits_comes_in_quiet_hours_nor_later_than_the_first_minute_after_them(
            zone in prop::sample::select(vec![New_York, Madrid, Lord_Howe, chrono_tz::Asia::Kathmandu]),
            // Around both changes of 2026 in each of them, and in between.
            seconds in 1_772_000_000i64..1_796_000_000,
            from in 0u32..1440,
            until in 0u32..1440,
        ) {
            let time = |minute| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap();
            let quiet = QuietHours { from: time(from), until: time(until) };
            let asked = DateTime::from_timestamp(seconds, 0).unwrap();
            let loud = quiet.next_loud(zone, asked);
            prop_assert!(loud >= asked && loud - asked < TimeDelta::hours(26));
            prop_assert!(!quiet.is_quiet(zone, loud));
            if loud > asked {
                prop_assert!(quiet.is_quiet(zone, loud - TimeDelta::seconds(1)));
            }
            if let Some(next) = quiet.next_quiet(zone, loud) {
                prop_assert!(next > loud && quiet.is_quiet(zone, next));
                prop_assert!(!quiet.is_quiet(zone, next - TimeDelta::seconds(1)));
            }
        }
    }
}
