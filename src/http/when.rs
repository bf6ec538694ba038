//! Instants and days as callers write them, for `#[serde(deserialize_with = …)]`: of years of four digits, which are all
//! that RFC 3339 knows. Beyond, sums overflow and the store has no room; what is written so is refused where it is read,
//! as every other value that is not of its kind.

use chrono::Datelike;
use serde::{Deserialize, Deserializer, de::Error};
use std::ops::RangeInclusive;

/// Year 0 of ISO 8601 has no number in common calendars.
const YEARS: RangeInclusive<i32> = 1..=9999;

/// Whether anybody reckons with it.
pub fn is_reckoned_with(when: &impl Datelike) -> bool {
    YEARS.contains(&when.year())
}

/// One that has to be there.
pub fn one<'de, D: Deserializer<'de>, T: Deserialize<'de> + Datelike>(from: D) -> Result<T, D::Error> {
    T::deserialize(from).and_then(checked)
}

/// One that may be left out; with `#[serde(default)]`.
pub fn maybe<'de, D: Deserializer<'de>, T: Deserialize<'de> + Datelike>(from: D) -> Result<Option<T>, D::Error> {
    Option::<T>::deserialize(from)?.map(checked).transpose()
}

fn checked<T: Datelike, E: Error>(when: T) -> Result<T, E> {
    if is_reckoned_with(&when) { Ok(when) } else { Err(E::custom("outside of the years that are reckoned with")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, NaiveDate, Utc};

    #[derive(Deserialize)]
    struct Sent {
        #[serde(deserialize_with = "one")]
        at: DateTime<Utc>,
        #[serde(default, deserialize_with = "maybe")]
        on: Option<NaiveDate>,
    }

    fn read(text: &str) -> Option<Sent> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn what_nobody_reckons_with_is_refused_and_the_rest_is_read() {
        let sent = read(r#"{"at": "2026-11-21T12:00:00-06:00", "on": "1931-01-31"}"#).unwrap();
        assert_eq!((sent.at.to_rfc3339(), sent.on.unwrap().year()), ("2026-11-21T18:00:00+00:00".to_owned(), 1931));
        assert!(read(r#"{"at": "9999-12-31T23:59:59Z"}"#).unwrap().on.is_none());
        for at in ["+262142-12-31T00:00:00Z", "-5000-01-01T00:00:00Z", "0000-12-31T23:59:59Z", "+10000-01-01T00:00:00Z"]
        {
            assert!(read(&format!(r#"{{"at": "{at}"}}"#)).is_none(), "{at}");
        }
        for on in ["-5000-01-01", "+262142-12-31", "0000-01-01"] {
            assert!(read(&format!(r#"{{"at": "2026-11-21T12:00:00Z", "on": "{on}"}}"#)).is_none(), "{on}");
        }
    }
}
