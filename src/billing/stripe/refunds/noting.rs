//! What Stripe says of a refund, noted: the row's state and the ledger's entry in one transaction. A refund is in the
//! ledger from when Stripe made it, and is turned back in it where it did not arrive: each once, however often, late and
//! out of order it is told.

use super::{
    super::{
        billers,
        objects::{REFUND, Refund, is_id},
    },
    rows::{self, Row},
};
use crate::{
    audit::{self, Actor, Event},
    billing::{
        money::Amount,
        payments::{self, NewRefund, Paid},
        words,
    },
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::Result,
    ids::{PaymentId, RefundId},
    notices::Kind,
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// What is said of refunds that were not made here.
const MADE_AT_STRIPE: &str = "Refunded at Stripe";

/// Notes how a refund stands, whoever made it. False where the payment is none that we know.
pub(in super::super) async fn applied(
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
            Some(id) => rows::find(conn, id).await?.filter(|row| row.payment_id == payment),
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
        match state {
            "succeeded" => enter(conn, keyring, (payment, said, row.as_ref()), now).await?,
            "failed" => turn_back(conn, &paid, said, now).await?,
            _ => {}
        }
        if let Some(row) = row.filter(|row| !row.is_settled()) {
            rows::note_refund(conn, row.id, &said.id).await?;
            settle(conn, &row, state, (state == "failed").then_some("refused"), now).await?;
        }
        Ok(true)
    })
    .await
}

async fn enter(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    (payment, said, row): (PaymentId, &Refund, Option<&Row>),
    now: DateTime<Utc>,
) -> Result<()> {
    let reason = row.map(|row| reason(keyring, row)).transpose()?.flatten();
    let new = NewRefund {
        id: row.map_or_else(RefundId::new, |row| row.id),
        payment,
        amount: Amount(said.amount),
        reason: reason.as_deref().unwrap_or(MADE_AT_STRIPE),
        stripe_refund: Some(said.id.clone()),
        occurred_at: now,
        recorded_by: row.map(|row| row.made_by),
        recorded_at: now,
    };
    payments::refund(conn, keyring, &new).await.map(|_| ())
}

/// What was made before, and did not arrive.
async fn turn_back(conn: &mut AsyncPgConnection, paid: &Paid, said: &Refund, now: DateTime<Utc>) -> Result<()> {
    let Some(id) = payments::refund_failed(conn, paid.id, &said.id, now).await? else { return Ok(()) };
    rows::returned(conn, id).await?;
    let hub = Actor::hub();
    let event = Event::new(&hub, "refund.returned").in_practice(paid.practice).of_client(paid.client);
    let detail = json!({"amount": said.amount, "currency": paid.currency.as_str()});
    audit::record(conn, event.on("payment", paid.id).with(detail)).await?;
    billers::tell(conn, paid.practice, paid.client, Kind::RefundFailed).await
}

/// Why it was asked for; None where the client's words are erased.
pub(super) fn reason(keyring: &Keyring, row: &Row) -> Result<Option<String>> {
    let (Some(id), Some(wrapped), Some(sealed)) = (row.key_id, row.wrapped.clone(), &row.reason) else {
        return Ok(None);
    };
    words::open(keyring, &WrappedKey { id, wrapped }, Place::Refund { id: row.id }, sealed)
}

/// The ledger's payment of this intent.
pub(in super::super) async fn payment_of(conn: &mut AsyncPgConnection, intent: &str) -> QueryResult<Option<PaymentId>> {
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

/// Notes where it stands, and lets go of it; what is settled stays so. Of what fails after its caller was answered, the
/// practice is told.
pub(super) async fn settle(
    conn: &mut AsyncPgConnection,
    row: &Row,
    state: &'static str,
    failure: Option<&'static str>,
    now: DateTime<Utc>,
) -> Result<()> {
    conn.transaction(async |conn| {
        if !rows::turn(conn, row, state, failure, now).await? {
            return Ok(());
        }
        let action = if failure.is_some() { "refund.failed" } else { "refund.made" };
        let detail = json!({"amount": row.amount, "currency": row.currency, "failure": failure});
        let hub = Actor::hub();
        let event = Event::new(&hub, action).in_practice(row.practice_id).of_client(row.client_id);
        audit::record(conn, event.on("payment", row.payment_id).with(detail)).await?;
        let was_answered = row.state != "sent" || row.tries > 1;
        if failure.is_some() && was_answered {
            billers::tell(conn, row.practice_id, row.client_id, Kind::RefundFailed).await?;
        }
        Ok(())
    })
    .await
}
