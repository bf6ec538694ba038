//! Which part of a sum is due on which day. Pure: a schedule follows from what was agreed to, to the last cent. Days are
//! those of the practice's calendar; months end where they end.

use crate::billing::money::Amount;
use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use utoipa::ToSchema;

/// Parts of one plan.
pub const PARTS: RangeInclusive<u16> = 2..=24;
/// The smallest part, in minor units: smaller ones cost more than they bring.
pub const LEAST_PART: i64 = 1_000;
/// The first part is due within so many days.
pub const FIRST_WITHIN_DAYS: u64 = 31;

/// How far apart parts are due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentPlanRhythm)]
#[serde(rename_all = "camelCase")]
pub enum Rhythm {
    Weekly,
    Biweekly,
    Monthly,
}

impl Rhythm {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Biweekly => "biweekly",
            Self::Monthly => "monthly",
        }
    }

    /// Reads what [`Rhythm::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Weekly, Self::Biweekly, Self::Monthly].into_iter().find(|rhythm| rhythm.as_str() == text)
    }

    /// The day of the part after `before` others. Months are counted from the first day, so that a plan that begins on
    /// the 31st comes back to it after a shorter month.
    fn day(self, first: NaiveDate, before: u16) -> Option<NaiveDate> {
        match self {
            Self::Weekly => first.checked_add_days(Days::new(7 * u64::from(before))),
            Self::Biweekly => first.checked_add_days(Days::new(14 * u64::from(before))),
            Self::Monthly => first.checked_add_months(Months::new(before.into())),
        }
    }
}

/// One part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// From 1 on.
    pub number: u16,
    pub due_on: NaiveDate,
    pub amount: Amount,
}

/// Why there is no such schedule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Too many or too few parts.
    Count,
    /// They would be too small.
    TooSmall,
    /// They would be larger than one payment may be.
    TooLarge,
    /// It would end after the end of the calendar.
    TooFar,
}

/// Divides `total` into parts that differ by one minor unit at most, the larger ones first.
///
/// # Errors
/// Why that cannot be.
pub fn schedule(total: Amount, count: u16, first: NaiveDate, rhythm: Rhythm) -> Result<Vec<Part>, Refusal> {
    if !PARTS.contains(&count) {
        return Err(Refusal::Count);
    }
    let (each, left) = (total.0 / i64::from(count), total.0 % i64::from(count));
    if each < LEAST_PART {
        return Err(Refusal::TooSmall);
    }
    if Amount(each) >= Amount::MOST {
        return Err(Refusal::TooLarge);
    }
    let part = |before: u16| {
        let due_on = rhythm.day(first, before).ok_or(Refusal::TooFar)?;
        Ok(Part { number: before + 1, due_on, amount: Amount(each + i64::from(i64::from(before) < left)) })
    };
    (0..count).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn days(first: &str, count: u16, rhythm: Rhythm) -> Vec<String> {
        let parts = schedule(Amount(1_000_000), count, day(first), rhythm).unwrap();
        parts.into_iter().map(|part| part.due_on.to_string()).collect()
    }

    #[test]
    fn a_plan_of_the_31st_keeps_to_the_ends_of_months() {
        let expected = ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"];
        assert_eq!(days("2027-12-31", 5, Rhythm::Monthly), expected);
        assert_eq!(days("2027-01-30", 3, Rhythm::Monthly), ["2027-01-30", "2027-02-28", "2027-03-30"]);
        assert_eq!(days("2028-02-29", 2, Rhythm::Monthly), ["2028-02-29", "2028-03-29"]);
    }

    #[test]
    fn weeks_go_over_the_ends_of_months_and_years() {
        assert_eq!(days("2026-12-28", 3, Rhythm::Weekly), ["2026-12-28", "2027-01-04", "2027-01-11"]);
        assert_eq!(days("2026-12-28", 3, Rhythm::Biweekly), ["2026-12-28", "2027-01-11", "2027-01-25"]);
    }

    #[test]
    fn what_cannot_be_divided_goes_to_the_first_parts() {
        let parts = schedule(Amount(10_001), 3, day("2026-12-01"), Rhythm::Monthly).unwrap();
        assert_eq!(parts.iter().map(|part| part.amount.0).collect::<Vec<_>>(), [3_334, 3_334, 3_333]);
    }

    #[test]
    fn plans_of_one_part_of_too_many_and_of_too_small_ones_are_refused() {
        let plan =
            |total, count| schedule(Amount(total), count, day("2026-12-01"), Rhythm::Weekly).map(|parts| parts.len());
        assert_eq!(plan(100_000, 1), Err(Refusal::Count));
        assert_eq!(plan(100_000, 25), Err(Refusal::Count));
        assert_eq!(plan(2_000, 2), Ok(2));
        assert_eq!(plan(1_999, 2), Err(Refusal::TooSmall));
        assert_eq!(plan(-100_000, 2), Err(Refusal::TooSmall));
        assert_eq!(plan(199_999_999, 2), Err(Refusal::TooLarge));
        assert_eq!(schedule(Amount(100_000), 2, NaiveDate::MAX, Rhythm::Monthly), Err(Refusal::TooFar));
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_sum_and_their_days_follow_each_other(
            total in 48_000_i64..199_999_998,
            count in PARTS,
            offset in 0_u64..3_000,
            rhythm in prop::sample::select(vec![Rhythm::Weekly, Rhythm::Biweekly, Rhythm::Monthly]),
        ) {
            let first = day("2026-01-01") + Days::new(offset);
            let parts = schedule(Amount(total), count, first, rhythm).unwrap();
            prop_assert_eq!(parts.len(), usize::from(count));
            prop_assert_eq!(parts.iter().map(|part| part.amount.0).sum::<i64>(), total);
            prop_assert_eq!(parts[0].due_on, first);
            let (most, least) = (parts[0].amount.0, parts[parts.len() - 1].amount.0);
            prop_assert!(most - least <= 1 && least >= LEAST_PART);
            for pair in parts.windows(2) {
                prop_assert!(pair[0].due_on < pair[1].due_on && pair[0].amount >= pair[1].amount);
                prop_assert_eq!(pair[0].number + 1, pair[1].number);
            }
        }
    }
}
