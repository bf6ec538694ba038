//! Whether a loop lives, and whether it gets done what it is there for. The loop beats; a watchdog on another thread
//! looks. Runs on the machine's monotonic clock: nobody can stop it by setting the time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// The pulse of one loop. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pulse {
    start: Instant,
    beaten: Arc<AtomicU64>,
    worked: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
}

/// Held by a loop while it lives: dropped, also by a panic, it says that the loop has ended.
pub struct Life(Arc<AtomicBool>);

impl Drop for Life {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Default for Pulse {
    fn default() -> Self {
        Self { start: Instant::now(), beaten: Arc::default(), worked: Arc::default(), ended: Arc::default() }
    }
}

impl Pulse {
    /// To be held by the loop.
    pub fn life(&self) -> Life {
        Life(self.ended.clone())
    }

    /// Whether the loop has ended.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Whether the loop has done anything of use since its start.
    pub fn has_worked(&self) -> bool {
        self.worked.load(Ordering::Acquire) > 0
    }

    /// The loop goes round.
    pub fn beat(&self) {
        self.beaten.store(self.now(), Ordering::Release);
    }

    /// The loop went round and did what it is there for.
    pub fn work(&self) {
        self.beat();
        self.worked.store(self.now(), Ordering::Release);
    }

    /// How long it has not gone round.
    pub fn still(&self) -> Duration {
        self.since(&self.beaten)
    }

    /// How long it has done nothing of use.
    pub fn idle(&self) -> Duration {
        self.since(&self.worked)
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64 + 1
    }

    fn since(&self, last: &AtomicU64) -> Duration {
        Duration::from_millis(self.now().saturating_sub(last.load(Ordering::Acquire)))
    }
}
