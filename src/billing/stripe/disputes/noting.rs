//! What Stripe says of a dispute, noted: how it stands, and the ledger's entry, in one transaction.

use super::{
    super::{
        billers,
        objects::{Dispute, is_id},
        refunds,
    },
    rows,
};
use crate::{
    audit::{self, Actor, Event},
    billing::{money::Amount, payments},
    error::Result,
    notices::Kind,
};
use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde_json::json;

/// Notes how a dispute stands. False where the payment is none that we know.
pub(in super::super) async fn applied(
    conn: &mut AsyncPgConnection,
    said: &Dispute,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some(intent) = said.payment_intent.as_deref().filter(|_| is_id(&said.id, "")) else { return Ok(false) };
    conn.transaction(async |conn| {
        let Some(payment) = refunds::payment_of(conn, intent).await? else { return Ok(false) };
        let paid = payments::lock(conn, payment).await?;
        if !said.currency.eq_ignore_ascii_case(paid.currency.as_str())
            || said.amount > paid.amount.0
            || said.amount <= 0
        {
            tracing::error!(dispute = said.id, "a dispute at stripe does not fit its payment");
            return Ok(true);
        }
        rows::note(conn, &paid, said, now).await?;
        let disputed_at = DateTime::from_timestamp(said.created, 0).unwrap_or(now);
        let amount = Amount(said.amount);
        let (action, is_news) = if said.is_won() {
            let is_news = payments::chargeback_won(conn, payment, &said.id, amount, disputed_at, now).await?;
            ("payment.disputeWon", is_news)
        } else if said.holds_the_money() {
            let is_news = payments::chargeback(conn, payment, &said.id, amount, disputed_at, now).await?;
            if is_news {
                billers::tell(conn, paid.practice, paid.client, Kind::PaymentDisputed).await?;
            }
            ("payment.disputed", is_news)
        } else {
            return Ok(true);
        };
        if !is_news {
            return Ok(true);
        }
        let hub = Actor::hub();
        let event = Event::new(&hub, action).in_practice(paid.practice).of_client(paid.client);
        let detail = json!({"amount": said.amount, "currency": paid.currency.as_str(), "status": said.status});
        audit::record(conn, event.on("payment", payment).with(detail)).await?;
        Ok(true)
    })
    .await
}
