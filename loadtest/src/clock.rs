//! One monotonic clock for a whole run. Owns the zero point that every recorded instant and every
//! stamped body counts from; must never be compared between runs.

use std::time::{Duration, Instant};

/// Nanoseconds since the run began.
pub type Nanos = u64;

/// The run's clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    zero: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Self::start()
    }
}

impl Clock {
    /// Starts at zero now.
    pub fn start() -> Self {
        Self { zero: Instant::now() }
    }

    /// Nanoseconds since the start.
    pub fn now(self) -> Nanos {
        self.zero.elapsed().as_nanos() as Nanos
    }

    /// The instant of `nanos`, for timers.
    pub fn instant(self, nanos: Nanos) -> tokio::time::Instant {
        (self.zero + Duration::from_nanos(nanos)).into()
    }
}

/// Seconds as nanoseconds.
pub fn seconds(seconds: f64) -> Nanos {
    (seconds * 1e9) as Nanos
}
