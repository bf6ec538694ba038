//! What tests run against: a real PostgreSQL (one cluster for the whole run, a database for each test), the real
//! program, real sockets.

pub mod app;
pub mod authenticator;
pub mod backup;
pub mod browser;
pub mod cable;
pub mod call;
pub mod client;
pub mod database;
pub mod described;
pub mod desktop;
pub mod hostile;
pub mod hub;
pub mod identity_provider;
pub mod mail_server;
pub mod node;
pub mod odd_server;
pub mod paper;
pub mod people;
pub mod practice;
pub mod python;
pub mod raw;
pub mod stripe;
pub mod temporary;
pub mod twilio;

pub use browser::{Browser, Screen};
pub use client::Client;
pub use database::Database;
pub use desktop::Desktop;
pub use hub::Hub;
pub use mail_server::MailServer;
pub use people::{Pair, Someone};
pub use raw::Raw;
pub use stripe::Stripe;
pub use twilio::Twilio;

use serde_json::Value;
use std::time::{Duration, Instant};

/// Waits until `found` finds something. Fails, saying what was waited for, after `patience`.
pub async fn eventually<T>(what: &str, patience: Duration, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let until = Instant::now() + patience;
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(Instant::now() < until, "waited {patience:?} in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The keys of a JSON object, in alphabetical order.
pub fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> =
        value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// A text of a JSON object.
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key:?} in {value}"))
}

/// A number of a JSON object.
pub fn number(value: &Value, key: &str) -> i64 {
    value[key].as_i64().unwrap_or_else(|| panic!("no number {key:?} in {value}"))
}
