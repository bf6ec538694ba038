//! The thread that commits: one connection, one batch at a time. While the store is away it keeps what it has, tries
//! again, and gives up on what has waited too long. A batch that the store refuses is halved until the entry that
//! cannot be stored stands alone.

use super::{
    Settlement, Shared,
    queue::{Batch, Waiting},
    settle::Settling,
};
use crate::{
    db,
    emergency::{
        bell::Bell,
        raise::{self, Raised, Raising},
    },
    threads::commit::{NewEntry, NewMark},
};
use anyhow::Context;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use secrecy::SecretString;
use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

/// How often expiry is looked at while a commit or a reconnect takes its time.
const TICK: Duration = Duration::from_millis(250);
/// A commit that hangs longer is given up together with its connection.
const COMMIT_PATIENCE: Duration = Duration::from_secs(60);
/// Between tries to reach the store: this first, then longer up to the second.
const RETRY_FIRST: Duration = Duration::from_millis(25);
const RETRY_MOST: Duration = Duration::from_millis(500);

/// The statement's plan must not depend on how full the tables were when it was first made: everything it looks up it
/// looks up by index. A commit must not wait for ever behind somebody's lock.
const SESSION: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; \
    SET plan_cache_mode = force_generic_plan; SET synchronous_commit = on; SET application_name = 'carehub journal'";

/// Why a batch was not committed.
enum Failure {
    /// The store did not answer: stored or not, nobody knows. Try again with the same ids.
    Away,
    /// The store said no.
    Refused(DieselError),
}

/// Starts the thread.
pub fn spawn(
    shared: Arc<Shared>,
    url: SecretString,
    patience: Duration,
    bell: Bell,
    recovered: Box<dyn Fn() + Send>,
) -> anyhow::Result<()> {
    // Looked at once a tick: whoever waits is told before the time is over, not after it.
    let patience = patience.saturating_sub(TICK);
    let writer = Writer { shared, url, patience, bell, recovered, connection: None };
    std::thread::Builder::new()
        .name("journal".into())
        .spawn(move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(writer.run()),
            Err(error) => tracing::error!(%error, "the journal has no runtime"),
        })
        .context("cannot start the journal")?;
    Ok(())
}

struct Writer {
    shared: Arc<Shared>,
    url: SecretString,
    patience: Duration,
    bell: Bell,
    recovered: Box<dyn Fn() + Send>,
    connection: Option<AsyncPgConnection>,
}

impl Writer {
    async fn run(mut self) {
        loop {
            let batch = {
                let mut queue = self.shared.queue();
                let batch = queue.take_batch();
                self.shared.in_commit.store(!batch.is_empty(), Ordering::Release);
                batch
            };
            if batch.is_empty() {
                self.shared.settled.notify_waiters();
                self.idle().await;
                continue;
            }
            self.store(batch).await;
        }
    }

    /// Waits for something to store. While the store is away, looks whether it is back: nobody may be left to bring
    /// something, least of all while this node says that it is not ready.
    async fn idle(&mut self) {
        let arrived = self.shared.arrived.notified();
        if self.shared.alive.load(Ordering::Acquire) {
            return arrived.await;
        }
        let probe = async {
            tokio::time::sleep(RETRY_MOST).await;
            connect(&self.url).await
        };
        let found = tokio::select! {
            () = arrived => return,
            found = probe => found,
        };
        if let Ok(connection) = found {
            self.connection = Some(connection);
            self.is_back();
        }
    }

    /// The store did what it was asked.
    fn is_back(&self) {
        if !self.shared.alive.swap(true, Ordering::AcqRel) {
            tracing::info!("the store is back");
            (self.recovered)();
        }
    }

    /// Stores a batch, however long that takes; settles all of it.
    async fn store(&mut self, batch: Batch) {
        let mut retry = RETRY_FIRST;
        let mut work = vec![batch];
        while let Some(mut batch) = work.pop() {
            match self.commit(&mut batch).await {
                Ok(raised) => {
                    self.count(&batch);
                    if raised.notices.iter().any(Option::is_some) {
                        self.bell.ring();
                    }
                    let mut settling = Settling::default();
                    settling.committed(batch, raised);
                    settling.tell();
                    retry = RETRY_FIRST;
                    self.is_back();
                }
                Err(Failure::Away) => {
                    self.connection = None;
                    if self.shared.alive.swap(false, Ordering::AcqRel) {
                        self.shared.counters.failures.fetch_add(1, Ordering::Relaxed);
                        tracing::error!("the store is away; what was taken is kept");
                    }
                    tokio::time::sleep(retry).await;
                    retry = (retry * 2).min(RETRY_MOST);
                    self.give_up_expired(&mut batch);
                    if !batch.is_empty() {
                        work.push(batch);
                    }
                }
                Err(Failure::Refused(error)) => work.extend(divide(batch, &error)),
            }
        }
    }

    fn count(&self, batch: &Batch) {
        let counters = &self.shared.counters;
        counters.batches.fetch_add(1, Ordering::Relaxed);
        counters.entries.fetch_add(batch.entries.len() as u64, Ordering::Relaxed);
        metrics::counter!("carehub_journal_entries_total").increment(batch.entries.len() as u64);
        metrics::counter!("carehub_journal_commits_total").increment(1);
    }

    async fn commit(&mut self, batch: &mut Batch) -> Result<Raised, Failure> {
        let entries: Vec<NewEntry> = batch.entries.iter().map(|waiting| waiting.submission.entry.clone()).collect();
        let raisings: Vec<Option<Raising>> =
            batch.entries.iter().map(|waiting| waiting.submission.raises.clone()).collect();
        let marks: Vec<NewMark> = batch.marks.iter().map(|submission| submission.mark).collect();
        let connection = self.connection.take();
        let url = self.url.clone();
        let attempt = async move {
            let mut connection = match connection {
                Some(connection) => connection,
                None => connect(&url).await.map_err(|_| Failure::Away)?,
            };
            let committed = raise::commit(&mut connection, &entries, &raisings, &marks).await;
            match committed {
                Ok(committed) => Ok((connection, Ok(committed))),
                Err(error) if is_away(&error) => Err(Failure::Away),
                Err(error) => Ok((connection, Err(error))),
            }
        };
        tokio::pin!(attempt);
        let started = Instant::now();
        loop {
            tokio::select! {
                result = &mut attempt => {
                    let (connection, committed) = result?;
                    self.connection = Some(connection);
                    return committed.map_err(Failure::Refused);
                }
                () = tokio::time::sleep(TICK) => {
                    self.tell_late(batch);
                    if started.elapsed() > COMMIT_PATIENCE {
                        return Err(Failure::Away);
                    }
                }
            }
        }
    }

    /// While a commit hangs: those in it are told that they are late, those behind it are given up when their time
    /// is over.
    fn tell_late(&self, batch: &mut Batch) {
        let now = Instant::now();
        let mut settling = Settling::default();
        for waiting in &mut batch.entries {
            if !waiting.told_late && now.duration_since(waiting.since) >= self.patience {
                waiting.told_late = true;
                let submission = &waiting.submission;
                settling.entry(submission.entry.thread, &submission.reply, submission.token, Settlement::Late);
            }
        }
        give_up(self.shared.queue().take_expired(self.patience, now), &mut settling);
        settling.tell();
    }

    /// Between tries: whoever waited too long is given up.
    fn give_up_expired(&self, batch: &mut Batch) {
        let now = Instant::now();
        let (expired, kept) = std::mem::take(&mut batch.entries)
            .into_iter()
            .partition::<Vec<_>, _>(|waiting| now.duration_since(waiting.since) >= self.patience);
        batch.entries = kept;
        let mut settling = Settling::default();
        give_up(expired, &mut settling);
        give_up(self.shared.queue().take_expired(self.patience, now), &mut settling);
        settling.tell();
    }
}

fn give_up(expired: Vec<Waiting>, settling: &mut Settling) {
    for waiting in expired {
        let submission = waiting.submission;
        settling.entry(submission.entry.thread, &submission.reply, submission.token, Settlement::Unknown);
    }
}

async fn connect(url: &SecretString) -> anyhow::Result<AsyncPgConnection> {
    let mut connection = db::connect(url).await?;
    connection.batch_execute(SESSION).await?;
    Ok(connection)
}

/// Whether an error says that the store is not to be had now (or changed its mind about a transaction), rather than
/// that it does not want this batch.
fn is_away(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(kind, info) => match kind {
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction => true,
            // Told by their text only: shutting down, starting up, no space, deadlock, crash of a neighbour.
            DatabaseErrorKind::Unknown => {
                let message = info.message();
                [
                    "terminating connection",
                    "shutting down",
                    "starting up",
                    "recovery mode",
                    "No space left",
                    "could not extend",
                    "could not write",
                    "deadlock",
                    "connection",
                    "closed",
                    "canceling statement",
                ]
                .iter()
                .any(|sign| message.contains(sign))
            }
            _ => false,
        },
        DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. } => true,
        _ => false,
    }
}

/// A batch that was refused, in halves, the earlier one to be tried first; or settled, when it is one entry alone.
fn divide(mut batch: Batch, error: &DieselError) -> Vec<Batch> {
    if batch.entries.len() + batch.marks.len() <= 1 {
        tracing::error!(error = db::describe(error), "one entry or mark cannot be stored");
        metrics::counter!("carehub_journal_refused_total").increment(1);
        let mut settling = Settling::default();
        for waiting in batch.entries {
            let submission = waiting.submission;
            settling.entry(submission.entry.thread, &submission.reply, submission.token, Settlement::Failed);
        }
        settling.tell();
        return Vec::new();
    }
    let later_entries = batch.entries.split_off(batch.entries.len().div_ceil(2));
    let later_marks = if later_entries.is_empty() && batch.entries.is_empty() {
        batch.marks.split_off(batch.marks.len().div_ceil(2))
    } else {
        // Entries first; marks may reach up to entries that stand in the later half.
        std::mem::take(&mut batch.marks)
    };
    // Worked off from the end.
    vec![Batch { entries: later_entries, marks: later_marks }, batch]
}
