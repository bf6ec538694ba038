//! Time as an argument. Everything that decides by the time of day asks a [`Clock`]; only this file asks the system.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Tells the time: the system's, or in tests one that is moved by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Microseconds that the clock was moved by hand. None: the system's own time.
    moved: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self { moved: None }
    }

    /// The system's time, moved on by [`Clock::advance`].
    pub fn movable() -> Self {
        Self { moved: Some(Arc::default()) }
    }

    /// The time now.
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = Utc::now();
        match &self.moved {
            None => now,
            Some(moved) => now + TimeDelta::microseconds(moved.load(Ordering::Relaxed)),
        }
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
