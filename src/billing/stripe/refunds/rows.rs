//! Refunds by card as rows: what somebody wanted to give back, and how far it is.

use super::super::apply::wait;
use crate::{
    billing::{
        access::ClientBilling,
        money::{Amount, Currency},
        stripe::refunds::Asked,
        words::Sealed,
    },
    db,
    error::Result,
    ids::{DataKeyId, PaymentId, PracticeId, RefundId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// How far a refund is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CardRefund)]
#[serde(rename_all = "camelCase")]
pub struct Refunding {
    pub id: RefundId,
    pub amount: Amount,
    /// `created`, `sent`, `processing` (the bank takes its time), `unknown` (the hub finds out), `succeeded`, `failed`.
    pub state: String,
    /// Why it failed: `refused`, `neverArrived`; `returned`: it had been made, and the client's bank did not take it.
    pub failure: Option<String>,
    pub begun_at: DateTime<Utc>,
    /// It was begun before, under the same id.
    #[serde(skip)]
    pub repeated: bool,
}

/// What these may still come to.
pub fn on_its_way(refunds: &[Refunding]) -> Amount {
    refunds.iter().filter(|refund| !is_settled(&refund.state)).map(|refund| refund.amount).sum()
}

fn is_settled(state: &str) -> bool {
    matches!(state, "succeeded" | "failed")
}

#[derive(QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = sql::Uuid)]
    pub id: RefundId,
    #[diesel(sql_type = sql::Uuid)]
    pub practice_id: PracticeId,
    #[diesel(sql_type = sql::Uuid)]
    pub client_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    pub payment_id: PaymentId,
    #[diesel(sql_type = sql::Text)]
    pub intent: String,
    #[diesel(sql_type = sql::BigInt)]
    pub amount: i64,
    #[diesel(sql_type = sql::Text)]
    pub currency: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub key_id: Option<DataKeyId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    pub wrapped: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    pub reason: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Uuid)]
    pub made_by: UserId,
    #[diesel(sql_type = sql::Text)]
    pub state: String,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub failure: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub refund: Option<String>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub first_sent_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Integer)]
    pub tries: i32,
}

const COLUMNS: &str =
    "r.id, r.practice_id, r.client_id, r.payment_id, r.intent, r.amount, r.currency, r.key_id, k.wrapped,
    r.reason, r.made_by, r.state, r.failure, r.refund, r.created_at, r.first_sent_at, r.tries
    FROM stripe_refunds r LEFT JOIN data_keys k ON k.id = r.key_id";

impl Row {
    pub fn told(self, repeated: bool) -> Refunding {
        Refunding {
            id: self.id,
            amount: Amount(self.amount),
            state: self.state,
            failure: self.failure,
            begun_at: self.created_at,
            repeated,
        }
    }

    pub fn is_settled(&self) -> bool {
        is_settled(&self.state)
    }
}

pub(super) async fn find(conn: &mut AsyncPgConnection, id: RefundId) -> QueryResult<Option<Row>> {
    db::statement(format!("SELECT {COLUMNS} WHERE r.id = $1"))
        .bind::<sql::Uuid, _>(id)
        .get_result(conn)
        .await
        .optional()
}

/// Those of these payments that are under way or failed, the newest first: what was made is in the ledger.
pub async fn of_payments(
    conn: &mut AsyncPgConnection,
    payments: &[PaymentId],
) -> QueryResult<HashMap<PaymentId, Vec<Refunding>>> {
    let rows: Vec<Row> = db::statement(format!(
        "SELECT {COLUMNS} WHERE r.payment_id = ANY($1) AND r.state <> 'succeeded' ORDER BY r.id DESC LIMIT 1000"
    ))
    .bind::<sql::Array<sql::Uuid>, _>(payments.iter().map(|payment| payment.0).collect::<Vec<_>>())
    .load(conn)
    .await?;
    let mut found: HashMap<PaymentId, Vec<Refunding>> = HashMap::new();
    for row in rows {
        found.entry(row.payment_id).or_default().push(row.told(true));
    }
    Ok(found)
}

/// Writes one down. Under the lock of the client's account.
pub(super) async fn insert(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    asked: &Asked,
    (intent, currency, made_by): (&str, Currency, UserId),
    reason: Sealed,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    db::statement(
        "INSERT INTO stripe_refunds (id, practice_id, client_id, payment_id, intent, amount, currency, key_id, reason,
            made_by, state, created_at, next_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'created', $11, $11)",
    )
    .bind::<sql::Uuid, _>(asked.id)
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Uuid, _>(asked.payment)
    .bind::<sql::Text, _>(intent)
    .bind::<sql::BigInt, _>(asked.amount.0)
    .bind::<sql::Text, _>(currency.as_str())
    .bind::<sql::Uuid, _>(reason.key)
    .bind::<sql::Bytea, _>(reason.bytes)
    .bind::<sql::Uuid, _>(made_by)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await
    .map(|_| ())
}

/// Notes what Stripe calls it.
pub(super) async fn note_refund(conn: &mut AsyncPgConnection, id: RefundId, refund: &str) -> QueryResult<()> {
    db::statement("UPDATE stripe_refunds SET refund = $2 WHERE id = $1 AND refund IS NULL")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Text, _>(refund)
        .execute(conn)
        .await
        .map(|_| ())
}

/// Notes where it stands, and lets go of it. Whether it is settled by that: what is settled stays so.
pub(super) async fn turn(
    conn: &mut AsyncPgConnection,
    row: &Row,
    state: &'static str,
    failure: Option<&'static str>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let is_settled = is_settled(state);
    let noted = db::statement(
        "UPDATE stripe_refunds SET state = $2, failure = $3, settled_at = $4, next_at = $5, claimed_until = NULL
        WHERE id = $1 AND settled_at IS NULL",
    )
    .bind::<sql::Uuid, _>(row.id)
    .bind::<sql::Text, _>(state)
    .bind::<sql::Nullable<sql::Text>, _>(failure)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(is_settled.then_some(now))
    .bind::<sql::Nullable<sql::Timestamptz>, _>((!is_settled).then_some(now + wait(row.tries)))
    .execute(conn)
    .await?;
    Ok(is_settled && noted == 1)
}

/// Notes that one that had been made came back.
pub(super) async fn returned(conn: &mut AsyncPgConnection, id: RefundId) -> QueryResult<()> {
    db::statement(
        "UPDATE stripe_refunds SET state = 'failed', failure = 'returned' WHERE id = $1 AND state = 'succeeded'",
    )
    .bind::<sql::Uuid, _>(id)
    .execute(conn)
    .await
    .map(|_| ())
}
