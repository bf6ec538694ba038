//! How many frames a connection may send. Over it: `rateLimited`; on and on over it: the end.

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter, clock::Clock as _};
use std::{num::NonZeroU32, time::Duration};

/// Frames other than sends and marks: this many a second, with room for a burst.
const FRAMES_PER_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();
const FRAMES_BURST: NonZeroU32 = NonZeroU32::new(500).unwrap();
/// Marks follow what others send, which is limited, so there is much room.
const MARKS_PER_SECOND: NonZeroU32 = NonZeroU32::new(20_000).unwrap();
/// With more refusals in a minute the connection is closed.
const REFUSALS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(1_000).unwrap();

/// What kind of frame came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Mark,
    Other,
}

/// What to do with it.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Fine,
    TooFast(Duration),
    Enough,
}

/// One connection's allowance.
pub struct Flood {
    frames: DefaultDirectRateLimiter,
    marks: DefaultDirectRateLimiter,
    refusals: DefaultDirectRateLimiter,
}

impl Flood {
    pub fn new() -> Self {
        Self {
            frames: RateLimiter::direct(Quota::per_second(FRAMES_PER_SECOND).allow_burst(FRAMES_BURST)),
            marks: RateLimiter::direct(Quota::per_second(MARKS_PER_SECOND)),
            refusals: RateLimiter::direct(Quota::per_minute(REFUSALS_PER_MINUTE)),
        }
    }

    /// Counts a frame.
    pub fn count(&self, sort: Sort) -> Verdict {
        let limiter = if sort == Sort::Mark { &self.marks } else { &self.frames };
        match limiter.check() {
            Ok(()) => Verdict::Fine,
            Err(not_until) => self.refuse(not_until.wait_time_from(limiter.clock().now())),
        }
    }

    /// Counts a frame that was refused elsewhere for coming too fast.
    pub fn refuse(&self, wait: Duration) -> Verdict {
        if self.refusals.check().is_ok() { Verdict::TooFast(wait) } else { Verdict::Enough }
    }
}
