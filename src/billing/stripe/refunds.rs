//! Giving a payment by card back. As payments go: written down under the lock of the client's account, Stripe asked under
//! the row's own key, the answer noted with the ledger's refund in one transaction. What was given back at Stripe itself
//! is taken into the ledger, too.

use super::{
    apply::wait,
    attempts::LEASE,
    client::{Stripe, Trouble},
    collect::KEY_LASTS,
    objects::{Page, REFUND, Refund, is_id},
    pay::Means,
};
use crate::{
    audit::{self, Actor, Event},
    billing::{
        access::ClientBilling,
        money::Amount,
        payments::{self, NewRefund},
        words,
    },
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{DataKeyId, PaymentId, PracticeId, RefundId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;
use stripe_core::refund::{CreateRefund, ListRefund, RetrieveRefund};
use utoipa::ToSchema;

/// What is said of refunds that were not made here.
const MADE_AT_STRIPE: &str = "Refunded at Stripe";
/// Refunds of one payment.
const MOST: i64 = 100;

/// What somebody of the practice wants to give back.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The same in every repetition.
    pub id: RefundId,
    pub payment: PaymentId,
    pub amount: Amount,
    pub reason: String,
}

/// How far it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CardRefund)]
#[serde(rename_all = "camelCase")]
pub struct Refunding {
    pub id: RefundId,
    /// `created`, `sent`, `processing` (the bank takes its time), `unknown` (the hub finds out), `succeeded`, `failed`.
    pub state: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// It was begun before, under the same id.
    #[serde(skip)]
    pub repeated: bool,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: RefundId,
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    payment_id: PaymentId,
    #[diesel(sql_type = sql::Text)]
    intent: String,
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Text)]
    currency: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    key_id: Option<DataKeyId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    wrapped: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    reason: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Uuid)]
    made_by: UserId,
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    failure: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    refund: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    first_sent_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Integer)]
    tries: i32,
}

const COLUMNS: &str =
    "r.id, r.practice_id, r.client_id, r.payment_id, r.intent, r.amount, r.currency, r.key_id, k.wrapped,
    r.reason, r.made_by, r.state, r.failure, r.refund, r.first_sent_at, r.tries";

impl Row {
    fn told(self, repeated: bool) -> Refunding {
        Refunding { id: self.id, state: self.state, failure: self.failure, repeated }
    }

    fn is_settled(&self) -> bool {
        matches!(self.state.as_str(), "succeeded" | "failed")
    }
}

async fn find(conn: &mut AsyncPgConnection, id: RefundId) -> QueryResult<Option<Row>> {
    db::statement(format!(
        "SELECT {COLUMNS} FROM stripe_refunds r LEFT JOIN data_keys k ON k.id = r.key_id WHERE r.id = $1"
    ))
    .bind::<sql::Uuid, _>(id)
    .get_result(conn)
    .await
    .optional()
}

/// Gives back, or goes on with what was begun under this id.
///
/// # Errors
/// `Invalid` for more than is left of the payment; `Conflict` where the id stands for another refund, or the payment did
/// not come by card; `NotFound` for a payment that is not this client's.
pub async fn begin(
    means: &Means,
    keyring: &Keyring,
    access: &ClientBilling,
    actor: &Actor,
    asked: Asked,
) -> Result<Refunding> {
    access.require_staff()?;
    let made_by = actor.user.ok_or(Error::Forbidden("Only people of the practice give money back."))?;
    let now = means.clock.now();
    let mut conn = means.pool.get().await?;
    let repeated = conn
        .transaction(async |conn| {
        let paid = payments::lock(conn, asked.payment).await?;
        if paid.client != access.client() {
            return Err(Error::NotFound);
        }
        if let Some(known) = find(conn, asked.id).await? {
            let is_same = known.payment_id == asked.payment && known.amount == asked.amount.0;
            let other = || Error::conflict("This id is that of another refund. Send yours under a new one.");
            return if is_same { Ok(true) } else { Err(other()) };
        }
        let intent = paid.stripe_payment_intent.clone();
        let intent = intent.ok_or_else(|| Error::conflict("This payment did not come by card."))?;
        let left = paid.refundable() - under_way(conn, asked.payment).await?;
        let amount = Amount::given("/amount", asked.amount.0)?;
        if amount > left {
            let most = paid.currency.format(left.at_least_zero());
            return Err(Error::field("/amount", format!("This is more than is left of the payment: {most}.")));
        }
        let place = Place::Refund { id: asked.id };
        let sealed = words::seal(conn, keyring, access.client(), place, words::reason(&asked.reason)?).await?;
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
        .bind::<sql::BigInt, _>(amount.0)
        .bind::<sql::Text, _>(paid.currency.as_str())
        .bind::<sql::Uuid, _>(sealed.key)
        .bind::<sql::Bytea, _>(sealed.bytes)
        .bind::<sql::Uuid, _>(made_by)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
        let detail = json!({"amount": amount.0, "currency": paid.currency.as_str()});
        let event = access.event(actor, "refund.begun").on("payment", asked.payment).with(detail);
        audit::record(conn, event).await?;
        Ok(false)
    })
    .await?;
    drop(conn);
    carry_on(means, keyring, asked.id).await?;
    let row = find(&mut *means.pool.get().await?, asked.id).await?.ok_or(Error::NotFound)?;
    Ok(row.told(repeated))
}

/// What of a payment is on its way back, and not in the ledger yet.
async fn under_way(conn: &mut AsyncPgConnection, payment: PaymentId) -> Result<Amount> {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
    }
    let row: Sum = db::statement(
        "SELECT COALESCE(sum(amount), 0)::bigint AS amount FROM stripe_refunds
        WHERE payment_id = $1 AND settled_at IS NULL",
    )
    .bind::<sql::Uuid, _>(payment)
    .get_result(conn)
    .await?;
    Ok(Amount(row.amount))
}

/// What the engine should look at now.
pub(super) async fn due(conn: &mut AsyncPgConnection, now: DateTime<Utc>, most: i64) -> QueryResult<Vec<RefundId>> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = sql::Uuid)]
        id: RefundId,
    }
    let rows: Vec<Due> = db::statement(
        "SELECT id FROM stripe_refunds WHERE settled_at IS NULL AND next_at <= $1
            AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY next_at LIMIT $2",
    )
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::BigInt, _>(most)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Goes on with a refund, unless it is settled or another hub is at it.
pub(super) async fn carry_on(means: &Means, keyring: &Keyring, id: RefundId) -> Result<()> {
    let now = means.clock.now();
    let claimed: Option<Row> = db::statement(format!(
        "WITH claimed AS (
            UPDATE stripe_refunds SET claimed_until = $3, next_at = $3, tries = tries + 1,
                first_sent_at = COALESCE(first_sent_at, $2), state = CASE state WHEN 'created' THEN 'sent' ELSE state END
            WHERE id = $1 AND settled_at IS NULL AND (claimed_until IS NULL OR claimed_until <= $2) RETURNING *
        ) SELECT {COLUMNS} FROM claimed r LEFT JOIN data_keys k ON k.id = r.key_id"
    ))
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Timestamptz, _>(now + LEASE)
    .get_result(&mut *means.pool.get().await?)
    .await
    .optional()?;
    let Some(row) = claimed else { return Ok(()) };
    let found = find_out(&means.stripe, &row, now).await;
    let mut conn = means.pool.get().await?;
    let now = means.clock.now();
    match found {
        Ok(Some(said)) => applied(&mut conn, keyring, &said, now).await.map(|_| ()),
        Ok(None) => settle(&mut conn, &row, "failed", Some("neverArrived"), now).await,
        Err(Trouble::Unsure(why)) => {
            tracing::warn!(refund = %id, tries = row.tries, why, "a refund is not known yet");
            settle(&mut conn, &row, "unknown", None, now).await
        }
        Err(Trouble::Declined { code, .. } | Trouble::Refused { code, .. }) => {
            tracing::warn!(refund = %id, code, "stripe does not give a payment back");
            settle(&mut conn, &row, "failed", Some("refused"), now).await
        }
    }
}

/// None: it was never asked for, and is too old to be.
async fn find_out(stripe: &Stripe, row: &Row, now: DateTime<Utc>) -> std::result::Result<Option<Refund>, Trouble> {
    if let Some(id) = &row.refund {
        return stripe.ask(&RetrieveRefund::new(id.as_str())).await.map(Some);
    }
    let asked_at = row.first_sent_at.unwrap_or(now);
    if row.tries > 1 {
        let id = row.id.to_string();
        let mut all = of_intent(stripe, &row.intent).await?.into_iter();
        if let Some(found) = all.find(|refund| refund.metadata.get(REFUND) == Some(&id)) {
            return Ok(Some(found));
        }
        if now >= asked_at + KEY_LASTS {
            return Ok(None);
        }
    }
    let request = CreateRefund::new()
        .payment_intent(row.intent.as_str())
        .amount(row.amount)
        .metadata(HashMap::from([(REFUND.to_owned(), row.id.to_string())]));
    stripe.make(&request, &format!("carehub-refund-{}", row.id)).await.map(Some)
}

/// All refunds of a payment, as Stripe has them.
pub(super) async fn of_intent(stripe: &Stripe, intent: &str) -> std::result::Result<Vec<Refund>, Trouble> {
    let page: Page<Refund> = stripe.ask(&ListRefund::new().payment_intent(intent).limit(MOST)).await?;
    Ok(page.data)
}

/// Notes how a refund stands, whoever made it. False where the payment is none that we know.
pub(super) async fn applied(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    said: &Refund,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some(intent) = said.payment_intent.as_deref().filter(|_| is_id(&said.id, "")) else { return Ok(false) };
    conn.transaction(async |conn| {
        let Some(payment) = payment_of(conn, intent).await? else { return Ok(false) };
        let paid = payments::lock(conn, payment).await?;
        let asked: Option<RefundId> = said.metadata.get(REFUND).and_then(|id| id.parse().ok());
        let row = match asked {
            Some(id) => find(conn, id).await?.filter(|row| row.payment_id == payment),
            None => None,
        };
        let is_strange = row.as_ref().is_some_and(|row| row.amount != said.amount)
            || !said.currency.eq_ignore_ascii_case(paid.currency.as_str());
        if is_strange {
            tracing::error!(refund = said.id, "a refund at stripe is not the one asked for");
            return Ok(true);
        }
        let state = match said.status.as_deref() {
            Some("succeeded") => "succeeded",
            Some("failed" | "canceled") => "failed",
            _ => "processing",
        };
        if state == "succeeded" {
            let reason = row.as_ref().map(|row| reason(keyring, row)).transpose()?.flatten();
            let new = NewRefund {
                id: row.as_ref().map_or_else(RefundId::new, |row| row.id),
                payment,
                amount: Amount(said.amount),
                reason: reason.as_deref().unwrap_or(MADE_AT_STRIPE),
                stripe_refund: Some(said.id.clone()),
                occurred_at: now,
                recorded_by: row.as_ref().map(|row| row.made_by),
                recorded_at: now,
            };
            payments::refund(conn, keyring, &new).await?;
        }
        if let Some(row) = row.filter(|row| !row.is_settled()) {
            note_refund(conn, row.id, &said.id).await?;
            settle(conn, &row, state, (state == "failed").then_some("refused"), now).await?;
        }
        Ok(true)
    })
    .await
}

fn reason(keyring: &Keyring, row: &Row) -> Result<Option<String>> {
    let (Some(id), Some(wrapped), Some(sealed)) = (row.key_id, row.wrapped.clone(), &row.reason) else {
        return Ok(None);
    };
    words::open(keyring, &WrappedKey { id, wrapped }, Place::Refund { id: row.id }, sealed)
}

/// The ledger's payment of this intent.
pub(super) async fn payment_of(conn: &mut AsyncPgConnection, intent: &str) -> QueryResult<Option<PaymentId>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = sql::Uuid)]
        id: PaymentId,
    }
    let row: Option<Found> = db::statement("SELECT id FROM payments WHERE stripe_payment_intent = $1")
        .bind::<sql::Text, _>(intent)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(|row| row.id))
}

async fn note_refund(conn: &mut AsyncPgConnection, id: RefundId, refund: &str) -> QueryResult<()> {
    db::statement("UPDATE stripe_refunds SET refund = $2 WHERE id = $1 AND refund IS NULL")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Text, _>(refund)
        .execute(conn)
        .await
        .map(|_| ())
}

/// Notes where it stands, and lets go of it; what is settled stays so.
async fn settle(
    conn: &mut AsyncPgConnection,
    row: &Row,
    state: &'static str,
    failure: Option<&'static str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let is_settled = matches!(state, "succeeded" | "failed");
    conn.transaction(async |conn| {
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
        if is_settled && noted == 1 {
            let action = if failure.is_some() { "refund.failed" } else { "refund.made" };
            let detail = json!({"amount": row.amount, "currency": row.currency, "failure": failure});
            let hub = Actor::hub();
            let event = Event::new(&hub, action).in_practice(row.practice_id).of_client(row.client_id);
            audit::record(conn, event.on("payment", row.payment_id).with(detail)).await?;
        }
        Ok(())
    })
    .await
}
