//! The ledger for spreadsheets: CSV (RFC 4180) in UTF-8. A cell that a spreadsheet would take for a formula is made text.

use super::{access::StaffBilling, ledger::history::read_currency, money::Amount, settings, words, words::ChargeWords};
use crate::{
    audit::{self, Actor},
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{ChargeId, DataKeyId, UserId},
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use std::{borrow::Cow, collections::BTreeSet};
use uuid::Uuid;

/// The most rows of one file.
pub const MOST_ROWS: i64 = 50_000;
/// Says that it is UTF-8 to programs that would guess otherwise.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const HEAD: [&str; 11] = [
    "recorded",
    "occurred",
    "client",
    "clientId",
    "kind",
    "code",
    "description",
    "serviceDate",
    "amount",
    "currency",
    "id",
];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Text)]
    name: String,
    #[diesel(sql_type = sql::Text)]
    kind: String,
    #[diesel(sql_type = sql::Uuid)]
    cause_id: Uuid,
    #[diesel(sql_type = sql::Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Text)]
    currency: String,
    #[diesel(sql_type = sql::Nullable<sql::Date>)]
    service_on: Option<NaiveDate>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    key_id: Option<DataKeyId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    wrapped: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    sealed: Option<Vec<u8>>,
}

/// All entries that were recorded on these days of the practice, both included. Leaves a row in the audit log for each
/// client who stands in it.
///
/// # Errors
/// `Invalid` for days that are none, or too many rows.
pub async fn ledger(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &StaffBilling,
    actor: &Actor,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<u8>> {
    if from > until {
        return Err(Error::field("/until", "Not before the first day."));
    }
    let zone = settings::zone(conn, access.practice()).await?;
    let end = until.succ_opt().ok_or_else(|| Error::field("/until", "A day of our time."))?;
    let rows: Vec<Row> = db::statement(
        "SELECT t.client_id, u.name, t.kind, t.cause_id, t.recorded_at, t.occurred_at, p.amount, t.currency, c.service_on,
            k.id AS key_id, k.wrapped, c.sealed
        FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.id AND p.account = 'receivable'
        JOIN users u ON u.id = t.client_id
        LEFT JOIN charges c ON c.id = t.cause_id AND t.kind IN ('charge', 'chargeVoid')
        LEFT JOIN data_keys k ON k.id = c.key_id
        WHERE t.practice_id = $1 AND t.recorded_at >= $2 AND t.recorded_at < $3 ORDER BY t.id LIMIT $4",
    )
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Timestamptz, _>(midnight(from, zone))
    .bind::<sql::Timestamptz, _>(midnight(end, zone))
    .bind::<sql::BigInt, _>(MOST_ROWS + 1)
    .load(conn)
    .await?;
    if rows.len() as i64 > MOST_ROWS {
        return Err(Error::field("/from", "More than 50,000 rows: ask for fewer days at once."));
    }
    let clients: BTreeSet<UserId> = rows.iter().map(|row| row.client_id).collect();
    let mut events: Vec<_> =
        clients.into_iter().map(|client| access.account_of(client).event(actor, "billing.exported")).collect();
    if events.is_empty() {
        events.push(audit::Event::new(actor, "billing.exported").with(json!({"count": 0})));
    }
    audit::record_all(conn, &events).await?;
    write(rows, keyring, zone)
}

fn write(rows: Vec<Row>, keyring: &Keyring, zone: Tz) -> Result<Vec<u8>> {
    let mut file = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
    file.write_record(HEAD).map_err(anyhow::Error::from)?;
    for row in rows {
        let words = row.words(keyring)?;
        let currency = read_currency(&row.currency)?;
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive().to_string();
        file.write_record([
            &day(row.recorded_at),
            &day(row.occurred_at),
            safe(&row.name).as_ref(),
            &row.client_id.to_string(),
            &row.kind,
            words.code.as_deref().unwrap_or_default(),
            safe(&words.description).as_ref(),
            &row.service_on.map(|day| day.to_string()).unwrap_or_default(),
            // A number that is ours: a minus before it is no formula.
            &currency.plain(Amount(row.amount)),
            currency.as_str(),
            &row.cause_id.to_string(),
        ])
        .map_err(anyhow::Error::from)?;
    }
    file.into_inner().map_err(|error| Error::Internal(anyhow::anyhow!("writing CSV: {}", error.error())))
}

impl Row {
    fn words(&self, keyring: &Keyring) -> Result<ChargeWords> {
        let key = self.key_id.zip(self.wrapped.clone()).map(|(id, wrapped)| WrappedKey { id, wrapped });
        let Some((key, sealed)) = key.zip(self.sealed.as_ref()) else { return Ok(ChargeWords::default()) };
        let text = words::open(keyring, &key, Place::Charge { id: ChargeId(self.cause_id) }, sealed)?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose().map_err(anyhow::Error::from)?.unwrap_or_default())
    }
}

/// The first moment of a day. Where clocks skip it, the next one that there is.
fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN);
    let hours = (0..=3).map(|hour| local + chrono::TimeDelta::hours(hour));
    let first = hours.into_iter().find_map(|local| zone.from_local_datetime(&local).earliest());
    first.map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

/// A text as a cell. Programs take some first characters for the beginning of a formula, and an apostrophe before them for
/// text.
pub fn safe(text: &str) -> Cow<'_, str> {
    match text.trim_start_matches(' ').chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '|' | '%' | '＝' | '＋' | '－' | '＠') => {
            Cow::Owned(format!("'{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for formula in ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "|cmd", "＝1+1"] {
            assert_eq!(safe(formula), format!("'{formula}"));
        }
        for text in ["", "Ann Field", "Jean-Luc", "Psychotherapy, 45 minutes", "O'Brien"] {
            assert_eq!(safe(text), text);
        }
    }

    #[test]
    fn days_begin_where_the_practice_is_and_where_clocks_skip_midnight_a_little_later() {
        let day = |text: &str, zone: Tz| midnight(text.parse().unwrap(), zone).to_rfc3339();
        assert_eq!(day("2026-11-21", chrono_tz::America::Chicago), "2026-11-21T06:00:00+00:00");
        assert_eq!(day("2026-07-01", chrono_tz::America::Chicago), "2026-07-01T05:00:00+00:00");
        // Clocks of Beirut go from 23:59:59 to 01:00 on this night.
        assert_eq!(day("2026-03-29", chrono_tz::Asia::Beirut), "2026-03-28T22:00:00+00:00");
    }
}
