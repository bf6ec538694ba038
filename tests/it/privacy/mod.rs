//! What becomes of a client's record, broken for real: other hubs, restored backups, a hand in the database.

mod backup;
mod canary;
mod consents;
mod erasure;
mod export;
mod holds;
mod inventory;
mod retention;

use crate::support::practice::{Answer, Caller};
use serde_json::json;

impl Caller {
    /// Erases a client, by an administrator.
    pub async fn erase(&self, client: &Caller) -> Answer {
        let body = json!({"reason": "asked for it in writing", "confirm": client.email});
        self.post(&format!("admin/clients/{}/erasure", client.id), body).await
    }
}
