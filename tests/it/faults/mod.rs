//! Faults, injected for real: processes killed and frozen, disks filled, clients that stall. A run in which the fault did
//! not bite fails as "vacuous": it has shown nothing.
//!
//! - [`history`]: what was asked, answered and seen, and what the store holds
//! - [`check`], [`check_pages`]: whether a history keeps the promises (pure)
//! - [`processes`]: signals, children, time and open files of processes; [`one_thread`]: one thread of them
//! - [`held`]: tables that hubs are held at
//! - [`storm`]: many people writing at once, who come back after every break; [`writer`] is one of them
//!
//! The storm's choices come from a seed that is printed; `CAREHUB_TEST_SEED` repeats them, `CAREHUB_STORM_SCALE`
//! multiplies people and time.

mod check;
mod check_pages;
mod check_planted;
mod clock_jumps;
mod disk_full;
mod durability;
mod escalations;
pub mod held;
mod history;
mod hub_killed;
mod lock;
mod lost_answers;
mod network;
mod one_thread;
mod oversized;
mod panics;
mod payments;
mod poison;
mod postgres_frozen;
mod postgres_killed;
mod processes;
mod provider_killed;
mod proxy;
mod silent_loops;
mod slow_clients;
mod slow_commits;
mod stampede;
mod storm;
mod writer;

use tokio::sync::{Mutex, MutexGuard};

/// Heavy faults run one after another: each measures times that another would spoil.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Waits until no other heavy fault runs.
pub async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// Fails a run that has shown nothing.
pub fn must_bite(what: &str, count: usize, at_least: usize) {
    assert!(count >= at_least, "vacuous: {what} {count}, needed at least {at_least}");
}
