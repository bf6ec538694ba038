//! What a client pays by card right now, as people are told of it. As long as nobody knows what becomes of it, nobody
//! begins it a second time: not in another window, by another card, or in another part.

use super::attempts::State;
use crate::{
    billing::money::Amount,
    db,
    error::{Error, Result},
    ids::{InvoiceId, PaymentAttemptId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// More than one client ever has: one of their own, and what autopay and plans take.
const MOST: i64 = 100;

/// A payment by card of which it is not known yet whether it comes.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentUnderWay)]
#[serde(rename_all = "camelCase")]
pub struct UnderWay {
    pub id: PaymentAttemptId,
    pub amount: Amount,
    pub state: State,
    /// What it is for; null: whatever is oldest.
    pub invoice: Option<InvoiceId>,
    /// The hub takes it by itself, for autopay or a plan.
    pub automatic: bool,
    pub begun_at: DateTime<Utc>,
}

/// All of a client's, the newest first.
///
/// # Errors
/// When the store is away.
pub async fn list(conn: &mut AsyncPgConnection, client: UserId) -> Result<Vec<UnderWay>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: PaymentAttemptId,
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
        #[diesel(sql_type = sql::Text)]
        state: String,
        #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
        invoice_id: Option<InvoiceId>,
        #[diesel(sql_type = sql::Bool)]
        off_session: bool,
        #[diesel(sql_type = sql::Timestamptz)]
        created_at: DateTime<Utc>,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT id, amount, state, invoice_id, off_session, created_at FROM payment_attempts
        WHERE client_id = $1 AND settled_at IS NULL ORDER BY id DESC LIMIT $2",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::BigInt, _>(MOST)
    .load(conn)
    .await?;
    let read = |row: Row| UnderWay {
        id: row.id,
        amount: Amount(row.amount),
        // What cannot be read is not known either.
        state: State::parse(&row.state).unwrap_or(State::Unknown),
        invoice: row.invoice_id,
        automatic: row.off_session,
        begun_at: row.created_at,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Whether a client may begin to pay. Under the lock of their account.
///
/// # Errors
/// `Conflict` with the payment that is under way: one of their own, or one that the hub takes for the same invoice.
pub(super) async fn none_of(conn: &mut AsyncPgConnection, client: UserId, invoice: Option<InvoiceId>) -> Result<()> {
    let is_same = |one: &UnderWay| !one.automatic || (invoice.is_some() && one.invoice == invoice);
    let Some(other) = list(conn, client).await?.into_iter().find(is_same) else { return Ok(()) };
    let extra = json!({"attempt": other.id, "amount": other.amount, "state": other.state});
    Err(Error::Conflict {
        detail: "A payment of yours is being processed. Wait until it is known what becomes of it.",
        extra: extra.as_object().cloned().unwrap_or_default(),
    })
}
