//! How much is too much: connections, sends, frames.

use crate::support::{Client, Database, Hub, number, text};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[actix_web::test]
async fn more_connections_than_a_user_may_have_are_closed_and_the_others_stay() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start_with(&database, &[("CAREHUB_CONNECTIONS_PER_USER", "3")]).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(Client::connect(&hub, &pair.client).await);
    }
    let mut raw = crate::support::Raw::upgrade(
        hub.address,
        "/api/v1/ws",
        &format!("Authorization: Bearer {}\r\n", pair.client.token),
    )
    .await;
    assert_eq!(raw.closed().await, Some(4429));
    Client::connect(&hub, &pair.clinician).await;
    for client in &mut held {
        assert_eq!(client.ask(json!({"type": "ping"})).await["type"], "pong");
    }
    drop(held.pop());
    crate::support::eventually("a place", Duration::from_secs(3), async || {
        let headers = format!("Authorization: Bearer {}\r\n", pair.client.token);
        let mut raw = crate::support::Raw::upgrade(hub.address, "/api/v1/ws", &headers).await;
        raw.next().await.filter(|(_, payload)| payload.starts_with(b"{\"type\":\"welcome\""))
    })
    .await;
}

#[actix_web::test]
async fn sends_are_limited_per_user_over_all_connections_and_nothing_refused_is_lost() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    database.limit_sends(&pair.client.id, 30).await;
    let hub = Hub::start(&database).await;
    let mut here = Client::synced(&hub, &pair.client).await;
    let mut there = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    assert_eq!(number(&here.welcome["limits"], "sendsPerMinute"), 30);
    let mut refused = Vec::new();
    for number in 0..17 {
        for client in [&mut here, &mut there] {
            let send =
                json!({"type": "send", "id": uuid::Uuid::now_v7(), "thread": pair.thread, "body": number.to_string()});
            let answer = client.ask(send.clone()).await;
            if answer["type"] == "error" {
                assert_eq!((text(&answer, "code"), &answer["id"]), ("rateLimited", &send["id"]));
                refused.push((send, answer["retryAfterMs"].as_u64().unwrap()));
            }
        }
    }
    assert!((2..=4).contains(&refused.len()), "{}", refused.len());
    assert_eq!(clinician.ask(json!({"type": "ping"})).await["type"], "pong");
    assert_eq!(clinician.say_and_wait(&pair.thread, "others may").await["type"], "sent");
    // After the time that was named, the same id goes through.
    for (_, wait) in &refused {
        assert!((1..=60_000).contains(wait), "{wait}");
    }
    let (send, wait) = refused.remove(0);
    tokio::time::sleep(Duration::from_millis(wait.min(2_500))).await;
    let since = Instant::now();
    let sent: Value = crate::support::eventually("the same id goes through", Duration::from_secs(8), async || {
        let answer = here.ask(send.clone()).await;
        match answer["retryAfterMs"].as_u64() {
            Some(wait) => {
                tokio::time::sleep(Duration::from_millis(wait)).await;
                None
            }
            None => Some(answer),
        }
    })
    .await;
    assert_eq!((text(&sent, "type"), &sent["id"]), ("sent", &send["id"]));
    assert!(since.elapsed() < Duration::from_secs(8));
    let stored = "SELECT count(*) FROM entries WHERE sender_id <> (SELECT assignee_id FROM threads)";
    let stored: usize = database.query(stored).await[0].parse().unwrap();
    assert!((31..=33).contains(&stored), "{stored}");
}

async fn flood(client: &mut Client, frame: Value, count: usize) -> (usize, Option<u16>) {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;
    let text = frame.to_string();
    for _ in 0..count {
        if client.socket.feed(Message::text(text.clone())).await.is_err() {
            break;
        }
    }
    let _ = client.socket.flush().await;
    let mut limited = 0;
    loop {
        match tokio::time::timeout(Duration::from_secs(10), client.socket.next()).await.expect("the flood was borne") {
            Some(Ok(Message::Text(text))) => limited += usize::from(text.contains("\"rateLimited\"")),
            Some(Ok(Message::Close(frame))) => return (limited, frame.map(|frame| frame.code.into())),
            Some(Ok(_)) => {}
            _ => return (limited, None),
        }
    }
}

#[actix_web::test]
async fn a_flood_of_frames_is_refused_and_then_ended() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    for frame in [
        json!({"type": "ping"}),
        json!({"type": "typing", "thread": pair.thread, "on": true}),
        json!({"type": "nonsense"}),
        json!({"type": "read", "thread": uuid::Uuid::now_v7(), "seq": 1}),
    ] {
        let mut client = Client::connect(&hub, &pair.client).await;
        let (limited, code) = flood(&mut client, frame.clone(), 2_500).await;
        assert_eq!(code, Some(4429), "{frame}");
        assert!(limited > 100 || frame["type"] == "read", "{frame}: {limited}");
    }
    assert_eq!(clinician.ask(json!({"type": "ping"})).await["type"], "pong", "nobody else noticed");
    let typing = clinician.collect(Duration::from_millis(100)).await;
    assert!(typing.iter().filter(|frame| frame["type"] == "typing").count() <= 2, "told on a change alone");
}
