//! What the ledger says: the balance of a client, always its sum, and how it came about.

use super::Kind;
use crate::{
    billing::{
        access::ClientBilling,
        money::{Amount, Currency},
        settings, words,
        words::ChargeWords,
    },
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{AdjustmentId, ChargeId, DataKeyId, LedgerTransactionId, RefundId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a client owes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = Balance)]
pub struct Balance {
    /// In minor units. More than zero: the client owes it; less: the client has it to their credit.
    pub amount: Amount,
    pub currency: Currency,
}

/// One entry of a history.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = LedgerLine)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub id: LedgerTransactionId,
    pub kind: Kind,
    /// The charge, payment, adjustment, refund or chargeback.
    pub cause: Uuid,
    /// When it was recorded: histories are in this order, so that what was shown stays.
    pub at: DateTime<Utc>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// What a charge was for; null for the rest, and for clients who were erased.
    pub what: Option<String>,
    /// Why: of corrections, refunds and voided charges, for those who bill.
    pub reason: Option<String>,
    /// Of a payment: how it came.
    pub method: Option<String>,
    /// How much more is owed by it; less than zero: how much less.
    pub amount: Amount,
    /// What is owed after it.
    pub balance: Amount,
    pub currency: Currency,
}

/// What this client owes: the sum of the ledger.
pub async fn balance(conn: &mut AsyncPgConnection, client: UserId) -> Result<Balance> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
        #[diesel(sql_type = sql::Text)]
        currency: String,
    }
    let row: Row = db::statement(
        "SELECT COALESCE((SELECT sum(p.amount) FROM ledger_postings p
                JOIN ledger_transactions t ON t.id = p.transaction_id
                WHERE t.client_id = u.id AND p.account = 'receivable'), 0)::bigint AS amount,
            COALESCE((SELECT currency FROM billing_settings s WHERE s.practice_id = u.practice_id), $2) AS currency
        FROM users u WHERE u.id = $1",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Text, _>(settings::CURRENCY.as_str())
    .get_result(conn)
    .await?;
    Ok(Balance { amount: Amount(row.amount), currency: read_currency(&row.currency)? })
}

/// A currency of the store.
pub(in crate::billing) fn read_currency(text: &str) -> Result<Currency> {
    text.parse().map_err(|error| Error::Internal(anyhow::Error::new(error)))
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: LedgerTransactionId,
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
    #[diesel(sql_type = sql::BigInt)]
    balance: i64,
    #[diesel(sql_type = sql::Text)]
    currency: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    key_id: Option<DataKeyId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    wrapped: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    reason_sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    method: Option<String>,
}

/// The entries before an id, newest first, each with what was owed after it.
pub async fn history(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Line>> {
    let rows: Vec<Row> = db::statement(
        "SELECT l.*, k.id AS key_id, k.wrapped, c.sealed, pay.method,
            COALESCE(v.reason_sealed, a.reason_sealed, r.reason_sealed) AS reason_sealed
        FROM (
            SELECT t.id, t.kind, t.cause_id, t.recorded_at, t.occurred_at, t.currency, p.amount,
                (sum(p.amount) OVER (ORDER BY t.id))::bigint AS balance
            FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.id AND p.account = 'receivable'
            WHERE t.client_id = $1) l
        LEFT JOIN data_keys k ON k.owner_id = $1
        LEFT JOIN charges c ON c.id = l.cause_id AND l.kind IN ('charge', 'chargeVoid')
        LEFT JOIN charge_voids v ON v.charge_id = l.cause_id AND l.kind = 'chargeVoid'
        LEFT JOIN adjustments a ON a.id = l.cause_id AND l.kind = 'adjustment'
        LEFT JOIN refunds r ON r.id = l.cause_id AND l.kind IN ('refund', 'refundFailed')
        LEFT JOIN payments pay ON pay.id = l.cause_id AND l.kind = 'payment'
        WHERE $2 IS NULL OR l.id < $2 ORDER BY l.id DESC LIMIT $3",
    )
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await?;
    let shows_reasons = access.shows_notes();
    rows.into_iter().map(|row| row.read(keyring, shows_reasons)).collect()
}

impl Row {
    fn read(self, keyring: &Keyring, shows_reasons: bool) -> Result<Line> {
        let unknown = || Error::Internal(anyhow::anyhow!("a stored kind of the ledger is unknown"));
        let kind = Kind::parse(&self.kind).ok_or_else(unknown)?;
        let key = self.key_id.zip(self.wrapped).map(|(id, wrapped)| WrappedKey { id, wrapped });
        let open = |place: Place, sealed: Option<Vec<u8>>| match key.as_ref().zip(sealed) {
            Some((key, sealed)) => words::open(keyring, key, place, &sealed),
            None => Ok(None),
        };
        let words = open(Place::Charge { id: ChargeId(self.cause_id) }, self.sealed)?;
        let what =
            words.map(|text| serde_json::from_str::<ChargeWords>(&text)).transpose().map_err(anyhow::Error::from)?;
        let place = match kind {
            Kind::Adjustment => Place::Adjustment { id: AdjustmentId(self.cause_id) },
            Kind::Refund | Kind::RefundFailed => Place::Refund { id: RefundId(self.cause_id) },
            _ => Place::ChargeVoid { id: ChargeId(self.cause_id) },
        };
        Ok(Line {
            id: self.id,
            kind,
            cause: self.cause_id,
            at: self.recorded_at,
            occurred_at: self.occurred_at,
            what: what.map(|words| words.description),
            reason: open(place, self.reason_sealed.filter(|_| shows_reasons))?,
            method: self.method,
            amount: Amount(self.amount),
            balance: Amount(self.balance),
            currency: read_currency(&self.currency)?,
        })
    }
}
