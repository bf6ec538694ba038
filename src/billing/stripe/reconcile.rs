//! Reading both sides of a reconciliation: everything at Stripe since an instant, and what the ledger has of it. Reads
//! alone. What is being paid in this very moment is left out: it is settled on one side first.

use super::{
    claims::LEASE,
    client::{Stripe, Trouble},
    differences::{Ours, Payment, Returned, TakenBack, Theirs},
    objects::{Dispute, Intent, Page, Refund},
};
use crate::db;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::de::DeserializeOwned;
use stripe_client_core::StripeRequest;
use stripe_core::{dispute::ListDispute, payment_intent::ListPaymentIntent, refund::ListRefund};
use stripe_types::{RangeBoundsTs, RangeQueryTs};
use uuid::Uuid;

const PAGE: i64 = 100;
/// A hundred thousand payments. Who has more names a later day.
const MOST_PAGES: usize = 1_000;
/// A payment is made at Stripe before it is noted here, and refunds and disputes come later than their payments.
const MARGIN: TimeDelta = TimeDelta::days(1);
/// What is not known for so long is a difference.
const UNSETTLED: TimeDelta = TimeDelta::days(1);

/// Everything at Stripe since then.
///
/// # Errors
/// When Stripe does not answer.
pub async fn theirs(stripe: &Stripe, since: DateTime<Utc>) -> Result<Theirs, Trouble> {
    let since = (since - MARGIN).timestamp();
    let created = || RangeQueryTs::Bounds(RangeBoundsTs { gte: Some(since), ..RangeBoundsTs::default() });
    let intents = all(
        stripe,
        |intent: &Intent| intent.id.clone(),
        |after| {
            let request = ListPaymentIntent::new().created(created()).limit(PAGE);
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        },
    );
    let refunds = all(
        stripe,
        |refund: &Refund| refund.id.clone(),
        |after| {
            let request = ListRefund::new().created(created()).limit(PAGE);
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        },
    );
    let disputes = all(
        stripe,
        |dispute: &Dispute| dispute.id.clone(),
        |after| {
            let request = ListDispute::new().created(created()).limit(PAGE);
            match after {
                Some(after) => request.starting_after(after),
                None => request,
            }
        },
    );
    Ok(Theirs { intents: intents.await?, refunds: refunds.await?, disputes: disputes.await? })
}

async fn all<T: DeserializeOwned, R: StripeRequest>(
    stripe: &Stripe,
    id: impl Fn(&T) -> String,
    request: impl Fn(Option<String>) -> R,
) -> Result<Vec<T>, Trouble> {
    let mut found = Vec::new();
    for _ in 0..MOST_PAGES {
        let page: Page<T> = stripe.ask(&request(found.last().map(&id))).await?;
        let is_last = !page.has_more || page.data.is_empty();
        found.extend(page.data);
        if is_last {
            return Ok(found);
        }
    }
    Err(Trouble::Unsure("too much to compare: name a later day"))
}

/// What the hub has since then. Before [`theirs`]: whatever is recorded was at Stripe before.
pub async fn ours(conn: &mut AsyncPgConnection, since: DateTime<Utc>, now: DateTime<Utc>) -> QueryResult<Ours> {
    #[derive(QueryableByName)]
    struct PaymentRow {
        #[diesel(sql_type = sql::Uuid)]
        id: Uuid,
        #[diesel(sql_type = sql::Text)]
        intent: String,
        #[diesel(sql_type = sql::Nullable<sql::Text>)]
        customer: Option<String>,
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
        #[diesel(sql_type = sql::Text)]
        currency: String,
        #[diesel(sql_type = sql::BigInt)]
        entered: i64,
    }
    #[derive(QueryableByName)]
    struct RefundRow {
        #[diesel(sql_type = sql::Uuid)]
        id: Uuid,
        #[diesel(sql_type = sql::Nullable<sql::Text>)]
        refund: Option<String>,
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
        #[diesel(sql_type = sql::Bool)]
        failed: bool,
    }
    #[derive(QueryableByName)]
    struct ChargebackRow {
        #[diesel(sql_type = sql::Text)]
        dispute: String,
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
        #[diesel(sql_type = sql::Bool)]
        won: bool,
    }
    #[derive(QueryableByName)]
    struct AttemptRow {
        #[diesel(sql_type = sql::Uuid)]
        id: Uuid,
    }
    let payments: Vec<PaymentRow> = db::statement(
        "SELECT p.id, p.stripe_payment_intent AS intent, c.customer, p.amount, p.currency,
            COALESCE((SELECT sum(l.amount) FROM ledger_postings l JOIN ledger_transactions t ON t.id = l.transaction_id
                WHERE t.kind = 'payment' AND t.cause_id = p.id AND l.account = 'stripe'), 0)::bigint AS entered
        FROM payments p LEFT JOIN stripe_customers c ON c.client_id = p.client_id
        WHERE p.stripe_payment_intent IS NOT NULL AND p.recorded_at >= $1",
    )
    .bind::<sql::Timestamptz, _>(since)
    .load(conn)
    .await?;
    let refunds: Vec<RefundRow> = db::statement(
        "SELECT r.id, r.stripe_refund AS refund, r.amount, EXISTS (SELECT FROM ledger_transactions t
            WHERE t.kind = 'refundFailed' AND t.cause_id = r.id) AS failed
        FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE p.stripe_payment_intent IS NOT NULL AND r.recorded_at >= $1",
    )
    .bind::<sql::Timestamptz, _>(since)
    .load(conn)
    .await?;
    let chargebacks: Vec<ChargebackRow> = db::statement(
        "SELECT c.dispute, c.amount, EXISTS (SELECT FROM ledger_transactions t
            WHERE t.kind = 'chargebackWon' AND t.cause_id = c.id) AS won
        FROM chargebacks c WHERE c.occurred_at >= $1",
    )
    .bind::<sql::Timestamptz, _>(since)
    .load(conn)
    .await?;
    let unsettled: Vec<AttemptRow> = db::statement(
        "SELECT id FROM payment_attempts WHERE settled_at IS NULL AND first_sent_at < $1
        UNION ALL SELECT id FROM stripe_refunds WHERE settled_at IS NULL AND first_sent_at < $1",
    )
    .bind::<sql::Timestamptz, _>(now - UNSETTLED)
    .load(conn)
    .await?;
    Ok(Ours {
        payments: payments
            .into_iter()
            .map(|PaymentRow { id, intent, customer, amount, currency, entered }| Payment {
                id,
                intent,
                customer,
                amount,
                currency,
                entered,
            })
            .collect(),
        refunds: refunds
            .into_iter()
            .map(|RefundRow { id, refund, amount, failed }| Returned { id, refund, amount, failed })
            .collect(),
        chargebacks: chargebacks
            .into_iter()
            .map(|ChargebackRow { dispute, amount, won }| TakenBack { dispute, amount, won })
            .collect(),
        unsettled: unsettled.into_iter().map(|row| row.id).collect(),
    })
}

/// Leaves out what both sides are busy with, and what one side has from before `since`.
pub fn narrow(theirs: &mut Theirs, ours: &Ours, since: DateTime<Utc>, now: DateTime<Utc>) {
    // The other side has it in a moment.
    let until = (now - LEASE).timestamp();
    let since = since.timestamp();
    let within = |created: i64| since <= created && created <= until;
    let known = |intent: &Intent| ours.payments.iter().any(|payment| payment.intent == intent.id);
    theirs.intents.retain(|intent| within(intent.created) || known(intent));
    let known = |refund: &Refund| ours.refunds.iter().any(|ours| ours.refund.as_ref() == Some(&refund.id));
    theirs.refunds.retain(|refund| within(refund.created) || known(refund));
    let known = |dispute: &Dispute| ours.chargebacks.iter().any(|ours| ours.dispute == dispute.id);
    theirs.disputes.retain(|dispute| within(dispute.created) || known(dispute));
}
