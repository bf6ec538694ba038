//! A transaction of the ledger: two lines that sum to zero, for one cause. A cause causes it once, however often it is
//! recorded.

use crate::{
    billing::money::{Amount, Currency},
    db,
    error::Result,
    ids::{LedgerTransactionId, PracticeId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::sql_types as sql;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = LedgerKind)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    Charge,
    ChargeVoid,
    Payment,
    Adjustment,
    Refund,
    /// A refund did not arrive: the money is at the practice again.
    RefundFailed,
    /// A bank took a payment back.
    Chargeback,
    /// And gave it again.
    ChargebackWon,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Charge,
        Self::ChargeVoid,
        Self::Payment,
        Self::Adjustment,
        Self::Refund,
        Self::RefundFailed,
        Self::Chargeback,
        Self::ChargebackWon,
    ];

    /// As stored and as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::ChargeVoid => "chargeVoid",
            Self::Payment => "payment",
            Self::Adjustment => "adjustment",
            Self::Refund => "refund",
            Self::RefundFailed => "refundFailed",
            Self::Chargeback => "chargeback",
            Self::ChargebackWon => "chargebackWon",
        }
    }

    /// Reads what [`Kind::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where money is, or came from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Account {
    /// What the client owes.
    Receivable,
    /// What the practice earned.
    Revenue,
    /// What was corrected.
    Adjustments,
    /// Taken by hand.
    Cash,
    /// At Stripe.
    Stripe,
}

impl Account {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receivable => "receivable",
            Self::Revenue => "revenue",
            Self::Adjustments => "adjustments",
            Self::Cash => "cash",
            Self::Stripe => "stripe",
        }
    }
}

/// What is recorded.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub kind: Kind,
    /// The charge, payment, adjustment, refund or chargeback.
    pub cause: Uuid,
    pub practice: PracticeId,
    pub client: UserId,
    pub currency: Currency,
    /// How much more the client owes; less than zero: how much less.
    pub receivable: Amount,
    /// Where that comes from, or goes.
    pub against: Account,
    pub occurred_at: DateTime<Utc>,
    /// None: the hub itself.
    pub recorded_by: Option<UserId>,
    pub recorded_at: DateTime<Utc>,
}

/// Waits until nobody else changes this client's account, and keeps others waiting until the transaction ends. Whoever
/// decides by what is on an account takes it first.
pub async fn lock(conn: &mut AsyncPgConnection, practice: PracticeId, client: UserId) -> Result<()> {
    db::statement("INSERT INTO billing_accounts (client_id, practice_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind::<sql::Uuid, _>(client)
        .bind::<sql::Uuid, _>(practice)
        .execute(conn)
        .await?;
    db::statement("SELECT FROM billing_accounts WHERE client_id = $1 FOR UPDATE")
        .bind::<sql::Uuid, _>(client)
        .execute(conn)
        .await?;
    Ok(())
}

/// Records it. False where its cause was recorded before: nothing is written then.
pub async fn record(conn: &mut AsyncPgConnection, entry: &Entry) -> Result<bool> {
    // Both lines with their transaction, in one statement: there is no moment at which it does not balance.
    let written = db::statement(
        "WITH t AS (
            INSERT INTO ledger_transactions (id, practice_id, client_id, kind, currency, lines, cause_id, occurred_at,
                recorded_by, recorded_at)
            VALUES ($1, $2, $3, $4, $5, 2, $6, $7, $8, $9) ON CONFLICT (kind, cause_id) DO NOTHING RETURNING id)
        INSERT INTO ledger_postings (transaction_id, line, account, amount)
        SELECT t.id, l.line, l.account, l.amount
        FROM t, (VALUES (1, 'receivable', $10), (2, $11, -$10)) AS l (line, account, amount)",
    )
    .bind::<sql::Uuid, _>(LedgerTransactionId::new())
    .bind::<sql::Uuid, _>(entry.practice)
    .bind::<sql::Uuid, _>(entry.client)
    .bind::<sql::Text, _>(entry.kind.as_str())
    .bind::<sql::Text, _>(entry.currency.as_str())
    .bind::<sql::Uuid, _>(entry.cause)
    .bind::<sql::Timestamptz, _>(entry.occurred_at)
    .bind::<sql::Nullable<sql::Uuid>, _>(entry.recorded_by)
    .bind::<sql::Timestamptz, _>(entry.recorded_at)
    .bind::<sql::BigInt, _>(entry.receivable.0)
    .bind::<sql::Text, _>(entry.against.as_str())
    .execute(conn)
    .await?;
    Ok(written > 0)
}
