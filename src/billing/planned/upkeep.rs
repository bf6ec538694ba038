//! The loop that takes what is due. Nothing is wrong while it does not run: what is due is taken later, and once. Where
//! no cards are taken there is none.

use super::{due, tries};
use crate::{
    billing::{plans, stripe::Stripe},
    clock::Clock,
    db,
    error::Result,
};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use secrecy::SecretString;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(30);
/// Payments of one look.
const AT_ONCE: i64 = 100;

/// What the loop works with.
pub struct Upkeep {
    pub database_url: SecretString,
    pub clock: Clock,
    pub stripe: Stripe,
}

impl Upkeep {
    /// Looks twice a minute from now on. A connection is opened for each look, so that none is held for a loop that
    /// seldom has anything to do.
    pub fn keep_going(self) {
        actix::spawn(async move {
            let mut every = tokio::time::interval_at(tokio::time::Instant::now() + EVERY, EVERY);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                every.tick().await;
                match once(&self.database_url, &self.clock).await {
                    Ok(0) => {}
                    Ok(_) => self.stripe.ring(),
                    Err(error) => tracing::warn!(%error, "planned payments could not be looked at; trying again"),
                }
            }
        });
    }
}

async fn once(database_url: &SecretString, clock: &Clock) -> Result<usize> {
    let mut conn = db::connect(database_url).await?;
    look(&mut conn, clock.now()).await
}

/// Looks once; how many payments are to be taken now.
///
/// # Errors
/// When the store is away.
pub async fn look(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<usize> {
    due::note(conn, now).await?;
    due::take_up_again(conn, now).await?;
    let mut begun = 0;
    for id in tries::due(conn, now, AT_ONCE).await? {
        match tries::go_on(conn, id, now).await {
            Ok(came) => begun += usize::from(came == Some(tries::Came::Begun)),
            // One that cannot be gone on with must not hold up the others.
            Err(error) => tracing::warn!(%error, planned_payment = %id, "a planned payment could not be gone on with"),
        }
    }
    plans::store::end_those_over(conn, now).await?;
    Ok(begun)
}
