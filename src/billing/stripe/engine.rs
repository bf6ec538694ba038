//! The loop that carries on whatever is not settled: payments and refunds that a crash or a lost answer left open, those
//! that nobody is there for, events that came, customers to be forgotten. Each hub has one; rows are claimed, so that two
//! never ask at once. Nothing is lost while it does not run.

use super::{
    claims::{self, Rows},
    client::Stripe,
    collect, customers, events,
    pay::Means,
    refunds,
};
use crate::{
    clock::Clock,
    crypto::Keyring,
    db,
    error::Result,
    ids::{PaymentAttemptId, RefundId},
};
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

const EVERY: Duration = Duration::from_secs(5);
/// Rows of one look. Nobody waits longer for their turn than these take.
const AT_ONCE: i64 = 50;
/// It asks one thing after another.
const CONNECTIONS: u32 = 1;

/// What the loop works with.
pub struct Engine {
    means: Means,
    keyring: Arc<Keyring>,
}

impl Engine {
    /// Not yet looking.
    pub fn new(stripe: Stripe, database_url: &SecretString, keyring: Arc<Keyring>, clock: Clock) -> Self {
        Self { means: Means { stripe, pool: db::pool(database_url, CONNECTIONS), clock }, keyring }
    }

    /// Looks every few seconds from now on, and at once when something is told.
    pub fn keep_going(self) {
        actix::spawn(async move {
            let mut every = interval_at(Instant::now() + EVERY, EVERY);
            every.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = every.tick() => {}
                    () = self.means.stripe.rung() => {}
                }
                if let Err(error) = self.look().await {
                    tracing::warn!(%error, "payments by card could not be looked at; trying again");
                }
            }
        });
    }

    async fn look(&self) -> Result<()> {
        let means = &self.means;
        for _ in 0..AT_ONCE {
            if !events::apply_next(means, &self.keyring).await? {
                break;
            }
        }
        let now = means.clock.now();
        let due = claims::due(&mut *means.pool.get().await?, Rows::Payments, now, AT_ONCE).await?;
        for id in due.into_iter().map(PaymentAttemptId) {
            // One that cannot be carried on keeps no other from it.
            if let Err(error) = collect::carry_on(means, id).await {
                tracing::warn!(attempt = %id, %error, "a payment could not be carried on; trying again");
            }
        }
        let due = claims::due(&mut *means.pool.get().await?, Rows::Refunds, now, AT_ONCE).await?;
        for id in due.into_iter().map(RefundId) {
            if let Err(error) = refunds::carry_on(means, &self.keyring, id).await {
                tracing::warn!(refund = %id, %error, "a refund could not be carried on; trying again");
            }
        }
        customers::forget(&means.stripe, &means.pool).await?;
        events::tidy(&mut *means.pool.get().await?, now).await?;
        Ok(())
    }
}
