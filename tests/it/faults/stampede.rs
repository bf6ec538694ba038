//! Everybody is cut off at once, and comes back at once.

use super::{alone, storm::scale};
use crate::support::{Client, Database, Hub, Someone};
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio_tungstenite::tungstenite;

/// Comes back until let in; counts what it was told on the way.
async fn come_back(hub: &Hub, who: &Someone, told: &Mutex<HashMap<String, usize>>) -> Client {
    loop {
        match Client::try_connect(hub, who).await {
            Ok(mut client) => {
                client.send(json!({"type": "sync"})).await;
                client.expect("synced").await;
                return client;
            }
            Err(tungstenite::Error::Http(response)) => {
                *told.lock().unwrap().entry(response.status().to_string()).or_default() += 1;
            }
            Err(other) => *told.lock().unwrap().entry(other.to_string()).or_default() += 1,
        }
        tokio::time::sleep(Duration::from_millis(fastrand::u64(..500))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_connections_that_are_dropped_at_once_all_come_back() {
    let _alone = alone().await;
    let pairs = 500 * scale();
    // Half of the sockets are here, half in the hub, which inherits this.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    let database = Database::fresh().await;
    let pairs = database.pairs(pairs).await;
    let hub = Hub::start(&database).await;
    let everybody: Vec<&Someone> = pairs.iter().flat_map(|pair| [&pair.client, &pair.clinician]).collect();
    let told = Arc::new(Mutex::new(HashMap::new()));
    let arrive = async || {
        let since = Instant::now();
        let clients: Vec<Client> = stream::iter(&everybody)
            .map(|who| come_back(&hub, who, &told))
            .buffer_unordered(everybody.len())
            .collect()
            .await;
        (clients, since.elapsed())
    };
    let (clients, first) = arrive().await;
    assert_eq!(clients.len(), everybody.len());
    // Without a close frame: as if a network went away.
    drop(clients);
    let (mut clients, again) = arrive().await;
    let busiest =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let connections: usize = database.query(busiest).await[0].parse().unwrap();
    println!(
        "{} in {first:?}, again in {again:?}; {connections} connections to PostgreSQL; told {told:?}",
        clients.len()
    );
    assert!(told.lock().unwrap().is_empty(), "{told:?}");
    assert!(again < Duration::from_secs(30), "{again:?}");
    // Two workers with eight each, the reader's four, the journal's one.
    assert!(connections <= 21, "{connections}");
    // And they are of use: the last to come hears of a message.
    let pair = pairs.last().unwrap();
    let at = |who: &Someone| clients.iter().position(|client| client.welcome["user"]["id"] == *who.id).unwrap();
    let (client, clinician) = (at(&pair.client), at(&pair.clinician));
    clients[client].say_and_wait(&pair.thread, "back again").await;
    clients[clinician].expect("entry").await;
}
