//! What a storm's people asked, were answered and saw, and what the store held in the end. Only facts; `check` judges.

use crate::support::{Database, people::master_key};
use carehub::{crypto::Keyring, threads::record};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A place in the order of everything that happened in a storm.
pub type Tick = u64;

/// Numbers events as they happen, over all people.
#[derive(Clone, Default)]
pub struct Ticker(Arc<AtomicU64>);

impl Ticker {
    /// The next number.
    pub fn tick(&self) -> Tick {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// An answer `sent`.
#[derive(Clone, Debug)]
pub struct Ack {
    pub tick: Tick,
    pub seq: i64,
    pub at: String,
}

/// One message: asked once or several times under one id.
#[derive(Clone, Debug)]
pub struct Send {
    pub id: String,
    pub thread: String,
    pub body: String,
    pub urgent: bool,
    /// When it was asked first, and on which of its author's connections it was asked.
    pub invoked: Tick,
    pub tries: Vec<(usize, Tick)>,
    pub since: Instant,
    pub acks: Vec<Ack>,
    pub took: Option<Duration>,
    /// Codes of its refusals; `busy` and `internal` leave open whether it is stored.
    pub refused: Vec<String>,
}

/// Something that came on a connection.
#[derive(Clone, Debug)]
pub enum Seen {
    /// The hub knows from here on what the client has.
    Synced,
    Entry {
        thread: String,
        seq: i64,
        id: String,
        from: String,
        body: String,
        at: String,
    },
    Sent {
        thread: String,
        seq: i64,
        id: String,
    },
    Receipt {
        thread: String,
        user: String,
        delivered: i64,
        read: i64,
    },
}

/// One connection: what its client said that it had, and what came.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    pub has: HashMap<String, i64>,
    pub seen: Vec<Seen>,
}

/// One person's part.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub id: String,
    pub threads: Vec<String>,
    pub sends: Vec<Send>,
    pub connections: Vec<Connection>,
    /// The highest mark that was ever asked, by thread.
    pub marked: HashMap<String, i64>,
    /// How far they have everything, by thread.
    pub complete: HashMap<String, i64>,
}

/// An entry as the store holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub seq: i64,
    pub id: String,
    pub from: String,
    pub body: String,
    pub at: String,
}

/// A call to somebody.
#[derive(Clone, Debug)]
pub struct Page {
    pub step: i32,
    pub round: i32,
    pub user: String,
    pub channel: String,
    pub at_ms: i64,
    /// How many different messages of it the provider got.
    pub sent: usize,
    /// Kills between sending one and noting it.
    pub kills: usize,
}

/// An emergency as the store holds it.
#[derive(Clone, Debug)]
pub struct Emergency {
    pub id: String,
    pub raised_ms: i64,
    pub acknowledged_ms: Option<i64>,
    pub state: String,
    pub pages: Vec<Page>,
}

/// What the store holds: entries by thread in ascending order, marks by thread and person.
#[derive(Clone, Debug, Default)]
pub struct Dump {
    pub entries: HashMap<String, Vec<Row>>,
    pub marks: HashMap<(String, String), (i64, i64)>,
    pub emergencies: Vec<Emergency>,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub people: Vec<Person>,
    pub store: Dump,
}

impl History {
    /// All messages with their authors.
    pub fn sends(&self) -> impl Iterator<Item = (&Person, &Send)> {
        self.people.iter().flat_map(|person| person.sends.iter().map(move |send| (person, send)))
    }

    /// Times from a message's first try to its first acknowledgement, ascending.
    pub fn latencies(&self, pick: impl Fn(&Send) -> bool) -> Vec<Duration> {
        let mut times: Vec<_> = self.sends().filter(|(_, send)| pick(send)).filter_map(|(_, send)| send.took).collect();
        times.sort();
        times
    }
}

/// The value below which `share` of the ascending times lie.
pub fn percentile(times: &[Duration], share: f64) -> Duration {
    times.get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

impl Dump {
    /// Reads these threads from the store and opens what is sealed.
    pub async fn read(database: &Database, threads: impl IntoIterator<Item = &String>) -> Self {
        let keyring = Keyring::new(master_key());
        let mut conn = database.connect().await;
        let mut dump = Self::default();
        for name in threads {
            let id = name.parse().unwrap();
            let thread = record::find_thread(&mut conn, id).await.unwrap().unwrap();
            let key = keyring.unwrap(&thread.key).unwrap();
            let entries = record::read_after(&mut conn, id, &key, 0, i64::MAX).await.unwrap();
            let rows = entries.into_iter().map(|entry| Row {
                seq: entry.seq,
                id: entry.id.to_string(),
                from: entry.from.map(|from| from.id.to_string()).unwrap_or_default(),
                body: entry.body.0,
                at: instant(&serde_json::to_value(entry.at).unwrap()),
            });
            dump.entries.insert(name.clone(), rows.collect());
            for person in thread.participants {
                dump.marks.insert((name.clone(), person.id.to_string()), (person.marks.delivered, person.marks.read));
            }
        }
        dump.emergencies = Emergency::read_all(database).await;
        dump
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.values().map(Vec::len).sum()
    }
}

impl Emergency {
    /// All of a store.
    pub async fn read_all(database: &Database) -> Vec<Self> {
        let millis = "(extract(epoch FROM $) * 1000)::bigint";
        let [raised, acknowledged, at] =
            ["e.raised_at", "e.acknowledged_at", "p.at"].map(|column| millis.replace('$', column));
        let rows =
            format!("SELECT concat_ws(' ', e.id, {raised}, e.state, COALESCE({acknowledged}, -1)) FROM escalations e");
        let mut found = Vec::new();
        for row in database.query(&rows).await {
            let [id, raised, state, acknowledged] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
            let pages = format!(
                "SELECT concat_ws(' ', p.step, p.round, p.user_id, p.channel, {at}) FROM pages p
                WHERE p.escalation_id = '{id}'"
            );
            let page = |row: &String| {
                let [step, round, user, channel, at] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
                Page {
                    step: step.parse().unwrap(),
                    round: round.parse().unwrap(),
                    user: user.into(),
                    channel: channel.into(),
                    at_ms: at.parse().unwrap(),
                    sent: 0,
                    kills: 0,
                }
            };
            found.push(Self {
                id: id.into(),
                raised_ms: raised.parse().unwrap(),
                acknowledged_ms: acknowledged.parse().ok().filter(|at| *at >= 0),
                state: state.into(),
                pages: database.query(&pages).await.iter().map(page).collect(),
            });
        }
        found
    }
}

/// An instant of the wire, so that equal ones are equal texts that sort by time.
pub fn instant(value: &Value) -> String {
    let at: chrono::DateTime<chrono::Utc> = value.as_str().unwrap().parse().unwrap();
    at.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true)
}
