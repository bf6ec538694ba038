//! Asking Stripe to give something back, once.

use super::{
    super::{
        claims::{self, Rows},
        client::{Stripe, Trouble},
        collect::KEY_LASTS,
        objects::{Page, REFUND, Refund},
        pay::Means,
    },
    noting,
    rows::{self, Refunding, Row},
};
use crate::{
    audit::{self, Actor},
    billing::{access::ClientBilling, money::Amount, payments, words},
    crypto::{Keyring, Place},
    error::{Error, Result},
    ids::{PaymentId, RefundId},
};
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde_json::json;
use std::collections::HashMap;
use stripe_core::refund::{CreateRefund, ListRefund, RetrieveRefund};

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
            if let Some(known) = rows::find(conn, asked.id).await? {
                let reason = noting::reason(keyring, &known)?;
                let is_same = known.payment_id == asked.payment
                    && known.amount == asked.amount.0
                    && reason.is_none_or(|reason| reason == asked.reason.trim());
                let other = || Error::conflict("This id is that of another refund. Send yours under a new one.");
                return if is_same { Ok(true) } else { Err(other()) };
            }
            let intent = paid.stripe_payment_intent.as_deref();
            let intent = intent.ok_or_else(|| Error::conflict("This payment did not come by card."))?;
            let left = paid.refundable() - claims::under_way(conn, Rows::Refunds, asked.payment.0).await?;
            let amount = Amount::given("/amount", asked.amount.0)?;
            if amount > left {
                let most = paid.currency.format(left.at_least_zero());
                return Err(Error::field("/amount", format!("This is more than is left of the payment: {most}.")));
            }
            let place = Place::Refund { id: asked.id };
            let reason = words::seal(conn, keyring, access.client(), place, words::reason(&asked.reason)?).await?;
            rows::insert(conn, access, &asked, (intent, paid.currency, made_by), reason, now).await?;
            let detail = json!({"amount": amount.0, "currency": paid.currency.as_str()});
            let event = access.event(actor, "refund.begun").on("payment", asked.payment).with(detail);
            audit::record(conn, event).await?;
            Ok(false)
        })
        .await?;
    drop(conn);
    carry_on(means, keyring, asked.id).await?;
    let row = rows::find(&mut *means.pool.get().await?, asked.id).await?.ok_or(Error::NotFound)?;
    Ok(row.told(repeated))
}

/// Goes on with a refund, unless it is settled or another hub is at it.
pub(in super::super) async fn carry_on(means: &Means, keyring: &Keyring, id: RefundId) -> Result<()> {
    let now = means.clock.now();
    let mut conn = means.pool.get().await?;
    if !claims::claim(&mut conn, Rows::Refunds, id.0, now).await? {
        return Ok(());
    }
    let Some(row) = rows::find(&mut conn, id).await? else { return Ok(()) };
    // No connection is held while Stripe is asked.
    drop(conn);
    let found = find_out(&means.stripe, &row, now).await;
    let mut conn = means.pool.get().await?;
    let now = means.clock.now();
    match found {
        Ok(Some(said)) => noting::applied(&mut conn, keyring, &said, now).await.map(|_| ()),
        Ok(None) => noting::settle(&mut conn, &row, "failed", Some("neverArrived"), now).await,
        Err(Trouble::Unsure(why)) => {
            tracing::warn!(refund = %id, tries = row.tries, why, "a refund is not known yet");
            noting::settle(&mut conn, &row, "unknown", None, now).await
        }
        Err(Trouble::Declined { code, .. } | Trouble::Refused { code, .. }) => {
            tracing::warn!(refund = %id, code, "stripe does not give a payment back");
            noting::settle(&mut conn, &row, "failed", Some("refused"), now).await
        }
    }
}

/// None: it was never asked for, and is too old to be.
async fn find_out(stripe: &Stripe, row: &Row, now: DateTime<Utc>) -> std::result::Result<Option<Refund>, Trouble> {
    if let Some(id) = &row.refund {
        return stripe.ask(&RetrieveRefund::new(id.as_str())).await.map(Some).map_err(Trouble::of_a_question);
    }
    let asked_at = row.first_sent_at.unwrap_or(now);
    if row.tries > 1 {
        let id = row.id.to_string();
        let mut all = of_intent(stripe, &row.intent).await.map_err(Trouble::of_a_question)?.into_iter();
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
pub(in super::super) async fn of_intent(stripe: &Stripe, intent: &str) -> std::result::Result<Vec<Refund>, Trouble> {
    let page: Page<Refund> = stripe.ask(&ListRefund::new().payment_intent(intent).limit(MOST)).await?;
    Ok(page.data)
}
