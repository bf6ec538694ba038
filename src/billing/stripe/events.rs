//! What Stripe tells, kept by its id until it is applied. An event is believed for what it is about alone: the object is
//! fetched and noted as it stands, so that events may come twice, late and in any order.

use super::{
    apply::{self, wait},
    claims::LEASE,
    client::Trouble,
    disputes,
    objects::{Charge, Dispute, Intent, Refund, Told, is_id},
    pay::Means,
    refunds,
};
use crate::{crypto::Keyring, db, error::Result};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use stripe_core::{
    charge::RetrieveCharge, dispute::RetrieveDispute, payment_intent::RetrievePaymentIntent, refund::RetrieveRefund,
};

/// As long as Stripe itself tells something again.
const GIVE_UP: TimeDelta = TimeDelta::days(3);
/// What was applied is kept so long, so that a repetition is known.
const KEPT: TimeDelta = TimeDelta::days(30);

/// What an event is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum About {
    Intent,
    Charge,
    Refund,
    Dispute,
}

fn about(object: &str) -> Option<About> {
    let kinds = [
        ("pi_", About::Intent),
        ("ch_", About::Charge),
        ("py_", About::Charge),
        ("re_", About::Refund),
        ("pyr_", About::Refund),
        ("dp_", About::Dispute),
        ("du_", About::Dispute),
    ];
    kinds.into_iter().find(|(prefix, _)| is_id(object, prefix)).map(|(_, about)| about)
}

/// Keeps an event that was verified. False where it is there already, or about nothing that concerns us.
pub async fn keep(conn: &mut AsyncPgConnection, told: &Told, now: DateTime<Utc>) -> QueryResult<bool> {
    let is_kind = told.kind.len() <= 100 && told.kind.is_ascii();
    if !is_id(&told.id, "evt_") || !is_kind || about(&told.data.object.id).is_none() {
        return Ok(false);
    }
    let kept = db::statement(
        "INSERT INTO stripe_events (id, kind, object, received_at, next_at) VALUES ($1, $2, $3, $4, $4)
        ON CONFLICT (id) DO NOTHING",
    )
    .bind::<sql::Text, _>(&told.id)
    .bind::<sql::Text, _>(&told.kind)
    .bind::<sql::Text, _>(&told.data.object.id)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(kept == 1)
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = sql::Text)]
    id: String,
    #[diesel(sql_type = sql::Text)]
    object: String,
    #[diesel(sql_type = sql::Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Integer)]
    tries: i32,
}

/// Applies the event that is due the longest; false where there is none.
pub(super) async fn apply_next(means: &Means, keyring: &Keyring) -> Result<bool> {
    let now = means.clock.now();
    let claimed: Option<Due> = db::statement(
        "UPDATE stripe_events SET claimed_until = $2, next_at = $2, tries = tries + 1 WHERE id = (
            SELECT id FROM stripe_events WHERE next_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1)
            ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, object, received_at, tries",
    )
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Timestamptz, _>(now + LEASE)
    .get_result(&mut *means.pool.get().await?)
    .await
    .optional()?;
    let Some(due) = claimed else { return Ok(false) };
    // One that cannot be applied keeps no other from it.
    let outcome = apply(means, keyring, &due.object, now).await;
    let is_applied = match outcome {
        Ok(None) => true,
        Ok(Some(why)) => {
            tracing::warn!(event = due.id, why, "an event of stripe cannot be applied yet");
            false
        }
        Err(error) => {
            tracing::warn!(event = due.id, %error, "an event of stripe cannot be applied yet");
            false
        }
    };
    let gives_up = !is_applied && due.received_at + GIVE_UP <= now;
    if gives_up {
        tracing::error!(event = due.id, "an event of stripe was given up: run carehub billing reconcile");
    }
    db::statement("UPDATE stripe_events SET applied_at = $2, next_at = $3, claimed_until = NULL WHERE id = $1")
        .bind::<sql::Text, _>(&due.id)
        .bind::<sql::Nullable<sql::Timestamptz>, _>(is_applied.then_some(now))
        .bind::<sql::Nullable<sql::Timestamptz>, _>((!is_applied && !gives_up).then(|| now + wait(due.tries)))
        .execute(&mut *means.pool.get().await?)
        .await?;
    Ok(true)
}

/// Fetches the object and notes how it stands; or why that has to wait.
async fn apply(means: &Means, keyring: &Keyring, object: &str, now: DateTime<Utc>) -> Result<Option<&'static str>> {
    let outcome = match about(object) {
        Some(About::Intent) => self::intent(means, object, now).await,
        Some(About::Charge) => match means.stripe.ask::<Charge>(&RetrieveCharge::new(object)).await {
            Ok(Charge { payment_intent: Some(intent) }) => of_charge(means, keyring, &intent, now).await,
            Ok(Charge { payment_intent: None }) => return Ok(None),
            Err(trouble) => Ok(Err(trouble)),
        },
        Some(About::Refund) => match means.stripe.ask::<Refund>(&RetrieveRefund::new(object)).await {
            Ok(refund) => self::refund(means, keyring, &refund, now).await,
            Err(trouble) => Ok(Err(trouble)),
        },
        Some(About::Dispute) => match means.stripe.ask::<Dispute>(&RetrieveDispute::new(object)).await {
            Ok(dispute) => self::dispute(means, &dispute, now).await,
            Err(trouble) => Ok(Err(trouble)),
        },
        None => return Ok(None),
    };
    Ok(match outcome? {
        Ok(()) => None,
        // Nothing of this account: no use in asking again.
        Err(Trouble::Refused { status: 404, .. }) => None,
        Err(Trouble::Unsure(why)) => Some(why),
        Err(Trouble::Declined { .. } | Trouble::Refused { .. }) => Some("refused"),
    })
}

type Outcome = Result<std::result::Result<(), Trouble>>;

async fn intent(means: &Means, id: &str, now: DateTime<Utc>) -> Outcome {
    match means.stripe.ask::<Intent>(&RetrievePaymentIntent::new(id)).await {
        Ok(said) => apply::intent(&mut *means.pool.get().await?, &said, now).await.map(|_| Ok(())),
        Err(trouble) => Ok(Err(trouble)),
    }
}

/// A charge was made, or given back: at Stripe itself, perhaps.
async fn of_charge(means: &Means, keyring: &Keyring, intent: &str, now: DateTime<Utc>) -> Outcome {
    if !is_id(intent, "pi_") {
        return Ok(Ok(()));
    }
    if let Err(trouble) = self::intent(means, intent, now).await? {
        return Ok(Err(trouble));
    }
    match refunds::of_intent(&means.stripe, intent).await {
        Ok(all) => {
            for refund in &all {
                refunds::applied(&mut *means.pool.get().await?, keyring, refund, now).await?;
            }
            Ok(Ok(()))
        }
        Err(trouble) => Ok(Err(trouble)),
    }
}

/// A refund may be told before its payment.
async fn refund(means: &Means, keyring: &Keyring, said: &Refund, now: DateTime<Utc>) -> Outcome {
    if refunds::applied(&mut *means.pool.get().await?, keyring, said, now).await? {
        return Ok(Ok(()));
    }
    if let Some(id) = said.payment_intent.as_deref().filter(|id| is_id(id, "pi_")) {
        if let Err(trouble) = intent(means, id, now).await? {
            return Ok(Err(trouble));
        }
        refunds::applied(&mut *means.pool.get().await?, keyring, said, now).await?;
    }
    Ok(Ok(()))
}

/// So may a dispute.
async fn dispute(means: &Means, said: &Dispute, now: DateTime<Utc>) -> Outcome {
    if disputes::applied(&mut *means.pool.get().await?, said, now).await? {
        return Ok(Ok(()));
    }
    if let Some(id) = said.payment_intent.as_deref().filter(|id| is_id(id, "pi_")) {
        if let Err(trouble) = intent(means, id, now).await? {
            return Ok(Err(trouble));
        }
        disputes::applied(&mut *means.pool.get().await?, said, now).await?;
    }
    Ok(Ok(()))
}

/// Removes what was applied long ago.
pub(super) async fn tidy(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<()> {
    db::statement("DELETE FROM stripe_events WHERE next_at IS NULL AND received_at < $1")
        .bind::<sql::Timestamptz, _>(now - KEPT)
        .execute(conn)
        .await
        .map(|_| ())
}
