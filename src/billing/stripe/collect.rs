//! Asking Stripe for what was written down, once, and finding out what became of it. The way of every payment, whoever
//! goes it: claim the row, ask under its key, note the answer. It may end anywhere and is gone again from the beginning:
//! under the same key Stripe takes nothing twice for a day, and beyond a day it is asked for what is there, never for
//! anything new.

use super::{
    apply,
    attempts::{self, Attempt},
    client::{Stripe, Trouble},
    customers,
    methods::{self, Method},
    objects::{ATTEMPT, Intent, IntentStatus, Page},
    pay::Means,
};
use crate::{
    db::Pool,
    error::{Error, Result},
    ids::PaymentAttemptId,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use stripe_core::payment_intent::{
    CancelPaymentIntent, CreatePaymentIntent, CreatePaymentIntentOffSession, ListPaymentIntent, RetrievePaymentIntent,
};
use stripe_shared::PaymentIntentAllowedPaymentMethodTypes;
use stripe_types::{Currency, RangeBoundsTs, RangeQueryTs};

/// Stripe keeps a key for 24 hours at least.
pub(super) const KEY_LASTS: TimeDelta = TimeDelta::hours(23);
/// So long a bank's question may stay open.
pub(super) const PATIENCE_FOR_ACTION: TimeDelta = TimeDelta::minutes(30);
/// Stripe's clock and ours.
const SKEW: TimeDelta = TimeDelta::hours(1);
/// Of one list.
const PAGE: i64 = 100;
const MOST_PAGES: usize = 10;

/// What was found out.
pub(super) enum Found {
    Intent(Intent),
    /// Nothing was taken and will be: why, as a code of ours.
    Never {
        failure: &'static str,
        intent: Option<String>,
    },
    /// It is not known: why, for the log.
    Later(&'static str),
}

impl From<Trouble> for Found {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Declined { code, intent } => {
                Self::Never { failure: apply::failure(&code), intent: intent.map(|intent| intent.id) }
            }
            Trouble::Refused { status, code } => {
                tracing::warn!(status, code, "stripe does not take a payment");
                Self::Never { failure: "refused", intent: None }
            }
            Trouble::Unsure(why) => Self::Later(why),
        }
    }
}

/// Goes on with a payment, unless it is settled or another hub is at it. What the browser needs, where the bank asks its
/// customer something.
pub(super) async fn carry_on(means: &Means, id: PaymentAttemptId) -> Result<Option<String>> {
    let now = means.clock.now();
    let claimed = attempts::claim(&mut *means.pool.get().await?, id, now).await?;
    // No connection is held while Stripe is asked.
    let Some(attempt) = claimed else { return Ok(None) };
    let found = find_out(&means.stripe, &means.pool, &attempt, now).await?;
    let secret = match &found {
        Found::Intent(intent) if intent.status == IntentStatus::RequiresAction => intent.client_secret.clone(),
        _ => None,
    };
    let mut conn = means.pool.get().await?;
    apply::found(&mut conn, &attempt, found, means.clock.now()).await?;
    Ok(secret)
}

async fn find_out(stripe: &Stripe, pool: &Pool, attempt: &Attempt, now: DateTime<Utc>) -> Result<Found> {
    let known = match &attempt.intent {
        Some(id) => stripe.ask(&RetrievePaymentIntent::new(id.as_str())).await.map_err(Trouble::of_a_question),
        None => match ask(stripe, pool, attempt, now).await? {
            Ok(asked) => asked,
            Err(never) => return Ok(never),
        },
    };
    let intent: Intent = match known {
        Ok(intent) => intent,
        Err(trouble) => return Ok(trouble.into()),
    };
    let asked_at = attempt.first_sent_at.unwrap_or(now);
    let is_left = attempt.off_session || asked_at + PATIENCE_FOR_ACTION <= now;
    if intent.status == IntentStatus::RequiresAction && is_left {
        // Nobody answers the bank.
        return Ok(match stripe.ask(&CancelPaymentIntent::new(intent.id.as_str())).await {
            Ok(cancelled) => Found::Intent(cancelled),
            Err(Trouble::Unsure(why)) => Found::Later(why),
            // It went on meanwhile.
            Err(Trouble::Declined { .. } | Trouble::Refused { .. }) => Found::Later("cancel"),
        });
    }
    Ok(Found::Intent(intent))
}

/// Asks for the payment: what is there of it, where it may have been asked for before.
async fn ask(
    stripe: &Stripe,
    pool: &Pool,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<std::result::Result<std::result::Result<Intent, Trouble>, Found>> {
    let known = customers::find(&mut *pool.get().await?, attempt.client).await?;
    let Some(known) = known else { return Ok(Err(Found::Never { failure: "noMethod", intent: None })) };
    let asked_at = attempt.first_sent_at.unwrap_or(now);
    if attempt.tries > 1 {
        match look_up(stripe, &known.customer, attempt.id, asked_at).await {
            Ok(Some(intent)) => return Ok(Ok(Ok(intent))),
            Ok(None) if now >= asked_at + KEY_LASTS => {
                return Ok(Err(Found::Never { failure: "neverArrived", intent: None }));
            }
            Ok(None) => {}
            Err(trouble) => return Ok(Err(trouble.of_a_question().into())),
        }
    }
    let method = match (&attempt.method, &attempt.brand) {
        (Some(method), Some(_)) => method.clone(),
        (wanted, _) => {
            let cards = match methods::of_customer(stripe, &known).await {
                Ok(cards) => cards,
                Err(trouble) => return Ok(Err(trouble.of_a_question().into())),
            };
            let is_wanted = |card: &Method| wanted.as_ref().map_or(card.is_default, |wanted| card.id == *wanted);
            let Some(card) = cards.into_iter().find(is_wanted) else {
                return Ok(Err(Found::Never { failure: "noMethod", intent: None }));
            };
            // Every repetition under the key asks for the same.
            let mut conn = pool.get().await?;
            attempts::set_method(&mut conn, attempt.id, (&card.id, &card.brand, &card.last4)).await?;
            card.id
        }
    };
    let request = request(attempt, known.customer, method)?;
    Ok(Ok(stripe.make(&request, &format!("carehub-payment-{}", attempt.id)).await))
}

fn request(attempt: &Attempt, customer: String, method: String) -> Result<CreatePaymentIntent> {
    let currency: Currency =
        attempt.currency.as_str().to_ascii_lowercase().parse().map_err(|_| {
            Error::Internal(anyhow::anyhow!("stripe does not take this currency: {}", attempt.currency))
        })?;
    let request = CreatePaymentIntent::new(attempt.amount.0, currency)
        .customer(customer)
        .payment_method(method)
        .allowed_payment_method_types(vec![PaymentIntentAllowedPaymentMethodTypes::Card])
        .confirm(true)
        .metadata(HashMap::from([(ATTEMPT.to_owned(), attempt.id.to_string())]));
    Ok(match attempt.off_session {
        true => request.off_session(CreatePaymentIntentOffSession::Bool(true)),
        false => request,
    })
}

/// The payment that was made for this attempt, by the id that it was given along.
async fn look_up(
    stripe: &Stripe,
    customer: &str,
    id: PaymentAttemptId,
    asked_at: DateTime<Utc>,
) -> std::result::Result<Option<Intent>, Trouble> {
    let since = RangeBoundsTs { gte: Some((asked_at - SKEW).timestamp()), ..RangeBoundsTs::default() };
    let mut after: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut request = ListPaymentIntent::new().customer(customer).created(RangeQueryTs::Bounds(since)).limit(PAGE);
        if let Some(after) = after {
            request = request.starting_after(after);
        }
        let page: Page<Intent> = stripe.ask(&request).await?;
        after = page.data.last().map(|intent| intent.id.clone());
        let id = id.to_string();
        let ours = page.data.into_iter().filter(|intent| intent.metadata.get(ATTEMPT) == Some(&id));
        // Were there two, the one that took money counts.
        if let Some(found) = ours.max_by_key(|intent| intent.status == IntentStatus::Succeeded) {
            return Ok(Some(found));
        }
        if !page.has_more || after.is_none() {
            return Ok(None);
        }
    }
    Err(Trouble::Unsure("too many payments"))
}
