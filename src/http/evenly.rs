//! Answers that take the same time whatever was found. For calls that must not tell whether an account exists: what
//! differs (a row more, an e-mail queued) is done well within the time that every answer takes.

use super::detached;
use crate::error::Result;
use std::{future::Future, time::Duration};
use tokio::time::Instant;

/// Longer than the longest of these calls takes on a machine that is not overrun.
const ALWAYS: Duration = Duration::from_millis(300);

/// Runs `work` to its end, and answers when the time has passed. Refusals by the shape of the input come before, at
/// once: they tell only what the caller sent.
pub async fn evenly<T: 'static>(work: impl Future<Output = Result<T>> + 'static) -> Result<T> {
    let until = Instant::now() + ALWAYS;
    let outcome = detached::to_the_end(work).await;
    tokio::time::sleep_until(until).await;
    outcome
}
