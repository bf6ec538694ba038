//! What somebody, or the hub on its own, wants to be paid by card: a row that is committed before Stripe hears of it, and
//! whose id is the idempotency key of every call about it. Two hubs never ask at once: whoever asks claims the row first.

use super::claims::{self, Rows};
use crate::{
    billing::{
        access::ClientBilling,
        money::{Amount, Currency},
    },
    db,
    error::{Error, Result},
    ids::{InvoiceId, PaymentAttemptId, PracticeId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Whatever is oldest.
    Balance,
    Invoice(InvoiceId),
    /// An instalment of a plan.
    Plan(Uuid),
    /// What autopay charges, by an id of the occasion.
    Autopay(Uuid),
}

impl Purpose {
    /// As stored.
    pub(super) fn stored(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::Balance => ("balance", None),
            Self::Invoice(id) => ("invoice", Some(id.0)),
            Self::Plan(id) => ("plan", Some(id)),
            Self::Autopay(id) => ("autopay", Some(id)),
        }
    }

    fn parse(text: &str, id: Option<Uuid>) -> Option<Self> {
        match (text, id) {
            ("balance", None) => Some(Self::Balance),
            ("invoice", Some(id)) => Some(Self::Invoice(InvoiceId(id))),
            ("plan", Some(id)) => Some(Self::Plan(id)),
            ("autopay", Some(id)) => Some(Self::Autopay(id)),
            _ => None,
        }
    }
}

/// How far it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentAttemptState)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Written down.
    Created,
    /// Stripe is being asked.
    Sent,
    /// The bank asks its customer something.
    RequiresAction,
    /// The bank takes its time.
    Processing,
    /// No answer came; the hub finds out by itself.
    Unknown,
    Succeeded,
    Failed,
    Cancelled,
}

impl State {
    const ALL: [Self; 8] = [
        Self::Created,
        Self::Sent,
        Self::RequiresAction,
        Self::Processing,
        Self::Unknown,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// As stored and as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sent => "sent",
            Self::RequiresAction => "requiresAction",
            Self::Processing => "processing",
            Self::Unknown => "unknown",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing more comes of it, unless Stripe says that it was paid after all.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub id: PaymentAttemptId,
    pub practice: PracticeId,
    pub client: UserId,
    pub purpose: Purpose,
    pub amount: Amount,
    pub currency: Currency,
    pub off_session: bool,
    pub state: State,
    /// `declined`, `insufficientFunds`, `expired`, `authenticationRequired`, `authenticationFailed`, `noMethod`, `refused`,
    /// `neverArrived`, `abandoned`.
    pub failure: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Which the ledger is to count it for; None: whatever is oldest.
    pub invoice: Option<InvoiceId>,
    pub(super) key: Uuid,
    pub(super) method: Option<String>,
    pub(super) brand: Option<String>,
    pub(super) last4: Option<String>,
    pub(super) intent: Option<String>,
    pub(super) first_sent_at: Option<DateTime<Utc>>,
    pub(super) tries: i32,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: PaymentAttemptId,
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    key: Uuid,
    #[diesel(sql_type = sql::Text)]
    purpose: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    purpose_id: Option<Uuid>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    invoice_id: Option<InvoiceId>,
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Text)]
    currency: String,
    #[diesel(sql_type = sql::Bool)]
    off_session: bool,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    method: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    brand: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    last4: Option<String>,
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    failure: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    intent: Option<String>,
    #[diesel(sql_type = sql::Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    first_sent_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Integer)]
    tries: i32,
}

const COLUMNS: &str = "id, practice_id, client_id, key, purpose, purpose_id, invoice_id, amount, currency, off_session,
    method, brand, last4, state, failure, intent, created_at, first_sent_at, tries";

impl Row {
    fn read(self) -> Result<Attempt> {
        let unreadable = || anyhow::anyhow!("a stored payment attempt cannot be read");
        Ok(Attempt {
            id: self.id,
            practice: self.practice_id,
            client: self.client_id,
            purpose: Purpose::parse(&self.purpose, self.purpose_id).ok_or_else(unreadable)?,
            amount: Amount(self.amount),
            currency: self.currency.parse().map_err(|_| unreadable())?,
            off_session: self.off_session,
            state: State::parse(&self.state).ok_or_else(unreadable)?,
            failure: self.failure,
            created_at: self.created_at,
            invoice: self.invoice_id,
            key: self.key,
            method: self.method,
            brand: self.brand,
            last4: self.last4,
            intent: self.intent,
            first_sent_at: self.first_sent_at,
            tries: self.tries,
        })
    }
}

fn read(row: Option<Row>) -> Result<Option<Attempt>> {
    row.map(Row::read).transpose()
}

/// One of this client's own.
///
/// # Errors
/// `NotFound` for another's and for what does not exist.
pub async fn find(conn: &mut AsyncPgConnection, access: &ClientBilling, id: PaymentAttemptId) -> Result<Attempt> {
    let row = db::statement(format!("SELECT {COLUMNS} FROM payment_attempts WHERE id = $1 AND client_id = $2"))
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(access.client())
        .get_result(conn)
        .await
        .optional()?;
    read(row)?.ok_or(Error::NotFound)
}

/// The client's under this key.
pub(super) async fn under_key(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    key: Uuid,
) -> Result<Option<Attempt>> {
    let row = db::statement(format!("SELECT {COLUMNS} FROM payment_attempts WHERE client_id = $1 AND key = $2"))
        .bind::<sql::Uuid, _>(access.client())
        .bind::<sql::Uuid, _>(key)
        .get_result(conn)
        .await
        .optional()?;
    read(row)
}

/// The newest for a purpose with an id of its own: what became of an instalment, say.
pub async fn newest_for(conn: &mut AsyncPgConnection, purpose: Purpose) -> Result<Option<Attempt>> {
    let (purpose, id) = purpose.stored();
    let row = db::statement(format!(
        "SELECT {COLUMNS} FROM payment_attempts WHERE purpose = $1 AND purpose_id = $2
        ORDER BY (state = 'succeeded') DESC, id DESC LIMIT 1"
    ))
    .bind::<sql::Text, _>(purpose)
    .bind::<sql::Nullable<sql::Uuid>, _>(id)
    .get_result(conn)
    .await
    .optional()?;
    read(row)
}

/// What of a client's debt is being paid right now, whether it will come or not.
pub async fn under_way(conn: &mut AsyncPgConnection, client: UserId) -> QueryResult<Amount> {
    claims::under_way(conn, Rows::Payments, client.0).await
}

/// Tries of a client that the bank refused since `since`.
pub(super) async fn refused_since(
    conn: &mut AsyncPgConnection,
    client: UserId,
    since: DateTime<Utc>,
) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = sql::BigInt)]
        many: i64,
    }
    let row: Count = db::statement(
        "SELECT count(*) AS many FROM payment_attempts
        WHERE client_id = $1 AND state = 'failed' AND NOT off_session AND created_at > $2",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Timestamptz, _>(since)
    .get_result(conn)
    .await?;
    Ok(row.many)
}

/// Writes one down. Under the lock of the client's account.
pub(super) async fn insert(conn: &mut AsyncPgConnection, attempt: &Attempt) -> QueryResult<()> {
    let (purpose, purpose_id) = attempt.purpose.stored();
    db::statement(
        "INSERT INTO payment_attempts (id, practice_id, client_id, key, purpose, purpose_id, invoice_id, amount,
            currency, off_session, method, brand, last4, state, created_at, next_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'created', $14, $14)",
    )
    .bind::<sql::Uuid, _>(attempt.id)
    .bind::<sql::Uuid, _>(attempt.practice)
    .bind::<sql::Uuid, _>(attempt.client)
    .bind::<sql::Uuid, _>(attempt.key)
    .bind::<sql::Text, _>(purpose)
    .bind::<sql::Nullable<sql::Uuid>, _>(purpose_id)
    .bind::<sql::Nullable<sql::Uuid>, _>(attempt.invoice)
    .bind::<sql::BigInt, _>(attempt.amount.0)
    .bind::<sql::Text, _>(attempt.currency.as_str())
    .bind::<sql::Bool, _>(attempt.off_session)
    .bind::<sql::Nullable<sql::Text>, _>(attempt.method.as_deref())
    .bind::<sql::Nullable<sql::Text>, _>(attempt.brand.as_deref())
    .bind::<sql::Nullable<sql::Text>, _>(attempt.last4.as_deref())
    .bind::<sql::Timestamptz, _>(attempt.created_at)
    .execute(conn)
    .await
    .map(|_| ())
}

/// Keeps other hubs away from it for a while, and says so before Stripe is asked. None: it is settled, or another asks.
pub(super) async fn claim(
    conn: &mut AsyncPgConnection,
    id: PaymentAttemptId,
    now: DateTime<Utc>,
) -> Result<Option<Attempt>> {
    if !claims::claim(conn, Rows::Payments, id.0, now).await? {
        return Ok(None);
    }
    let row = db::statement(format!("SELECT {COLUMNS} FROM payment_attempts WHERE id = $1"))
        .bind::<sql::Uuid, _>(id)
        .get_result(conn)
        .await
        .optional()?;
    read(row)
}

/// Notes which card is charged, before it is.
pub(super) async fn set_method(
    conn: &mut AsyncPgConnection,
    id: PaymentAttemptId,
    (method, brand, last4): (&str, &str, &str),
) -> QueryResult<()> {
    db::statement("UPDATE payment_attempts SET method = $2, brand = $3, last4 = $4 WHERE id = $1 AND brand IS NULL")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Text, _>(method)
        .bind::<sql::Text, _>(brand)
        .bind::<sql::Text, _>(last4)
        .execute(conn)
        .await
        .map(|_| ())
}

/// Reads one and keeps others from changing it.
pub(super) async fn lock(conn: &mut AsyncPgConnection, id: PaymentAttemptId) -> Result<Option<Attempt>> {
    let row = db::statement(format!("SELECT {COLUMNS} FROM payment_attempts WHERE id = $1 FOR UPDATE"))
        .bind::<sql::Uuid, _>(id)
        .get_result(conn)
        .await
        .optional()?;
    read(row)
}

/// What became of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn<'a> {
    pub state: State,
    pub failure: Option<&'a str>,
    pub intent: Option<&'a str>,
    /// When to look again, where it is not settled.
    pub next_at: Option<DateTime<Utc>>,
}

/// Notes it, and lets go of it. Under [`lock`].
pub(super) async fn turn(
    conn: &mut AsyncPgConnection,
    id: PaymentAttemptId,
    turn: Turn<'_>,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let settled_at = turn.state.is_settled().then_some(now);
    db::statement(
        "UPDATE payment_attempts SET state = $2, failure = $3, intent = COALESCE(intent, $4), settled_at = $5,
            next_at = $6, claimed_until = NULL WHERE id = $1",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Text, _>(turn.state.as_str())
    .bind::<sql::Nullable<sql::Text>, _>(turn.failure)
    .bind::<sql::Nullable<sql::Text>, _>(turn.intent)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(settled_at)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(if settled_at.is_some() { None } else { turn.next_at })
    .execute(conn)
    .await
    .map(|_| ())
}
