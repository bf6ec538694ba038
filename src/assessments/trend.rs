//! Scores of one instrument over time. Scores of different versions are not mixed: a trend is of the newest version that
//! was answered.

use super::{
    instruments::{self, Instrument},
    model::Assessment,
    store,
};
use crate::{
    accounts::access::ClientAccess,
    crypto::Keyring,
    error::{Error, Result},
    ids::AssessmentId,
};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;

/// Points of one trend.
pub const MOST: i64 = 200;

/// One point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    pub assessment: AssessmentId,
    pub at: DateTime<Utc>,
    pub score: u16,
    pub is_danger: bool,
}

/// The newest points, oldest first, with their instrument.
///
/// # Errors
/// `invalid` where there is no such instrument.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientAccess,
    instrument: &str,
) -> Result<(&'static Instrument, Vec<Point>)> {
    let newest = instruments::current(instrument)
        .ok_or_else(|| Error::field("/instrument", "There is no such instrument: see the list of instruments."))?;
    let answered = store::answered(conn, keyring, access, instrument, MOST).await?;
    let shown = answered.last().map_or(newest, |last| last.instrument);
    let points = answered.iter().filter(|one| one.instrument.version == shown.version).filter_map(point).collect();
    Ok((shown, points))
}

fn point(assessment: &Assessment) -> Option<Point> {
    let outcome = assessment.outcome()?;
    let at = assessment.closed_at?;
    Some(Point { assessment: assessment.id, at, score: outcome.score, is_danger: !outcome.dangers.is_empty() })
}
