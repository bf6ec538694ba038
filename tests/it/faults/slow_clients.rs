//! Clients that stop reading, and clients that vanish without a word.

use super::{alone, history::percentile, must_bite, network::Network, processes::open_connections};
use crate::support::{Client, Database, Hub, Someone, client::upgrade, eventually, number};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::MaybeTlsStream;

const HEARTBEAT: Duration = Duration::from_secs(4);
const SLOW: usize = 30;
const ENTRIES: usize = 2_000;

fn connections(hub: &Hub) -> usize {
    open_connections(hub.pid(), hub.address.port())
}

/// A client on a connection that was made already.
async fn client_on(stream: TcpStream, hub: &Hub, who: &Someone) -> Client {
    let request = upgrade(hub, &[("authorization", &format!("Bearer {}", who.token))]);
    let (socket, _) = tokio_tungstenite::client_async(request, MaybeTlsStream::Plain(stream)).await.unwrap();
    let mut client = Client { welcome: Value::Null, socket, seen: VecDeque::new() };
    client.welcome = client.expect("welcome").await;
    client.send(json!({"type": "sync"})).await;
    client.expect("synced").await;
    client
}

/// A client whose system takes hardly anything that it does not read.
async fn with_small_buffer(hub: &Hub, who: &Someone) -> Client {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    client_on(socket.connect(hub.address).await.unwrap(), hub, who).await
}

/// Sends one message after the other; how long each took, ascending.
async fn latencies(client: &mut Client, thread: &str, count: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..count {
        let since = Instant::now();
        client.say_and_wait(thread, "how long?").await;
        times.push(since.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    times.sort();
    times
}

/// Everything of a thread for somebody who has nothing of it.
async fn catch_up(client: &mut Client, thread: &str, head: i64) {
    client.send(json!({"type": "sync", "have": {thread: 0}})).await;
    for seq in 1..=head {
        let entry = client.expect("entry").await;
        assert_eq!(number(&entry, "seq"), seq);
        if seq % 100 == 0 {
            client.send(json!({"type": "delivered", "thread": thread, "seq": seq})).await;
        }
    }
}

#[tokio::test]
async fn clients_that_read_nothing_cost_little_memory_slow_nobody_down_are_cut_and_miss_nothing() {
    let _alone = alone().await;
    let database = Database::fresh().await;
    let (pair, group) = (database.pair().await, database.group(SLOW + 2).await);
    let heartbeat = HEARTBEAT.as_secs().to_string();
    let hub = Hub::start_with(&database, &[("CAREHUB_HEARTBEAT_SECONDS", &heartbeat)]).await;
    let mut bystander = Client::synced(&hub, &pair.client).await;
    let mut author = Client::synced(&hub, &group.participants[0]).await;
    // What the burst alone costs others.
    let (_, alone) =
        tokio::join!(burst(&mut author, &group.thread, ENTRIES), latencies(&mut bystander, &pair.thread, 100));
    let others = connections(&hub);
    let mut slow = Vec::new();
    for who in &group.participants[2..] {
        slow.push(with_small_buffer(&hub, who).await);
    }
    let before = hub.resident_kib();
    let since = Instant::now();
    let (_, busy) =
        tokio::join!(burst(&mut author, &group.thread, ENTRIES), latencies(&mut bystander, &pair.thread, 100));
    let grown = hub.resident_kib().saturating_sub(before);
    let sent = since.elapsed();
    let still_there = connections(&hub) - others;

    let cut = async || {
        // The others live on: they answer pings while they wait.
        bystander.say_and_wait(&pair.thread, "still here").await;
        author.say_and_wait(&group.thread, "still here").await;
        (connections(&hub) <= others).then(|| since.elapsed())
    };
    let cut = eventually("slow clients to be cut", HEARTBEAT * 4, cut).await;
    drop(slow);
    let (alone, busy) = (percentile(&alone, 0.5), percentile(&busy, 0.5));
    println!(
        "{grown} KiB for {SLOW}, sent in {sent:?}, cut after {cut:?}; others {busy:?}, without the slow ones {alone:?}"
    );
    must_bite("slow clients during the burst", still_there, SLOW);
    assert!(grown < SLOW as u64 * 1024, "{grown} KiB for {SLOW} slow clients");
    // Thirty more to be shown every entry are work; waiting for one of them would take a heartbeat.
    assert!(busy < alone * 3 + Duration::from_millis(100), "others waited {busy:?}, without slow clients {alone:?}");
    assert!(cut < sent + HEARTBEAT * 2 + Duration::from_secs(1), "{cut:?}");

    let head =
        database.query(&format!("SELECT head FROM threads WHERE id = '{}'", group.thread)).await[0].parse().unwrap();
    for who in &group.participants[2..5] {
        catch_up(&mut Client::connect(&hub, who).await, &group.thread, head).await;
    }
}

/// Sends so many messages of 1 KiB, at most 500 ahead of their acknowledgements.
async fn burst(author: &mut Client, thread: &str, count: usize) {
    for number in 0..count + 500 {
        if number >= 500 {
            author.expect("sent").await;
        }
        if number < count {
            author.say(thread, &format!("{number:01024}")).await;
        }
    }
}

#[tokio::test]
async fn a_client_whose_network_vanished_is_gone_within_two_heartbeats_without_a_trace_and_misses_nothing() {
    let _alone = alone().await;
    let Some(network) = Network::new() else {
        println!("skipped: a network of its own needs root and the program ip (package iproute2)");
        return;
    };
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let (heartbeat, bind) = (HEARTBEAT.as_secs().to_string(), network.here.to_string());
    let hub = Hub::start_with(&database, &[("CAREHUB_HEARTBEAT_SECONDS", &heartbeat), ("CAREHUB_BIND", &bind)]).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    let sent = clinician.say_and_wait(&pair.thread, "before").await;
    assert_eq!(number(&sent, "seq"), 1);
    let others = connections(&hub);
    let mut client = over(&network, &hub, &pair.client).await;
    let online = |frame: &Value| frame["user"] == *pair.client.id && frame["state"] == "online";
    clinician.expect_where("presence", online).await;
    clinician.say_and_wait(&pair.thread, "heard").await;
    client.expect("entry").await;
    assert!(connections(&hub) > others);

    network.set_link(false);
    let since = Instant::now();
    clinician.say_and_wait(&pair.thread, "said into nothing").await;
    let lost = client.collect(Duration::from_millis(500)).await;
    assert!(!lost.iter().any(|frame| frame["type"] == "entry"), "vacuous: the link was not cut");
    let closed = async || {
        clinician.say_and_wait(&pair.thread, "said into nothing").await;
        (connections(&hub) <= others).then(|| since.elapsed())
    };
    let closed = eventually("the connection's end", HEARTBEAT * 4, closed).await;
    let offline = |frame: &Value| frame["user"] == *pair.client.id && frame["state"] == "offline";
    clinician.expect_where("presence", offline).await;
    let offline = since.elapsed();
    println!("closed after {closed:?}, offline after {offline:?}");
    assert!(closed < HEARTBEAT * 2 + Duration::from_secs(1), "{closed:?}");
    assert!(offline < closed + Duration::from_secs(10), "{offline:?}");

    network.set_link(true);
    let head = database.query("SELECT head FROM threads").await[0].parse().unwrap();
    catch_up(&mut over(&network, &hub, &pair.client).await, &pair.thread, head).await;
}

async fn over(network: &Network, hub: &Hub, who: &Someone) -> Client {
    let to: SocketAddr = hub.address;
    let stream = network.connect(to);
    stream.set_nonblocking(true).unwrap();
    client_on(TcpStream::from_std(stream).unwrap(), hub, who).await
}
