//! A WebSocket client that speaks the protocol and nothing else.

use super::{Hub, Someone};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{collections::VecDeque, time::Duration};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue, http::Request},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// A connection that is signed in.
pub struct Client {
    pub welcome: Value,
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Frames that came before the one that was waited for.
    pub seen: VecDeque<Value>,
}

/// The upgrade request of a client that offers `carehub.v1`.
pub fn upgrade(hub: &Hub, headers: &[(&'static str, &str)]) -> Request<()> {
    let mut request = format!("ws://{}/api/v1/ws", hub.address).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("carehub.v1"));
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

impl Client {
    /// Connects with a bearer token and waits for `welcome`.
    pub async fn connect(hub: &Hub, who: &Someone) -> Self {
        Self::try_connect(hub, who).await.unwrap()
    }

    /// The same, where the hub may not be there.
    pub async fn try_connect(hub: &Hub, who: &Someone) -> Result<Self, tungstenite::Error> {
        let request = upgrade(hub, &[("authorization", &format!("Bearer {}", who.token))]);
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        let mut client = Self { welcome: Value::Null, socket, seen: VecDeque::new() };
        client.welcome = client.next_frame().await.ok_or(tungstenite::Error::ConnectionClosed)?;
        assert_eq!(client.welcome["type"], "welcome", "{}", client.welcome);
        Ok(client)
    }

    /// Connects and synchronises, with nothing known.
    pub async fn synced(hub: &Hub, who: &Someone) -> Self {
        let mut client = Self::connect(hub, who).await;
        client.send(json!({"type": "sync"})).await;
        client.expect("synced").await;
        client
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: Value) {
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// Sends a message with a new id, which is returned.
    pub async fn say(&mut self, thread: &str, body: &str) -> String {
        let id = uuid::Uuid::now_v7().to_string();
        self.send(json!({"type": "send", "id": id, "thread": thread, "body": body})).await;
        id
    }

    /// Sends a message and waits until it is acknowledged.
    pub async fn say_and_wait(&mut self, thread: &str, body: &str) -> Value {
        let id = self.say(thread, body).await;
        self.expect_where("sent", |frame| frame["id"] == *id).await
    }

    /// The next frame as it comes; None when the connection ended.
    pub async fn next_frame(&mut self) -> Option<Value> {
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("no frame came") {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next frame of a type; what comes before it is kept in `seen`.
    pub async fn expect(&mut self, kind: &str) -> Value {
        self.expect_where(kind, |_| true).await
    }

    /// The next frame of a type that fits.
    pub async fn expect_where(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let wanted = |frame: &Value| frame["type"] == *kind && fits(frame);
        if let Some(at) = self.seen.iter().position(wanted) {
            return self.seen.remove(at).unwrap();
        }
        loop {
            let frame = self.next_frame().await.unwrap_or_else(|| panic!("closed before {kind:?}; {:?}", self.seen));
            if wanted(&frame) {
                return frame;
            }
            self.seen.push_back(frame);
        }
    }

    /// Sends a frame with a `ref` of its own, and gives the answer that carries it.
    pub async fn ask(&mut self, mut frame: Value) -> Value {
        let reference = uuid::Uuid::now_v7().to_string();
        frame["ref"] = json!(reference);
        self.send(frame).await;
        let answers = |frame: &Value| frame["ref"] == *reference;
        if let Some(at) = self.seen.iter().position(answers) {
            return self.seen.remove(at).unwrap();
        }
        loop {
            let frame = self.next_frame().await.expect("an answer");
            if answers(&frame) {
                return frame;
            }
            self.seen.push_back(frame);
        }
    }

    /// Sends text as it is.
    pub async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text.to_owned())).await.unwrap();
    }

    /// Synchronises from a cursor, with what the client has.
    pub async fn sync(&mut self, cursor: Value, have: Value) -> Value {
        self.ask(json!({"type": "sync", "cursor": cursor, "have": have})).await
    }

    /// The next `count` entries of a thread, as they come.
    pub async fn entries(&mut self, thread: &str, count: usize) -> Vec<Value> {
        let mut entries = Vec::with_capacity(count);
        while entries.len() < count {
            entries.push(self.expect_where("entry", |frame| frame["thread"] == *thread).await);
        }
        entries
    }

    /// Everything that comes within `time`, with what was kept.
    pub async fn collect(&mut self, time: Duration) -> Vec<Value> {
        let mut frames: Vec<Value> = self.seen.drain(..).collect();
        let until = tokio::time::Instant::now() + time;
        while let Ok(Some(Ok(message))) = tokio::time::timeout_at(until, self.socket.next()).await {
            if let Message::Text(text) = message {
                frames.push(serde_json::from_str(&text).unwrap());
            }
        }
        frames
    }

    /// Reads until the connection ends, and tells the close code; None when it ended without one.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            match tokio::time::timeout(Duration::from_secs(15), self.socket.next()).await.expect("it was not closed") {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(Message::Text(text))) => self.seen.push_back(serde_json::from_str(&text).unwrap()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }
}
