//! What Stripe says of a payment, noted: the attempt's state and the ledger's payment in one transaction. In whatever
//! order and however often it is said, it comes to the same: the object says how things stand, not how they came about.
//! Money that was taken is recorded whatever was thought of the attempt before.

use super::{
    attempts::{self, Attempt, State, Turn},
    collect::{Found, PATIENCE_FOR_ACTION},
    objects::{ATTEMPT, Intent, IntentStatus, PaymentError, is_id},
};
use crate::{
    audit::{self, Actor, Event},
    billing::payments::{self, NewPayment},
    error::Result,
    ids::{PaymentAttemptId, PaymentId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde_json::json;

/// Between looks at what a bank takes its time over; Stripe tells earlier.
const PROCESSING: TimeDelta = TimeDelta::minutes(10);
/// What nobody can explain is looked at by people.
const STRANGE: TimeDelta = TimeDelta::hours(1);
const FIRST_RETRY: TimeDelta = TimeDelta::seconds(2);
const LAST_RETRY: TimeDelta = TimeDelta::minutes(15);

/// Codes of ours for what banks say. Nobody is told that a card was reported stolen.
pub(super) fn failure(code: &str) -> &'static str {
    match code {
        "insufficient_funds" => "insufficientFunds",
        "expired_card" => "expired",
        "authentication_required" => "authenticationRequired",
        "payment_intent_authentication_failure" => "authenticationFailed",
        _ => "declined",
    }
}

/// Notes what was found out about an attempt that is claimed.
pub(super) async fn found(
    conn: &mut AsyncPgConnection,
    attempt: &Attempt,
    found: Found,
    now: DateTime<Utc>,
) -> Result<()> {
    let (state, failure, intent) = match &found {
        Found::Intent(said) if of_attempt(said) == Some(attempt.id) => {
            return intent(conn, said, now).await.map(|_| ());
        }
        Found::Intent(_) => (State::Unknown, None, None),
        Found::Never { failure, intent } => (State::Failed, Some(*failure), intent.as_deref()),
        Found::Later(why) => {
            tracing::warn!(attempt = %attempt.id, tries = attempt.tries, why, "a payment is not known yet");
            (State::Unknown, None, None)
        }
    };
    conn.transaction(async |conn| {
        let Some(stored) = attempts::lock(conn, attempt.id).await? else { return Ok(()) };
        if stored.state.is_settled() {
            return Ok(());
        }
        // What a bank was asked already stays what it is.
        let state = match (state, stored.state) {
            (State::Unknown, kept @ (State::RequiresAction | State::Processing)) => kept,
            (state, _) => state,
        };
        let next_at = Some(now + wait(stored.tries));
        attempts::turn(conn, attempt.id, Turn { state, failure, intent, next_at }, now).await?;
        if state == State::Failed {
            tell_log(conn, &stored, "payment.failed", failure).await?;
        }
        Ok(())
    })
    .await
}

/// Notes how a payment stands. False where it was not made for anything that we know.
pub(super) async fn intent(conn: &mut AsyncPgConnection, said: &Intent, now: DateTime<Utc>) -> Result<bool> {
    let Some(id) = of_attempt(said).filter(|_| is_id(&said.id, "pi_")) else { return Ok(false) };
    conn.transaction(async |conn| {
        let Some(attempt) = attempts::lock(conn, id).await? else { return Ok(false) };
        if attempt.state == State::Succeeded && attempt.intent.as_deref() == Some(&said.id) {
            return Ok(true);
        }
        if let Some(strange) = strange(&attempt, said) {
            tracing::error!(attempt = %id, intent = said.id, strange, "a payment at stripe is not the one asked for");
            if !attempt.state.is_settled() {
                let turn = Turn { state: State::Unknown, failure: None, intent: None, next_at: Some(now + STRANGE) };
                attempts::turn(conn, id, turn, now).await?;
            }
            return Ok(true);
        }
        let (state, failure) = judge(said, attempt.off_session);
        if attempt.state.is_settled() && state != State::Succeeded {
            return Ok(true);
        }
        if state == State::Succeeded {
            record(conn, &attempt, said, now).await?;
        }
        let next_at = match state {
            State::RequiresAction => Some(attempt.first_sent_at.unwrap_or(now) + PATIENCE_FOR_ACTION),
            State::Processing => Some(now + PROCESSING),
            _ => Some(now + STRANGE),
        };
        let turn = Turn { state, failure, intent: Some(&said.id), next_at };
        attempts::turn(conn, id, turn, now).await?;
        match state {
            State::Succeeded => tell_log(conn, &attempt, "payment.taken", None).await?,
            State::Failed | State::Cancelled => tell_log(conn, &attempt, "payment.failed", failure).await?,
            _ => {}
        }
        Ok(true)
    })
    .await
}

fn of_attempt(said: &Intent) -> Option<PaymentAttemptId> {
    said.metadata.get(ATTEMPT)?.parse().ok()
}

/// Whether it is another payment than the one that was asked for, and by what.
fn strange(attempt: &Attempt, said: &Intent) -> Option<&'static str> {
    if said.amount != attempt.amount.0 {
        return Some("amount");
    }
    if !said.currency.eq_ignore_ascii_case(attempt.currency.as_str()) {
        return Some("currency");
    }
    attempt.intent.as_ref().is_some_and(|known| *known != said.id).then_some("intent")
}

fn judge(said: &Intent, off_session: bool) -> (State, Option<&'static str>) {
    match said.status {
        IntentStatus::Succeeded => (State::Succeeded, None),
        IntentStatus::Processing => (State::Processing, None),
        IntentStatus::RequiresAction | IntentStatus::RequiresConfirmation => (State::RequiresAction, None),
        IntentStatus::RequiresPaymentMethod => (State::Failed, Some(why(said.last_payment_error.as_ref()))),
        IntentStatus::Canceled if off_session => (State::Failed, Some("authenticationRequired")),
        IntentStatus::Canceled => (State::Cancelled, Some("abandoned")),
        IntentStatus::RequiresCapture | IntentStatus::Other => (State::Unknown, None),
    }
}

fn why(error: Option<&PaymentError>) -> &'static str {
    let code = error.and_then(|error| error.decline_code.as_deref().or(error.code.as_deref()));
    failure(code.unwrap_or_default())
}

async fn record(conn: &mut AsyncPgConnection, attempt: &Attempt, said: &Intent, now: DateTime<Utc>) -> Result<()> {
    let payment = NewPayment {
        id: PaymentId(attempt.id.0),
        practice: attempt.practice,
        client: attempt.client,
        amount: attempt.amount,
        currency: attempt.currency,
        method: payments::Method::Card { brand: attempt.brand.clone(), last4: attempt.last4.clone() },
        stripe_payment_intent: Some(said.id.clone()),
        occurred_at: now,
        recorded_by: None,
        recorded_at: now,
        invoice: attempt.invoice,
        note: None,
    };
    payments::record(conn, &payment).await?;
    Ok(())
}

async fn tell_log(
    conn: &mut AsyncPgConnection,
    attempt: &Attempt,
    action: &'static str,
    failure: Option<&str>,
) -> Result<()> {
    let detail = json!({"amount": attempt.amount.0, "currency": attempt.currency.as_str(), "failure": failure});
    let hub = Actor::hub();
    let event = Event::new(&hub, action).in_practice(attempt.practice).of_client(attempt.client);
    audit::record(conn, event.on("paymentAttempt", attempt.id).with(detail)).await?;
    Ok(())
}

/// Longer from try to try.
pub(super) fn wait(tries: i32) -> TimeDelta {
    let doublings = u32::try_from(tries.clamp(1, 20) - 1).unwrap_or_default();
    (FIRST_RETRY * 2_i32.pow(doublings.min(12))).min(LAST_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_waits_longer_from_try_to_try_and_never_too_long() {
        assert_eq!(wait(0), FIRST_RETRY);
        assert_eq!(wait(2), FIRST_RETRY * 2);
        assert!((1..100).all(|tries| wait(tries) <= wait(tries + 1)));
        assert_eq!(wait(i32::MAX), LAST_RETRY);
    }

    #[test]
    fn nobody_is_told_that_a_card_was_stolen() {
        for code in ["stolen_card", "lost_card", "fraudulent", "pickup_card", "", "card_declined"] {
            assert_eq!(failure(code), "declined", "{code}");
        }
    }
}
