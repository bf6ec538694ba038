//! The loop that carries out what is due, on a thread of its own with connections of its own, so that nothing else that
//! the hub does can hold it up. Every node runs one; the store decides which of them makes a transition. It holds nothing
//! in memory: killed at any instant, another one, or the next, goes on from the rows.
//!
//! - [`turn`]: one transition of one escalation, in one transaction
//! - [`resort`]: when nobody came

mod resort;
pub mod turn;

use super::{bell::Bell, store, watchdog::Watched};
use crate::{
    clock::Clock,
    crypto::Keyring,
    db,
    pulse::{self, Pulse},
};
use futures_util::{StreamExt, stream};
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};

/// How often it looks by itself.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After the store failed.
const PAUSE: Duration = Duration::from_secs(1);
/// Escalations of one look.
const AT_ONCE: i64 = 64;
/// Of them, so many side by side: one that is held up does not hold up the others.
const SIDE_BY_SIDE: usize = 4;
/// One that takes longer is left, and taken up again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the engine works with. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub database_url: SecretString,
    pub keyring: Arc<Keyring>,
    pub clock: Clock,
    pub bell: Bell,
}

impl Engine {
    /// Starts it on a thread of its own, with a name for the watchdog, which starts it anew when it hangs or dies. One
    /// that hangs is left behind: what it would still do, the store refuses.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(self) -> anyhow::Result<Watched> {
        let pulse = self.clone().spawn()?;
        Ok(Watched::new("escalation", pulse).with_restart(move || self.clone().spawn()))
    }

    fn spawn(self) -> anyhow::Result<Pulse> {
        pulse::spawn("escalation", |pulse| async move { self.run(&pulse).await })
    }

    async fn run(self, pulse: &Pulse) {
        let pool = db::pool(&self.database_url, SIDE_BY_SIDE as u32 + 1);
        while !pulse.is_retired() {
            pulse.beat();
            let pause = match tokio::time::timeout(PATIENCE * 2, self.look(&pool)).await {
                Ok(Ok(made)) => {
                    pulse.work();
                    // What was just done may be due again at once: nobody was there.
                    if made > 0 { Duration::ZERO } else { LOOK_EVERY }
                }
                Ok(Err(error)) => {
                    tracing::warn!(error = format!("{error:#}"), "escalations cannot be looked at");
                    PAUSE
                }
                Err(_) => {
                    tracing::warn!("looking at escalations takes too long");
                    PAUSE
                }
            };
            let _ = tokio::time::timeout(pause, self.bell.rung_for_engine()).await;
        }
    }

    /// Carries out everything that is due; how many transitions that were.
    ///
    /// # Errors
    /// When the store cannot be asked what is due.
    pub async fn look(&self, pool: &db::Pool) -> anyhow::Result<usize> {
        let due = {
            let mut conn = pool.get().await.map_err(|_| anyhow::anyhow!("no connection"))?;
            let now =
                store::now(&mut conn, &self.clock).await.map_err(|error| anyhow::anyhow!(db::describe(&error)))?;
            store::find_due(&mut conn, now, AT_ONCE).await.map_err(|error| anyhow::anyhow!(db::describe(&error)))?
        };
        let turns = stream::iter(due).map(|(id, _)| async move {
            let turn = async {
                let mut conn = pool.get().await?;
                turn::take(self, &mut conn, id).await
            };
            match tokio::time::timeout(PATIENCE, turn).await {
                Ok(Ok(made)) => usize::from(made),
                Ok(Err(error)) => {
                    metrics::counter!("carehub_escalation_turns_failed_total").increment(1);
                    tracing::error!(escalation = %id, ?error, "an escalation cannot be carried on; trying again");
                    0
                }
                Err(_) => {
                    metrics::counter!("carehub_escalation_turns_failed_total").increment(1);
                    tracing::error!(escalation = %id, "an escalation takes too long; trying again");
                    0
                }
            }
        });
        let made = turns.buffer_unordered(SIDE_BY_SIDE).fold(0, |sum, made| async move { sum + made }).await;
        if made > 0 {
            self.bell.tell();
        }
        Ok(made)
    }
}
