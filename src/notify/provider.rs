//! What all providers have in common: they take a message, or refuse it for a while, for good, or because nobody is
//! there. What they say beyond that is not believed, and not kept: it may quote addresses.

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::time::Duration;

/// A provider took a message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// What it calls the message.
    pub id: Option<String>,
}

/// What trying again is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Again {
    /// Later, and not before so long.
    Later(Duration),
    Never,
    /// There is nobody at this address.
    Nobody,
    /// Somebody is there, and wants nothing.
    OptedOut,
}

/// A provider did not take it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    pub again: Again,
    /// For the record: a code.
    pub code: String,
}

impl Refusal {
    pub fn later(code: impl Into<String>) -> Self {
        Self { again: Again::Later(Duration::ZERO), code: code.into() }
    }

    pub fn for_good(code: impl Into<String>) -> Self {
        Self { again: Again::Never, code: code.into() }
    }

    pub fn nobody(code: impl Into<String>) -> Self {
        Self { again: Again::Nobody, code: code.into() }
    }

    pub fn opted_out(code: impl Into<String>) -> Self {
        Self { again: Again::OptedOut, code: code.into() }
    }

    /// As long as the provider asks for, where it says so.
    pub fn not_before(mut self, headers: &HeaderMap) -> Self {
        if let (Again::Later(wait), Some(asked)) = (&mut self.again, retry_after(headers)) {
            *wait = asked;
        }
        self
    }
}

/// In seconds, or until a date by the provider's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = |text: &str| DateTime::parse_from_rfc2822(text).ok().map(|at| at.with_timezone(&Utc));
    let (until, now) = (date(text)?, date(headers.get("date")?.to_str().ok()?)?);
    (until - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_says_when_to_come_again_in_seconds_or_by_its_clock() {
        let headers = |retry: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, retry.parse().unwrap());
            headers.insert("date", "Sat, 21 Nov 2026 07:00:00 GMT".parse().unwrap());
            headers
        };
        let wait = |retry: &str| match Refusal::later("x").not_before(&headers(retry)).again {
            Again::Later(wait) => wait.as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!(wait("17"), 17);
        assert_eq!(wait("Sat, 21 Nov 2026 07:01:30 GMT"), 90);
        for odd in ["soon", "-3", "Sat, 21 Nov 2026 06:59:00 GMT", "99999999999999"] {
            assert_eq!(wait(odd), 0, "{odd}");
        }
    }
}
