//! Time as an argument. Everything that decides by the time of day asks a [`Clock`]; only this file asks the system.
//!
//! A hub's clock follows the store's: all hubs of a store then agree, and whoever sets the time of a hub's machine, by an
//! hour or a year, moves nothing.

use chrono::{DateTime, TimeDelta, Utc};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

/// What the store says is off by less: on its way, and because nothing is exact.
const TOLERANCE: TimeDelta = TimeDelta::milliseconds(50);

/// Tells the time: the system's, the store's, or in tests one that is moved by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Microseconds that the clock was moved by hand. None: the system's own time.
    moved: Option<Arc<AtomicI64>>,
    followed: Option<Arc<Followed>>,
}

/// The time of another clock, carried on by the machine's monotonic one, which nobody can set.
#[derive(Debug)]
struct Followed {
    began: Instant,
    /// What that clock showed then, in microseconds since 1970.
    at_beginning: AtomicI64,
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self::default()
    }

    /// The system's time, moved on by [`Clock::advance`].
    pub fn movable() -> Self {
        Self { moved: Some(Arc::default()), ..Self::default() }
    }

    /// The time that [`Clock::follow`] was told last, carried on; until then, the system's.
    pub fn following() -> Self {
        let at_beginning = Self::system().now().timestamp_micros().into();
        Self { followed: Some(Arc::new(Followed { began: Instant::now(), at_beginning })), ..Self::default() }
    }

    /// The time now.
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = self.followed.as_ref().and_then(|followed| followed.now()).unwrap_or_else(Utc::now);
        match &self.moved {
            None => now,
            Some(moved) => now + TimeDelta::microseconds(moved.load(Ordering::Relaxed)),
        }
    }

    /// The clock that is followed shows this now. Others go their own way.
    pub fn follow(&self, told: DateTime<Utc>) {
        let Some(followed) = &self.followed else { return };
        if (told - self.now()).abs() > TOLERANCE {
            followed.at_beginning.store(told.timestamp_micros() - followed.elapsed(), Ordering::Relaxed);
        }
    }

    /// How far the machine's own clock is ahead of this one.
    pub fn drift(&self) -> TimeDelta {
        Self::system().now() - self.now()
    }

    /// How far it was moved by hand; nothing for the system's. For what the store's clock judges.
    pub fn moved(&self) -> TimeDelta {
        let micros = self.moved.as_ref().map_or(0, |moved| moved.load(Ordering::Relaxed));
        TimeDelta::microseconds(micros)
    }

    /// Moves a movable clock, and all its clones, on (or back). The system's clock stays as it is.
    pub fn advance(&self, by: TimeDelta) {
        if let (Some(moved), Some(micros)) = (&self.moved, by.num_microseconds()) {
            moved.fetch_add(micros, Ordering::Relaxed);
        }
    }
}

impl Followed {
    fn elapsed(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    fn now(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.at_beginning.load(Ordering::Relaxed).saturating_add(self.elapsed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::SubsecRound;

    fn is_about(at: DateTime<Utc>, expected: DateTime<Utc>) -> bool {
        (at - expected).abs() < TimeDelta::seconds(5)
    }

    #[test]
    fn what_follows_shows_what_it_was_told_and_goes_on_from_there() {
        let (system, clock) = (Clock::system(), Clock::following());
        assert!(is_about(clock.now(), system.now()));
        let hour = TimeDelta::hours(1);
        // The store tells whole microseconds.
        let now = system.now().trunc_subsecs(6);
        for told in [now - hour, now + hour] {
            clock.follow(told);
            assert!(is_about(clock.clone().now(), told) && clock.now() >= told);
        }
        assert!(is_about(system.now() - clock.drift(), clock.now()));
        // What is only the way from the store moves nothing.
        let before = clock.now();
        clock.follow(before - TimeDelta::milliseconds(20));
        assert!(clock.now() >= before);
    }

    #[test]
    fn only_what_follows_is_told_the_time() {
        for clock in [Clock::system(), Clock::movable()] {
            clock.follow(clock.now() + TimeDelta::days(1));
            assert!(is_about(clock.now(), Clock::system().now()));
        }
    }
}
