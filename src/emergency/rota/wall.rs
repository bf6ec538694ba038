//! From what clocks on the wall show to instants. One function for the start and the end of a shift, which never falls:
//! shifts that meet on the wall meet in time, whatever the clocks do.

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Clocks were never put forward by more: a day, where a country changed sides of the date line.
const LONGEST_JUMP_MINUTES: i64 = 25 * 60;

/// When clocks show it for the first time. A time that they skip is the moment at which they skip it.
pub fn instant(zone: Tz, shown: NaiveDateTime) -> DateTime<Utc> {
    (0..=LONGEST_JUMP_MINUTES)
        .find_map(|minutes| zone.from_local_datetime(&(shown + TimeDelta::minutes(minutes))).earliest())
        .map_or_else(|| shown.and_utc(), |found| found.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(zone: &str, shown: &str) -> String {
        let shown = NaiveDateTime::parse_from_str(shown, "%Y-%m-%d %H:%M").unwrap();
        instant(zone.parse().unwrap(), shown).format("%Y-%m-%d %H:%M").to_string()
    }

    #[test]
    fn times_that_exist_once_never_and_twice() {
        for (zone, shown, expected) in [
            ("America/Chicago", "2026-11-21 08:00", "2026-11-21 14:00"),
            // 2:00 to 3:00 does not exist.
            ("America/Chicago", "2026-03-08 01:59", "2026-03-08 07:59"),
            ("America/Chicago", "2026-03-08 02:00", "2026-03-08 08:00"),
            ("America/Chicago", "2026-03-08 02:30", "2026-03-08 08:00"),
            ("America/Chicago", "2026-03-08 03:00", "2026-03-08 08:00"),
            // 1:00 to 2:00 exists twice.
            ("America/Chicago", "2026-11-01 01:00", "2026-11-01 06:00"),
            ("America/Chicago", "2026-11-01 01:59", "2026-11-01 06:59"),
            ("America/Chicago", "2026-11-01 02:00", "2026-11-01 08:00"),
            ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:00"),
            ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),
            ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25 02:00"),
            // By half an hour, and in the other half of the year.
            ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),
            ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
            // A whole day that never was.
            ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),
            // Midnight does not exist.
            ("Africa/Cairo", "2026-04-24 00:30", "2026-04-23 22:00"),
        ] {
            assert_eq!(at(zone, shown), expected, "{zone} {shown}");
        }
    }

    proptest! {
        #[test]
        fn later_on_the_wall_is_never_earlier_in_time(
            zone in prop::sample::select(vec!["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo"]),
            minute in 0_i64..527_040,
            later in 0_i64..3_000,
        ) {
            let zone: Tz = zone.parse().unwrap();
            let one = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap()
                + TimeDelta::minutes(minute);
            let other = one + TimeDelta::minutes(later);
            prop_assert!(instant(zone, one) <= instant(zone, other));
        }
    }
}
