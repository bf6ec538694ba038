//! Whose turn it is: rows of what Stripe is asked for are claimed before it is asked, so that no two hubs ask at once. What
//! a row says beside that is its table's affair.

use crate::{billing::money::Amount, db};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// So long a claim keeps other hubs away: longer than all calls of one try.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// What Stripe is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rows {
    Payments,
    Refunds,
}

impl Rows {
    fn table(self) -> &'static str {
        match self {
            Self::Payments => "payment_attempts",
            Self::Refunds => "stripe_refunds",
        }
    }

    /// The column of what is paid, or given back.
    fn of(self) -> &'static str {
        match self {
            Self::Payments => "client_id",
            Self::Refunds => "payment_id",
        }
    }
}

/// What the engine should look at now, the longest due first.
pub async fn due(conn: &mut AsyncPgConnection, rows: Rows, now: DateTime<Utc>, most: i64) -> QueryResult<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = sql::Uuid)]
        id: Uuid,
    }
    let found: Vec<Due> = db::statement(format!(
        "SELECT id FROM {} WHERE settled_at IS NULL AND next_at <= $1
            AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY next_at LIMIT $2",
        rows.table()
    ))
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::BigInt, _>(most)
    .load(conn)
    .await?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// Keeps other hubs away from a row for a while, and says so before Stripe is asked. False: it is settled, or another asks.
pub async fn claim(conn: &mut AsyncPgConnection, rows: Rows, id: Uuid, now: DateTime<Utc>) -> QueryResult<bool> {
    let claimed = db::statement(format!(
        "UPDATE {} SET claimed_until = $3, next_at = $3, tries = tries + 1,
            first_sent_at = COALESCE(first_sent_at, $2), state = CASE state WHEN 'created' THEN 'sent' ELSE state END
        WHERE id = $1 AND settled_at IS NULL AND (claimed_until IS NULL OR claimed_until <= $2)",
        rows.table()
    ))
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Timestamptz, _>(now + LEASE)
    .execute(conn)
    .await?;
    Ok(claimed == 1)
}

/// What of a client's debt is being paid, or of a payment is going back, right now: whether it will come or not.
pub async fn under_way(conn: &mut AsyncPgConnection, rows: Rows, of: Uuid) -> QueryResult<Amount> {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
    }
    let row: Sum = db::statement(format!(
        "SELECT COALESCE(sum(amount), 0)::bigint AS amount FROM {} WHERE {} = $1 AND settled_at IS NULL",
        rows.table(),
        rows.of()
    ))
    .bind::<sql::Uuid, _>(of)
    .get_result(conn)
    .await?;
    Ok(Amount(row.amount))
}
