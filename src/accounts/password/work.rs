//! Hashing beside the web workers. Each hashing takes a core and 19 MiB for tens of milliseconds: no more are under way
//! than there are cores, and nobody waits for long.

use super::{hashing, rules};
use crate::error::{Error, Result};
use secrecy::SecretString;
use std::{sync::LazyLock, time::Duration};
use tokio::sync::{Semaphore, SemaphorePermit};

static HASHING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
/// So long somebody waits for their turn before being told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// The right to hash. Kept until the outcome is counted, no more guesses are under way than are counted.
pub struct Turn(#[expect(dead_code, reason = "held")] SemaphorePermit<'static>);

/// Waits for a turn.
///
/// # Errors
/// `busy` when too many hash at once.
pub async fn turn() -> Result<Turn> {
    let turn = tokio::time::timeout(PATIENCE, HASHING.acquire()).await;
    let busy = || Error::Busy { retry_after: PATIENCE };
    Ok(Turn(turn.map_err(|_| busy())?.map_err(|_| busy())?))
}

/// [`hashing::verify`] on a thread of its own.
pub async fn verify(_turn: &Turn, password: SecretString, stored: Option<String>) -> Result<bool> {
    beside(move || hashing::verify(&password, stored.as_deref())).await
}

/// [`hashing::hash`] on a thread of its own.
pub async fn hash(_turn: &Turn, password: SecretString) -> Result<String> {
    beside(move || hashing::hash(&password)).await
}

/// Judges a password that stood at `pointer`, by [`rules::check`].
///
/// # Errors
/// `invalid`, with what is wrong.
pub async fn check(_turn: &Turn, password: SecretString, known: Vec<String>, pointer: &'static str) -> Result<()> {
    let judged = beside(move || Ok(rules::check(&password, &known))).await?;
    judged.map_err(|refusal| refusal.at(pointer))
}

/// Any such work, on a thread of its own.
pub async fn beside<T: Send + 'static>(work: impl FnOnce() -> anyhow::Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|_| anyhow::anyhow!("hashing a password did not come to its end"))??)
}
