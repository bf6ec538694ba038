//! What can be run. One file a scenario: its options, what it does, what it reports.

pub mod appointments;
pub mod catch_up;
pub mod connections;
pub mod emergency;
pub mod fan_out;
pub mod limits;
pub mod pairs;
pub mod peer;
pub mod rate;
pub mod slow_reader;
pub mod storm;
pub mod uploads;

use crate::check::check;
use crate::cli::Common;
use crate::clock::Clock;
use crate::history::{self, Book, Event};
use crate::measure::Report;
use crate::session::Target;
use crate::verify::{Subject, complete};
use anyhow::Result;
use std::sync::Arc;

/// Fetches what is stored, judges the run, keeps the history where that is wanted.
pub async fn judge(
    common: &Common,
    target: &Target,
    book: &Arc<Book>,
    clock: Clock,
    subjects: &[Subject],
    events: Vec<Event>,
    report: &mut Report,
) -> Result<()> {
    let history = complete(target, book, clock, subjects, events).await?;
    if let Some(path) = &common.history {
        history::write(path, &history)?;
    }
    let stored: usize = history.dumps.iter().map(|dump| dump.entries.len()).sum();
    *report.checked_events.get_or_insert(0) += history.events.len() + stored;
    report.failures.extend(check(&history).iter().map(ToString::to_string));
    Ok(())
}
