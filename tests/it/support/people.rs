//! People with threads and access tokens, made by the same seeds that load generators use.

use super::{Database, hub::MASTER_KEY};
use carehub::{clock::Clock, crypto::MasterKey, dev::seed};
use secrecy::SecretString;
use serde::Deserialize;

/// Somebody with a token that is good for 12 hours.
#[derive(Clone, Debug, Deserialize)]
pub struct Someone {
    pub id: String,
    pub token: String,
}

/// A client, their clinician, and the thread between them.
#[derive(Clone, Debug, Deserialize)]
pub struct Pair {
    pub thread: String,
    pub client: Someone,
    pub clinician: Someone,
}

/// A thread of many.
#[derive(Clone, Debug, Deserialize)]
pub struct Group {
    pub thread: String,
    pub participants: Vec<Someone>,
}

/// The master key of the test hubs.
pub fn master_key() -> MasterKey {
    MasterKey::parse(&SecretString::from(MASTER_KEY)).unwrap()
}

impl Database {
    /// `count` pairs, all of one practice.
    pub async fn pairs(&self, count: usize) -> Vec<Pair> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tokens");
        let mut conn = self.connect().await;
        seed::seed_pairs(&mut conn, &master_key(), &Clock::system(), count, &file).await.unwrap();
        std::fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// One pair.
    pub async fn pair(&self) -> Pair {
        self.pairs(1).await.remove(0)
    }

    /// One thread of `count` people.
    pub async fn group(&self, count: usize) -> Group {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tokens");
        let mut conn = self.connect().await;
        seed::seed_group(&mut conn, &master_key(), &Clock::system(), count, &file).await.unwrap();
        serde_json::from_str(std::fs::read_to_string(file).unwrap().lines().next().unwrap()).unwrap()
    }

    /// Lets a user send no more than so many messages a minute.
    pub async fn limit_sends(&self, user: &str, per_minute: u32) {
        self.query(&format!("UPDATE users SET sends_per_minute = {per_minute} WHERE id = '{user}'")).await;
    }
}
