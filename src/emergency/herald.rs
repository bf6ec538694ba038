//! Tells those who are connected to this node where an emergency stands: everybody who takes part in its thread, and
//! the practice's staff. Every node runs one and reads what to tell from the store, so that it does not matter which of
//! them made a transition, and which was killed after it. What a frame said and a client lost, it reads by a call.

use super::{bell::Bell, frame::find_all, watchdog::Watched};
use crate::{
    db,
    hub::Hub,
    ids::EscalationId,
    pulse::{self, Pulse},
};
use secrecy::SecretString;
use std::{collections::HashMap, time::Duration};

/// How often it looks by itself: what other nodes did.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A look that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the herald works with. Cheap to clone.
#[derive(Clone)]
pub struct Herald {
    pub database_url: SecretString,
    pub bell: Bell,
    pub hub: Hub,
}

impl Herald {
    /// Starts it on a thread of its own, with a name for the watchdog, which starts it anew when it hangs or dies.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(self) -> anyhow::Result<Watched> {
        let pulse = self.clone().spawn()?;
        Ok(Watched::new("herald", pulse).with_restart(move || self.clone().spawn()))
    }

    fn spawn(self) -> anyhow::Result<Pulse> {
        pulse::spawn("herald", |pulse| async move { self.run(&pulse).await })
    }

    async fn run(self, pulse: &Pulse) {
        let pool = db::pool(&self.database_url, 1);
        // What was told, by version. One that begins tells everything once: whoever knows it sees that by its version.
        let mut told: HashMap<EscalationId, i64> = HashMap::new();
        while !pulse.is_retired() {
            pulse.beat();
            let looked = tokio::time::timeout(PATIENCE, look(&pool, &self.hub, &mut told)).await;
            if looked.is_ok_and(|looked| looked.is_some()) {
                pulse.work();
            }
            let _ = tokio::time::timeout(LOOK_EVERY, self.bell.rung_for_herald()).await;
        }
    }
}

async fn look(pool: &db::Pool, hub: &Hub, told: &mut HashMap<EscalationId, i64>) -> Option<()> {
    let mut conn = pool.get().await.ok()?;
    let rows = find_all(&mut conn).await.ok()?;
    drop(conn);
    told.retain(|id, _| rows.iter().any(|row| row.id == *id));
    for row in &rows {
        if told.insert(row.id, row.version).is_some_and(|version| version >= row.version) {
            continue;
        }
        // First what was said in the thread with it, and who was let in: whoever hears of it may write at once.
        if let Some(thread) = row.thread {
            hub.thread_changed(thread).await;
        }
        if let Some(frame) = row.frame() {
            hub.tell_of_emergency(row.practice, &row.people, &frame);
        }
    }
    Some(())
}
