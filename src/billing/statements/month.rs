//! Months of a practice's calendar, and what an account came to in each. Pure: what closes one month opens the next,
//! because both are the same sum.

use crate::{
    billing::money::Amount,
    emergency::rota::wall,
    error::{Error, Result},
};
use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

/// A month, written as `2026-10`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = StatementMonth, value_type = String, pattern = "^[0-9]{4}-[0-9]{2}$")]
#[serde(into = "String", try_from = "String")]
pub struct Month(NaiveDate);

impl Month {
    /// In which month an instant lies, by clocks in this zone.
    pub fn of(at: DateTime<Utc>, zone: Tz) -> Self {
        Self::with(at.with_timezone(&zone).date_naive())
    }

    fn with(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// The one after it; the calendar's last has none.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add_months(Months::new(1)).map(Self)
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    /// When it begins in this zone.
    pub fn begins(self, zone: Tz) -> DateTime<Utc> {
        wall::instant(zone, self.0.and_time(NaiveTime::MIN))
    }

    /// When the next one begins.
    pub fn ends(self, zone: Tz) -> DateTime<Utc> {
        self.next().map_or(DateTime::<Utc>::MAX_UTC, |next| next.begins(zone))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%Y-%m").fmt(f)
    }
}

impl FromStr for Month {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let day = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok().map(Self);
        // Numbers of other lengths are read, too, but name no month.
        day.filter(|month| month.to_string() == text).ok_or(Error::NotFound)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl TryFrom<String> for Month {
    type Error = &'static str;
    fn try_from(text: String) -> std::result::Result<Self, &'static str> {
        text.parse().map_err(|_| "a month is written as 2026-10")
    }
}

/// What an account came to in a month; above zero is what is owed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Total {
    pub month: Month,
    pub opening: Amount,
    /// What was added to what is owed.
    pub added: Amount,
    /// What was taken off it; never above zero.
    pub taken_off: Amount,
    pub closing: Amount,
}

/// Every month from that of the first change to that of `now`. `changes` are in the order of time.
pub fn totals(changes: impl IntoIterator<Item = (DateTime<Utc>, Amount)>, zone: Tz, now: DateTime<Utc>) -> Vec<Total> {
    let mut months: Vec<Total> = Vec::new();
    let start =
        |month, opening| Total { month, opening, added: Amount::ZERO, taken_off: Amount::ZERO, closing: opening };
    let go_on = |months: &mut Vec<Total>, until: Month| {
        while let Some(Total { month, closing, .. }) = months.last().copied()
            && month < until
            && let Some(next) = month.next()
        {
            months.push(start(next, closing));
        }
    };
    for (at, amount) in changes {
        let month = Month::of(at, zone);
        if months.is_empty() {
            months.push(start(month, Amount::ZERO));
        }
        go_on(&mut months, month);
        let Some(total) = months.last_mut() else { continue };
        if amount.is_positive() {
            total.added += amount
        } else {
            total.taken_off += amount
        }
        total.closing += amount;
    }
    go_on(&mut months, Month::of(now, zone));
    months
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_begins_at_midnight_where_the_practice_is() {
        let zone = Tz::America__Chicago;
        assert_eq!(Month::of(at("2026-11-01T04:59:59Z"), zone), month("2026-10"));
        assert_eq!(Month::of(at("2026-11-01T05:00:00Z"), zone), month("2026-11"));
        // Clocks are put back within it: 24 hours more than thirty days would say, less one.
        assert_eq!(month("2026-11").begins(zone), at("2026-11-01T05:00:00Z"));
        assert_eq!(month("2026-11").ends(zone), at("2026-12-01T06:00:00Z"));
        assert_eq!(month("2026-12").next(), Some(month("2027-01")));
    }

    #[test]
    fn what_names_no_month_is_none() {
        for text in ["", "2026", "2026-13", "2026-00", "2026-1", "26-01", "2026-10-01", "2026-10 ", "+2026-10", "x"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
        assert_eq!(month("2026-10").to_string(), "2026-10");
    }

    #[test]
    fn months_in_which_nothing_happened_are_there_all_the_same() {
        let found = totals(
            [(at("2026-08-31T12:00:00Z"), Amount(500)), (at("2026-10-02T12:00:00Z"), Amount(-200))],
            Tz::UTC,
            at("2026-11-21T12:00:00Z"),
        );
        let said: Vec<_> = found.iter().map(|one| (one.month.to_string(), one.opening.0, one.closing.0)).collect();
        let said: Vec<_> = said.iter().map(|(month, opening, closing)| (month.as_str(), *opening, *closing)).collect();
        assert_eq!(said, [("2026-08", 0, 500), ("2026-09", 500, 500), ("2026-10", 500, 300), ("2026-11", 300, 300)]);
        assert!(totals([], Tz::UTC, at("2026-11-21T12:00:00Z")).is_empty());
    }

    proptest! {
        #[test]
        fn what_closes_one_month_opens_the_next_and_each_change_is_in_one_of_them(
            mut changes in prop::collection::vec((0_i64..94_608_000, -100_000_i64..100_000), 1..80),
            zone in prop::sample::select(vec![Tz::America__Chicago, Tz::Pacific__Apia, Tz::Africa__Cairo, Tz::Asia__Kathmandu]),
        ) {
            changes.sort_by_key(|(seconds, _)| *seconds);
            let changes: Vec<_> = changes.into_iter().map(|(seconds, amount)| (at("2025-01-01T00:00:00Z") + TimeDelta::seconds(seconds), Amount(amount))).collect();
            let now = at("2028-01-01T00:00:00Z");
            let found = totals(changes.clone(), zone, now);
            prop_assert_eq!(found[0].opening, Amount::ZERO);
            prop_assert_eq!(found[found.len() - 1].month, Month::of(now, zone));
            prop_assert_eq!(found[found.len() - 1].closing, changes.iter().map(|(_, amount)| *amount).sum::<Amount>());
            for one in &found {
                prop_assert_eq!(one.opening + one.added + one.taken_off, one.closing);
                let within = changes.iter().filter(|(at, _)| one.month.begins(zone) <= *at && *at < one.month.ends(zone));
                prop_assert_eq!(within.map(|(_, amount)| *amount).sum::<Amount>(), one.closing - one.opening);
            }
            for pair in found.windows(2) {
                prop_assert_eq!(pair[0].closing, pair[1].opening);
                prop_assert_eq!(pair[0].month.next(), Some(pair[1].month));
            }
        }
    }
}
