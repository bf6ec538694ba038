//! Counts of a run that is under way, and the progress line made of them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What has happened so far, over all connections.
#[derive(Debug, Default)]
pub struct Counters {
    pub sent: AtomicU64,
    pub acknowledged: AtomicU64,
    pub received: AtomicU64,
    pub refused: AtomicU64,
    pub reconnects: AtomicU64,
    /// Sends whose connection broke before they were answered.
    pub unknown: AtomicU64,
}

impl Counters {
    /// Adds one to a count.
    pub fn add(count: &AtomicU64) {
        count.fetch_add(1, Relaxed);
    }

    fn line(&self, before: &mut [u64; 2]) -> String {
        let [acknowledged, received] = [self.acknowledged.load(Relaxed), self.received.load(Relaxed)];
        let line = format!(
            "sent {} · acknowledged {acknowledged} (+{}) · received {received} (+{}) · refused {} · reconnects {}",
            self.sent.load(Relaxed),
            acknowledged - before[0],
            received - before[1],
            self.refused.load(Relaxed),
            self.reconnects.load(Relaxed),
        );
        *before = [acknowledged, received];
        line
    }
}

/// Writes a line a second to standard error while `run` runs.
pub async fn progress<T>(name: &str, counters: &Counters, run: impl Future<Output = T>) -> T {
    let mut seconds = 0;
    let mut before = [0; 2];
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.tick().await;
    tokio::pin!(run);
    loop {
        tokio::select! {
            done = &mut run => return done,
            _ = tick.tick() => {
                seconds += 1;
                eprintln!("{name} {seconds:>3} s  {}", counters.line(&mut before));
            }
        }
    }
}
