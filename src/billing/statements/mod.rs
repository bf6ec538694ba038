//! Month statements: what the ledger says of one account, month by month. They go by when something was recorded, not by
//! when it happened: what is noted late stands in the month in which it was noted, so that a statement that was handed
//! out stays what it was. Call within one repeatable-read transaction, so that all figures are of one moment.
//!
//! - [`month`]: months of the calendar, and what an account came to in each (pure)

pub mod month;

use super::{
    access::ClientBilling,
    ledger::{self, history::Line},
    money::Amount,
};
use crate::{
    crypto::Keyring,
    db,
    error::{Error, Result},
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
pub use month::{Month, Total};

/// Entries of one read.
const AT_ONCE: i64 = 500;
/// Entries are read in the order of their ids, which were made a moment before they were recorded.
const MOMENT: TimeDelta = TimeDelta::hours(1);

/// A month of an account.
#[derive(Clone)]
pub struct Statement {
    pub total: Total,
    /// Whether nothing can be added to it any more.
    pub is_over: bool,
    /// In the order in which they were recorded, each with what was owed after it.
    pub lines: Vec<Line>,
}

/// All months of an account, the oldest first; none where nothing was ever recorded.
///
/// # Errors
/// When the store is away.
pub async fn totals(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Vec<Total>> {
    #[derive(QueryableByName)]
    struct Change {
        #[diesel(sql_type = sql::Timestamptz)]
        recorded_at: DateTime<Utc>,
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
    }
    let changes: Vec<Change> = db::statement(
        "SELECT t.recorded_at, p.amount FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.id
        WHERE t.client_id = $1 AND p.account = 'receivable' ORDER BY t.recorded_at, t.id",
    )
    .bind::<sql::Uuid, _>(access.client())
    .load(conn)
    .await?;
    Ok(month::totals(changes.into_iter().map(|change| (change.recorded_at, Amount(change.amount))), zone, now))
}

/// One month of an account.
///
/// # Errors
/// `NotFound` for months before anything was recorded, and for those to come.
pub async fn one(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    (month, zone): (Month, Tz),
    now: DateTime<Utc>,
) -> Result<Statement> {
    let totals = totals(conn, access, zone, now).await?;
    let total = totals.into_iter().find(|total| total.month == month).ok_or(Error::NotFound)?;
    let (begins, ends) = (month.begins(zone), month.ends(zone));
    let (mut lines, mut before) = (Vec::new(), None);
    loop {
        let page = ledger::history(conn, keyring, access, before, AT_ONCE).await?;
        let Some(last) = page.last() else { break };
        let (is_past, is_last) = (last.at < begins - MOMENT, (page.len() as i64) < AT_ONCE);
        before = Some(last.id.0);
        lines.extend(page.into_iter().filter(|line| begins <= line.at && line.at < ends));
        if is_past || is_last {
            break;
        }
    }
    lines.sort_by_key(|line| (line.at, line.id));
    let mut owed = total.opening;
    for line in &mut lines {
        owed += line.amount;
        line.balance = owed;
    }
    if owed != total.closing {
        return Err(Error::Internal(anyhow::anyhow!("a statement does not come to what the ledger does")));
    }
    Ok(Statement { total, is_over: ends <= now, lines })
}
