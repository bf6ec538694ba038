//! On which days a payment that failed is tried again. Pure.

use crate::emergency::rota::wall;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

/// Days after the first try on which it is tried again; then it is given up, and people see to it.
pub const AFTER_DAYS: [u64; 3] = [1, 3, 7];
/// Payments are taken when somebody is there whom clients can ask.
const HOUR: u32 = 9;

/// [`AFTER_DAYS`] as people say them: "1, 3 and 7".
pub fn in_words(and: &str) -> String {
    let days = AFTER_DAYS.map(|day| day.to_string());
    let (last, before) = (&days[days.len() - 1], &days[..days.len() - 1]);
    format!("{} {and} {last}", before.join(", "))
}

/// When a payment that is due on this day is tried first, as clocks in this zone show it.
pub fn first(due_on: NaiveDate, zone: Tz) -> DateTime<Utc> {
    wall::instant(zone, due_on.and_time(NaiveTime::from_hms_opt(HOUR, 0, 0).unwrap_or_default()))
}

/// The next time at which payments are taken.
pub fn next_hour(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive();
    let at = first(today, zone);
    if at > now { at } else { first(today.checked_add_days(Days::new(1)).unwrap_or(today), zone) }
}

/// When it is tried again after so many failures. None: no more.
pub fn next(first_try: DateTime<Utc>, failures: usize, zone: Tz) -> Option<DateTime<Utc>> {
    let after = AFTER_DAYS.get(failures.checked_sub(1)?)?;
    let day = first_try.with_timezone(&zone).date_naive().checked_add_days(Days::new(*after))?;
    Some(first(day, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHICAGO: Tz = Tz::America__Chicago;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_payment_is_tried_at_nine_and_again_after_one_three_and_seven_days() {
        let tried = first("2026-10-30".parse().unwrap(), CHICAGO);
        assert_eq!(tried, at("2026-10-30T14:00:00Z"));
        // Clocks are put back on November 1: it stays nine.
        let again: Vec<_> = (1..=4).map(|failures| next(tried, failures, CHICAGO)).collect();
        let expected = ["2026-10-31T14:00:00Z", "2026-11-02T15:00:00Z", "2026-11-06T15:00:00Z"];
        assert_eq!(again[..3], expected.map(|text| Some(at(text))));
        assert_eq!(again[3], None, "three times, and no more");
    }

    #[test]
    fn the_next_hour_is_today_before_nine_and_tomorrow_from_nine_on() {
        assert_eq!(next_hour(at("2026-12-02T14:59:00Z"), CHICAGO), at("2026-12-02T15:00:00Z"));
        assert_eq!(next_hour(at("2026-12-02T15:00:00Z"), CHICAGO), at("2026-12-03T15:00:00Z"));
    }

    #[test]
    fn what_was_tried_late_is_tried_again_from_that_day_on_and_what_never_failed_not_at_all() {
        // In UTC the next day already.
        assert_eq!(next(at("2026-12-02T04:30:00Z"), 1, CHICAGO), Some(at("2026-12-02T15:00:00Z")));
        assert_eq!(next(at("2026-12-02T04:30:00Z"), 0, CHICAGO), None);
    }
}
