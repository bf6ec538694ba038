//! Disputes as rows: what Stripe said of each last, and the list of a practice.

use super::{super::objects::Dispute, State};
use crate::{
    billing::{
        access::StaffBilling,
        ledger::history::read_currency,
        money::{Amount, Currency},
        payments::Paid,
    },
    db,
    error::{Error, Result},
    ids::{DisputeId, PaymentId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Notes how a dispute stands, under the lock of the account of its payment. What went further already stays.
pub(super) async fn note(conn: &mut AsyncPgConnection, paid: &Paid, said: &Dispute, now: DateTime<Utc>) -> Result<()> {
    let state = State::of(&said.status);
    if let Some(before) = state_of(conn, &said.id).await?
        && !state.follows(before)
    {
        return Ok(());
    }
    db::statement(
        "INSERT INTO stripe_disputes AS d (id, practice_id, client_id, payment_id, dispute, amount, reason, state, due_at,
            told_at, closed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (dispute) DO UPDATE SET amount = EXCLUDED.amount, reason = EXCLUDED.reason, state = EXCLUDED.state,
            due_at = EXCLUDED.due_at,
            closed_at = CASE WHEN d.state = EXCLUDED.state THEN d.closed_at ELSE EXCLUDED.closed_at END",
    )
    .bind::<sql::Uuid, _>(DisputeId::new())
    .bind::<sql::Uuid, _>(paid.practice)
    .bind::<sql::Uuid, _>(paid.client)
    .bind::<sql::Uuid, _>(paid.id)
    .bind::<sql::Text, _>(&said.id)
    .bind::<sql::BigInt, _>(said.amount)
    .bind::<sql::Nullable<sql::Text>, _>(said.reason())
    .bind::<sql::Text, _>(state.as_str())
    .bind::<sql::Nullable<sql::Timestamptz>, _>(said.due_at())
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Nullable<sql::Timestamptz>, _>((!state.is_open()).then_some(now))
    .execute(conn)
    .await?;
    Ok(())
}

async fn state_of(conn: &mut AsyncPgConnection, dispute: &str) -> Result<Option<State>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Text)]
        state: String,
    }
    let row: Option<Row> = db::statement("SELECT state FROM stripe_disputes WHERE dispute = $1")
        .bind::<sql::Text, _>(dispute)
        .get_result(conn)
        .await
        .optional()?;
    row.map(|row| read_state(&row.state)).transpose()
}

fn read_state(text: &str) -> Result<State> {
    State::parse(text).ok_or_else(|| Error::Internal(anyhow::anyhow!("a stored state of a dispute is unknown")))
}

/// A disputed payment, for those who bill.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: DisputeId,
    pub client: UserId,
    pub client_name: String,
    pub payment: PaymentId,
    /// What Stripe calls it.
    pub dispute: String,
    pub amount: Amount,
    pub currency: Currency,
    /// Stripe's code.
    pub reason: Option<String>,
    pub state: State,
    /// Until when Stripe takes evidence.
    pub due_at: Option<DateTime<Utc>>,
    pub told_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
}

/// Where a list goes on: after this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Of what is open: later than anything is closed.
    pub closed_at: DateTime<Utc>,
    pub id: DisputeId,
}

impl Listed {
    pub fn place(&self) -> Place {
        Place { closed_at: self.closed_at.unwrap_or_else(never), id: self.id }
    }
}

/// 9999-01-01, as a year that cursors may have.
fn never() -> DateTime<Utc> {
    DateTime::from_timestamp(253_370_764_800, 0).unwrap_or_default()
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: DisputeId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Text)]
    client_name: String,
    #[diesel(sql_type = sql::Uuid)]
    payment_id: PaymentId,
    #[diesel(sql_type = sql::Text)]
    dispute: String,
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Text)]
    currency: String,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    reason: Option<String>,
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Timestamptz)]
    told_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    closed_at: Option<DateTime<Utc>>,
}

/// Those of the practice after a place: what is open first, the newest first; then what was closed last.
pub async fn list(
    conn: &mut AsyncPgConnection,
    access: &StaffBilling,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Listed>> {
    let rows: Vec<Row> = db::statement(
        "SELECT d.id, d.client_id, u.name AS client_name, d.payment_id, d.dispute, d.amount, p.currency, d.reason, d.state,
            d.due_at, d.told_at, d.closed_at
        FROM stripe_disputes d JOIN users u ON u.id = d.client_id JOIN payments p ON p.id = d.payment_id
        WHERE d.practice_id = $1 AND ($3 IS NULL OR (COALESCE(d.closed_at, $2), d.id) < ($3, $4))
        ORDER BY COALESCE(d.closed_at, $2) DESC, d.id DESC LIMIT $5",
    )
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Timestamptz, _>(never())
    .bind::<sql::Nullable<sql::Timestamptz>, _>(after.map(|place| place.closed_at))
    .bind::<sql::Nullable<sql::Uuid>, _>(after.map(|place| place.id))
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

impl Row {
    fn read(self) -> Result<Listed> {
        Ok(Listed {
            id: self.id,
            client: self.client_id,
            client_name: self.client_name,
            payment: self.payment_id,
            dispute: self.dispute,
            amount: Amount(self.amount),
            currency: read_currency(&self.currency)?,
            reason: self.reason,
            state: read_state(&self.state)?,
            due_at: self.due_at,
            told_at: self.told_at,
            closed_at: self.closed_at,
        })
    }
}

/// How many are open in the practice.
pub async fn open(conn: &mut AsyncPgConnection, access: &StaffBilling) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        many: i64,
    }
    let row: Row =
        db::statement("SELECT count(*) AS many FROM stripe_disputes WHERE practice_id = $1 AND closed_at IS NULL")
            .bind::<sql::Uuid, _>(access.practice())
            .get_result(conn)
            .await?;
    Ok(row.many)
}
