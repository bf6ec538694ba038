//! Waking the loops of this node after a commit. A ring that is lost costs a second: the loops look by themselves, too.

use std::sync::Arc;
use tokio::sync::Notify;

/// Cheap to clone.
#[derive(Clone, Default, Debug)]
pub struct Bell {
    engine: Arc<Notify>,
    herald: Arc<Notify>,
}

impl Bell {
    /// An emergency was raised, or what is due changed.
    pub fn ring(&self) {
        self.engine.notify_one();
        self.herald.notify_one();
    }

    /// Something is to be told, and nothing to be done.
    pub fn tell(&self) {
        self.herald.notify_one();
    }

    pub(super) async fn rung_for_engine(&self) {
        self.engine.notified().await;
    }

    pub(super) async fn rung_for_herald(&self) {
        self.herald.notified().await;
    }
}
