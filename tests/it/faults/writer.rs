//! One person of a storm: a client written from the protocol, which keeps what is not acknowledged and what it has, and
//! comes back after every break. Judges nothing.

use super::{
    history::{Ack, Connection, Person, Seen, Send, instant},
    storm::{Standing, Weather},
};
use crate::support::{Someone, number, text};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A hub that does not answer an upgrade is tried again after this.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// Messages that may wait for their acknowledgement before no new one is written.
const MOST_WAITING: usize = 400;
/// Marks are told this often.
const MARK_EVERY: Duration = Duration::from_millis(250);

/// One person.
pub struct Writer {
    someone: Someone,
    thread: String,
    address: SocketAddr,
    weather: Arc<Weather>,
    pace: Duration,
    rng: fastrand::Rng,
    person: Person,
    cursor: Option<String>,
    /// Complete up to here, and single ones above.
    complete: i64,
    above: BTreeSet<i64>,
    told: i64,
    /// Not acknowledged: where in `person.sends`, by id, and when to try again.
    waiting: HashMap<String, usize>,
    again: Vec<(Instant, usize)>,
}

impl Writer {
    /// Somebody who takes part in one thread.
    pub fn new(
        someone: Someone,
        thread: String,
        address: SocketAddr,
        weather: Arc<Weather>,
        pace: Duration,
        rng: fastrand::Rng,
    ) -> Self {
        let person = Person { id: someone.id.clone(), threads: vec![thread.clone()], ..Person::default() };
        Self {
            someone,
            thread,
            address,
            weather,
            pace,
            rng,
            person,
            cursor: None,
            complete: 0,
            above: BTreeSet::new(),
            told: 0,
            waiting: HashMap::new(),
            again: Vec::new(),
        }
    }

    /// Writes until the storm is over.
    pub async fn run(mut self) -> Person {
        self.show_standing();
        while !self.over() {
            if let Some(socket) = self.connect().await {
                self.weather.connects.fetch_add(1, Ordering::Relaxed);
                let code = self.live(socket).await;
                let mut unanswered = self.weather.unanswered.lock().unwrap();
                unanswered.retain(|id, _| !self.waiting.contains_key(id));
                drop(unanswered);
                if !self.over() {
                    *self.weather.breaks.lock().unwrap().entry(code).or_default() += 1;
                    self.weather.unknown.fetch_add(self.waiting.len(), Ordering::Relaxed);
                }
            }
            let pause = Duration::from_millis(self.rng.u64(20..150));
            tokio::time::sleep(pause).await;
        }
        self.person.complete.insert(self.thread.clone(), self.complete);
        self.person
    }

    fn over(&self) -> bool {
        self.weather.over.load(Ordering::Relaxed)
    }

    async fn connect(&self) -> Option<Socket> {
        let mut request = format!("ws://{}/api/v1/ws", self.address).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("carehub.v1"));
        request.headers_mut().insert("authorization", format!("Bearer {}", self.someone.token).parse().unwrap());
        let connected = tokio::time::timeout(CONNECT_PATIENCE, tokio_tungstenite::connect_async(request)).await;
        Some(connected.ok()?.ok()?.0)
    }

    /// One connection's life; its close code, or 0.
    async fn live(&mut self, mut socket: Socket) -> u16 {
        let has = HashMap::from([(self.thread.clone(), self.complete)]);
        let sync = json!({"type": "sync", "cursor": self.cursor, "have": has});
        self.person.connections.push(Connection { has, seen: Vec::new() });
        let mut frames = vec![sync];
        // In the order in which they were written first.
        let mut unanswered: Vec<usize> = self.waiting.values().copied().collect();
        unanswered.sort_unstable();
        self.again.clear();
        frames.extend(unanswered.into_iter().map(|at| self.ask(at)));
        let (mut pace, mut marks) = (tokio::time::interval(self.pace), tokio::time::interval(MARK_EVERY));
        // A person who starts with all others at once would make waves.
        pace.reset_after(self.pace.mul_f64(self.rng.f64()));
        loop {
            for frame in frames.drain(..) {
                if socket.feed(Message::text(frame.to_string())).await.is_err() {
                    return 0;
                }
            }
            if socket.flush().await.is_err() {
                return 0;
            }
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(&serde_json::from_str(&text).unwrap()),
                    Some(Ok(Message::Close(frame))) => return frame.map_or(0, |frame| frame.code.into()),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return 0,
                },
                _ = pace.tick() => {
                    if self.over() {
                        return 0;
                    }
                    frames.extend(self.due());
                }
                _ = marks.tick() => frames.extend(self.mark()),
            }
        }
    }

    /// Notes that message `at` is asked (again) on the connection that lives.
    fn ask(&mut self, at: usize) -> Value {
        let connection = self.person.connections.len() - 1;
        let send = &mut self.person.sends[at];
        send.tries.push((connection, self.weather.ticker.tick()));
        self.weather.asked(&send.id);
        let priority = if send.urgent { "urgent" } else { "normal" };
        json!({"type": "send", "id": send.id, "thread": send.thread, "body": send.body, "priority": priority})
    }

    fn due(&mut self) -> Vec<Value> {
        let now = Instant::now();
        let mut due: Vec<usize> = self.again.extract_if(.., |(when, _)| *when <= now).map(|(_, at)| at).collect();
        due.sort_unstable();
        if !self.weather.calm.load(Ordering::SeqCst) && self.waiting.len() < MOST_WAITING {
            due.push(self.write());
        }
        due.into_iter().map(|at| self.ask(at)).collect()
    }

    fn write(&mut self) -> usize {
        let at = self.person.sends.len();
        let id = uuid::Builder::from_random_bytes(self.rng.u128(..).to_be_bytes()).into_uuid().to_string();
        let length = self.rng.usize(0..300);
        let padding: String = std::iter::repeat_with(|| self.rng.alphanumeric()).take(length).collect();
        let body = format!("{at} of {} {padding}", self.someone.id).trim().to_owned();
        self.waiting.insert(id.clone(), at);
        self.person.sends.push(Send {
            id,
            thread: self.thread.clone(),
            body,
            urgent: self.rng.u8(..10) == 0,
            invoked: self.weather.ticker.tick(),
            tries: Vec::new(),
            since: Instant::now(),
            acks: Vec::new(),
            took: None,
            refused: Vec::new(),
        });
        self.show_standing();
        at
    }

    fn mark(&mut self) -> Option<Value> {
        if self.told == self.complete {
            return None;
        }
        self.told = self.complete;
        self.person.marked.insert(self.thread.clone(), self.complete);
        let kind = if self.rng.bool() { "read" } else { "delivered" };
        Some(json!({"type": kind, "thread": self.thread, "seq": self.complete}))
    }

    fn hear(&mut self, frame: &Value) {
        let seen = match text(frame, "type") {
            "sent" => self.acknowledged(frame),
            "error" => return self.refused(frame),
            "synced" => {
                self.cursor = Some(text(frame, "cursor").into());
                Seen::Synced
            }
            "entry" => {
                self.weather.entries.fetch_add(1, Ordering::Relaxed);
                self.has(number(frame, "seq"));
                Seen::Entry {
                    thread: text(frame, "thread").into(),
                    seq: number(frame, "seq"),
                    id: text(frame, "id").into(),
                    from: text(&frame["from"], "id").into(),
                    body: text(frame, "body").into(),
                    at: instant(&frame["at"]),
                }
            }
            "receipt" => Seen::Receipt {
                thread: text(frame, "thread").into(),
                user: text(frame, "user").into(),
                delivered: number(frame, "delivered"),
                read: number(frame, "read"),
            },
            _ => return,
        };
        self.person.connections.last_mut().unwrap().seen.push(seen);
    }

    fn acknowledged(&mut self, frame: &Value) -> Seen {
        let (id, seq) = (text(frame, "id"), number(frame, "seq"));
        let tick = self.weather.ticker.tick();
        self.weather.answered(id);
        if let Some(at) = self.waiting.remove(id) {
            self.again.retain(|(_, again)| *again != at);
            self.person.sends[at].took = Some(self.person.sends[at].since.elapsed());
            self.weather.acks.fetch_add(1, Ordering::Relaxed);
            *self.weather.last_ack.lock().unwrap() = Some(Instant::now());
        }
        if let Some(send) = self.person.sends.iter_mut().rev().find(|send| send.id == *id) {
            send.acks.push(Ack { tick, seq, at: instant(&frame["at"]) });
        }
        self.has(seq);
        Seen::Sent { thread: text(frame, "thread").into(), seq, id: id.into() }
    }

    fn refused(&mut self, frame: &Value) {
        let code = text(frame, "code").to_owned();
        if code == "busy" {
            self.weather.busy.fetch_add(1, Ordering::Relaxed);
        }
        let Some(id) = frame["id"].as_str() else { return };
        self.weather.answered(id);
        let Some(at) = self.waiting.get(id).copied() else { return };
        self.weather.unknown.fetch_add(1, Ordering::Relaxed);
        self.person.sends[at].refused.push(code);
        let wait = Duration::from_millis(frame["retryAfterMs"].as_u64().unwrap_or(500));
        self.again.push((Instant::now() + wait, at));
    }

    fn has(&mut self, seq: i64) {
        if seq > self.complete {
            self.above.insert(seq);
        }
        while self.above.remove(&(self.complete + 1)) {
            self.complete += 1;
        }
        self.show_standing();
    }

    fn show_standing(&self) {
        let (thread, complete) = (self.thread.clone(), self.complete);
        let standing = Standing { thread, complete, waiting: self.waiting.len() };
        self.weather.standing.lock().unwrap().insert(self.someone.id.clone(), standing);
    }
}
