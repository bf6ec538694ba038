//! Two people in one thread, one sending, one receiving, over open connections: the core of the
//! `pairs`, `rate` and `peer` scenarios. Owns what a turn is and which instants a latency spans.

mod fan;
mod receiver;
mod sender;
mod ticker;

pub use fan::Fan;
pub use receiver::Receiver;
pub use sender::{Pace, Sender};
pub use ticker::Ticker;

use crate::clock::{Clock, Nanos};
use crate::history::Event;
use crate::measure::{Counters, Latency};
use std::sync::atomic::AtomicU64;

/// What all pairs of a run share.
#[derive(Debug, Default)]
pub struct Talk {
    pub clock: Clock,
    /// Sends go on until `until`; what was due before `from` is warm-up.
    pub from: Nanos,
    pub until: Nanos,
    pub body_bytes: usize,
    /// A turn ends with the reader's receipt instead of with `sent`.
    pub receipts: bool,
    pub confirm: Confirm,
    pub counters: Counters,
    /// Turns that ended inside the measured span.
    pub turns: AtomicU64,
    /// Entries that arrived inside the measured span.
    pub arrivals: AtomicU64,
    /// How long after they were due sends left: the generator's own part of every latency.
    pub lateness: Latency,
    pub to_acknowledged: Latency,
    pub to_received: Latency,
    pub to_receipt: Latency,
    /// Who counts how many receivers have got each message, where that matters.
    pub fan: Option<Fan>,
}

/// When a receiver confirms what it has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Confirm {
    /// After so many entries; `None` means a quarter of the window.
    pub every: Option<u64>,
    /// And when nothing has come for so long.
    pub idle_ms: u64,
}

impl Talk {
    /// Whether something due or done at `at` counts.
    pub fn measures(&self, at: Nanos) -> bool {
        (self.from..self.until).contains(&at)
    }
}

/// How one side of a pair ended.
#[derive(Debug, Default)]
pub struct Outcome {
    pub events: Vec<Event>,
    /// Messages acknowledged, or entries received.
    pub count: u64,
    pub failures: Vec<String>,
}
