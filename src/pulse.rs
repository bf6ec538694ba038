//! Loops that people depend on: each on a thread and runtime of its own, so that nothing else that the hub does holds it
//! up, with a pulse that tells whether it lives, and whether it gets done what it is there for. The loop beats; a
//! watchdog on another thread looks. Runs on the machine's monotonic clock: nobody can stop it by setting the time.

use anyhow::Context;
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
    rests: Arc<AtomicBool>,
    retired: Arc<AtomicBool>,
}

/// Starts a loop on a thread of this name (15 characters are seen of it) with a runtime of its own.
///
/// # Errors
/// When there is no thread to be had.
pub fn spawn<F: Future<Output = ()>>(
    name: &'static str,
    run: impl FnOnce(Pulse) -> F + Send + 'static,
) -> anyhow::Result<Pulse> {
    let pulse = Pulse::default();
    let beats = pulse.clone();
    let body = move || {
        let _life = beats.life();
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => tokio::task::LocalSet::new().block_on(&runtime, run(beats)),
            Err(error) => tracing::error!(name, %error, "a loop has no runtime"),
        }
    };
    std::thread::Builder::new().name(name.into()).spawn(body).with_context(|| format!("cannot start {name}"))?;
    Ok(pulse)
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
        Self {
            start: Instant::now(),
            beaten: Arc::default(),
            worked: Arc::default(),
            ended: Arc::default(),
            rests: Arc::default(),
            retired: Arc::default(),
        }
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

    /// The loop was told to end, and does: that is no alarm.
    pub fn rest(&self) {
        self.rests.store(true, Ordering::Release);
    }

    /// Whether it was told to end.
    pub fn rests(&self) -> bool {
        self.rests.load(Ordering::Acquire)
    }

    /// Another one has taken this loop's place: should it ever wake up, it ends.
    pub fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// Whether another one has taken its place.
    pub fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
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
