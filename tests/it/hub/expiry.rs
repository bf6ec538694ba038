//! The end of what somebody signed in with.

use super::upgrade::token;
use crate::support::{Client, Database, Hub, Someone, number, text};
use chrono::TimeDelta;
use serde_json::json;
use std::time::{Duration, Instant};

#[actix_web::test]
async fn a_token_that_ends_is_announced_a_minute_before() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let token = token(&database, &pair, TimeDelta::seconds(63)).await;
    let since = Instant::now();
    let mut client = Client::connect(&hub, &Someone { token, ..pair.client.clone() }).await;
    let expiring = client.expect("authExpiring").await;
    assert!((1.0..4.0).contains(&since.elapsed().as_secs_f64()), "{:?}", since.elapsed());
    assert_eq!(expiring["expiresAt"], client.welcome["expiresAt"]);
}

#[actix_web::test]
async fn a_connection_ends_with_its_token_and_stores_nothing_after() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut watcher = Client::synced(&hub, &pair.clinician).await;
    let token = token(&database, &pair, TimeDelta::seconds(4)).await;
    let mut client = Client::connect(&hub, &Someone { token, ..pair.client.clone() }).await;
    client.expect("authExpiring").await;
    let ends = chrono::DateTime::parse_from_rfc3339(text(&client.welcome, "expiresAt")).unwrap();
    // One message after the other, until it is over.
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;
    let (clock, mut too_late) = (carehub::clock::Clock::system(), Vec::new());
    let code = 'over: loop {
        let id = uuid::Uuid::now_v7();
        if clock.now() > ends {
            too_late.push(format!("'{id}'"));
        }
        let send = json!({"type": "send", "id": id, "thread": pair.thread, "body": "x"}).to_string();
        let _ = client.socket.send(Message::text(send)).await;
        // Whoever writes into a connection that is closed loses the close frame that waits to be read: read first.
        while let Ok(read) = tokio::time::timeout(Duration::from_millis(20), client.socket.next()).await {
            match read {
                Some(Ok(Message::Close(frame))) => break 'over frame.map(|frame| u16::from(frame.code)),
                Some(Ok(_)) => {}
                _ => break 'over None,
            }
        }
    };
    let late = clock.now().signed_duration_since(ends);
    assert_eq!(code, Some(4401));
    assert!((-200..1_000).contains(&late.num_milliseconds()), "{late}");
    // What came in time may be stored a moment later.
    too_late.push(format!("'{}'", uuid::Uuid::nil()));
    let stored = format!("SELECT count(*) FROM entries WHERE id IN ({})", too_late.join(", "));
    assert_eq!(database.query(&stored).await, ["0"]);
    let after = format!("SELECT count(*) FROM entries WHERE at > '{}'", (ends + TimeDelta::seconds(5)).to_rfc3339());
    assert_eq!(database.query(&after).await, ["0"]);
    assert!(number(&watcher.expect("entry").await, "seq") >= 1, "and before, they were stored");
}

#[actix_web::test]
async fn a_new_auth_extends_the_connection_and_another_users_ends_it() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let token = token(&database, &pair, TimeDelta::seconds(3)).await;
    let mut client = Client::connect(&hub, &Someone { token, ..pair.client.clone() }).await;
    let before = client.welcome.clone();
    let welcome = client.ask(json!({"type": "auth", "token": pair.client.token})).await;
    assert_eq!((text(&welcome, "type"), &welcome["connection"]), ("welcome", &before["connection"]));
    assert!(text(&welcome, "expiresAt") > text(&before, "expiresAt"));
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(client.say_and_wait(&pair.thread, "still here").await["seq"], 1);
    client.send(json!({"type": "auth", "token": pair.clinician.token})).await;
    assert_eq!(client.closed().await, Some(4403));
    let mut client = Client::connect(&hub, &pair.client).await;
    client.send(json!({"type": "auth", "token": "x.y.z"})).await;
    assert_eq!(client.closed().await, Some(4401), "a bad one does not leave the old one in force");
}

#[actix_web::test]
async fn a_session_that_ended_takes_its_connections_with_it_within_five_seconds() {
    let database = Database::fresh().await;
    let pairs = database.pairs(3).await;
    let hub = Hub::start(&database).await;
    let mut signed_out = [Client::synced(&hub, &pairs[0].client).await, Client::synced(&hub, &pairs[0].client).await];
    let mut disabled = Client::synced(&hub, &pairs[1].client).await;
    let mut idle = Client::synced(&hub, &pairs[2].client).await;
    let mut other = Client::synced(&hub, &pairs[0].clinician).await;
    let of = |user: &str| format!("WHERE user_id = '{user}'");
    database.query(&format!("UPDATE sign_in_sessions SET ended_at = now() {}", of(&pairs[0].client.id))).await;
    database.query(&format!("UPDATE users SET status = 'disabled' WHERE id = '{}'", pairs[1].client.id)).await;
    database
        .query(&format!(
            "UPDATE sign_in_sessions SET idle_seconds = 60, last_active_at = now() - interval '2 minutes' {}",
            of(&pairs[2].client.id)
        ))
        .await;
    let since = Instant::now();
    let [first, second] = &mut signed_out;
    let codes = tokio::join!(first.closed(), second.closed(), disabled.closed(), idle.closed());
    assert_eq!(codes, (Some(4401), Some(4401), Some(4401), Some(4401)));
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    assert_eq!(other.ask(json!({"type": "ping"})).await["type"], "pong");
    assert!(Client::try_connect(&hub, &pairs[0].client).await.is_err());
}

#[actix_web::test]
async fn only_what_the_user_does_keeps_a_session_alive() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let mut client = Client::synced(&hub, &pair.client).await;
    let mut clinician = Client::synced(&hub, &pair.clinician).await;
    clinician.say_and_wait(&pair.thread, "x").await;
    client.expect("entry").await;
    let idle = format!(
        "UPDATE sign_in_sessions SET idle_seconds = 900, last_active_at = now() - interval '5 minutes' WHERE user_id = '{}'",
        pair.client.id
    );
    database.query(&idle).await;
    let active = format!(
        "SELECT last_active_at > now() - interval '1 minute' FROM sign_in_sessions WHERE user_id = '{}'",
        pair.client.id
    );
    client.ask(json!({"type": "ping"})).await;
    client.ask(json!({"type": "sync"})).await;
    client.send(json!({"type": "delivered", "thread": pair.thread, "seq": 1})).await;
    clinician.expect("receipt").await;
    assert_eq!(database.query(&active).await, ["f"]);
    client.send(json!({"type": "read", "thread": pair.thread, "seq": 1})).await;
    clinician.expect("receipt").await;
    crate::support::eventually("activity noted", Duration::from_secs(3), async || {
        (database.query(&active).await == ["t"]).then_some(())
    })
    .await;
}
