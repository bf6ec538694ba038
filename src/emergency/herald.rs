//! Tells those who are connected to this node where an emergency stands: everybody who takes part in its thread, and
//! the practice's staff. Every node runs one and reads what to tell from the store, so that it does not matter which of
//! them made a transition, and which was killed after it. What a frame said and a client lost, it reads by a call.

use super::{bell::Bell, frame::find_all, watchdog::Watched};
use crate::{db, hub::Hub, ids::EscalationId, pulse::Pulse};
use secrecy::SecretString;
use std::{collections::HashMap, time::Duration};

/// How often it looks by itself: what other nodes did.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Tells from now on. Call within an actix system.
pub fn keep_telling(url: &SecretString, bell: Bell, hub: Hub) -> Watched {
    let pulse = Pulse::default();
    let (pool, beats) = (db::pool(url, 1), pulse.clone());
    actix::spawn(async move {
        let _life = beats.life();
        // What was told, by version. Nobody is connected when it begins, so that everything is told once.
        let mut told: HashMap<EscalationId, i64> = HashMap::new();
        loop {
            beats.beat();
            if look(&pool, &hub, &mut told).await.is_some() {
                beats.work();
            }
            let _ = tokio::time::timeout(LOOK_EVERY, bell.rung_for_herald()).await;
        }
    });
    Watched::new("herald", pulse)
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
