//! A storm: pairs and one larger thread, everybody writing all the time, coming back after every break, sending again
//! what was not acknowledged. Records everything; `check` judges it.

use super::{
    check,
    history::{Dump, History, Ticker},
    writer::Writer,
};
use crate::support::{Database, Someone, eventually};
use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// Between two messages of a person.
pub const PACE: Duration = Duration::from_millis(40);

/// How large a storm is.
#[derive(Clone, Copy)]
pub struct Size {
    pub pairs: usize,
    pub group: usize,
    pub pace: Duration,
}

impl Default for Size {
    fn default() -> Self {
        Self { pairs: 4 * scale(), group: 4, pace: PACE }
    }
}

/// How many times as large as usual a run shall be.
pub fn scale() -> usize {
    std::env::var("CAREHUB_STORM_SCALE").ok().and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

/// The seed of this run's choices, printed so that it can be repeated.
pub fn seed() -> u64 {
    let seed = std::env::var("CAREHUB_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    println!("CAREHUB_TEST_SEED={seed}");
    seed
}

/// Where one writer stands.
#[derive(Clone)]
pub struct Standing {
    pub thread: String,
    /// The thread is complete up to here.
    pub complete: i64,
    /// Messages that are not acknowledged.
    pub waiting: usize,
}

/// What all writers share: the clock of events, what they are to do, and counts of what happened to them.
#[derive(Default)]
pub struct Weather {
    pub ticker: Ticker,
    /// No new messages; what waits is still sent again.
    pub calm: AtomicBool,
    pub over: AtomicBool,
    pub acks: AtomicUsize,
    pub busy: AtomicUsize,
    pub connects: AtomicUsize,
    /// Connections that broke, by close code (0: none).
    pub breaks: Mutex<HashMap<u16, usize>>,
    /// Sends whose connection broke, or that were refused for now, before their answer: stored or not?
    pub unknown: AtomicUsize,
    pub entries: AtomicUsize,
    pub last_ack: Mutex<Option<Instant>>,
    /// By person.
    pub standing: Mutex<HashMap<String, Standing>>,
    /// Asked on a living connection and not answered at all since then, by id.
    pub unanswered: Mutex<HashMap<String, Instant>>,
    /// The longest that a send waited for whatever answer.
    pub slowest_answer: Mutex<Duration>,
}

impl Weather {
    /// How many connections broke.
    pub fn broken(&self) -> usize {
        self.breaks.lock().unwrap().values().sum()
    }

    /// A send was asked.
    pub fn asked(&self, id: &str) {
        self.unanswered.lock().unwrap().insert(id.to_owned(), Instant::now());
    }

    /// A send was answered, or its connection is gone.
    pub fn answered(&self, id: &str) {
        if let Some(since) = self.unanswered.lock().unwrap().remove(id) {
            let mut slowest = self.slowest_answer.lock().unwrap();
            *slowest = slowest.max(since.elapsed());
        }
    }

    /// How many sends have waited for longer than this.
    pub fn overdue(&self, patience: Duration) -> usize {
        self.unanswered.lock().unwrap().values().filter(|since| since.elapsed() > patience).count()
    }

    /// How many messages were acknowledged.
    pub fn acked(&self) -> usize {
        self.acks.load(Ordering::Relaxed)
    }

    /// How many answers were `busy`.
    pub fn told_busy(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }
}

/// A storm that rages.
pub struct Storm {
    pub weather: Arc<Weather>,
    writers: Vec<JoinHandle<super::history::Person>>,
    threads: HashSet<String>,
}

impl Storm {
    /// Makes the people and lets them write.
    pub async fn start(address: SocketAddr, database: &Database, size: Size, seed: u64) -> Self {
        let mut people: Vec<(Someone, String)> = Vec::new();
        for pair in database.pairs(size.pairs).await {
            people.push((pair.client, pair.thread.clone()));
            people.push((pair.clinician, pair.thread));
        }
        if size.group > 0 {
            let group = database.group(size.group).await;
            people.extend(group.participants.into_iter().map(|person| (person, group.thread.clone())));
        }
        let weather = Arc::new(Weather::default());
        let threads = people.iter().map(|(_, thread)| thread.clone()).collect();
        let writers = people.into_iter().enumerate().map(|(number, (someone, thread))| {
            let rng = fastrand::Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number as u64));
            tokio::spawn(Writer::new(someone, thread, address, weather.clone(), size.pace, rng).run())
        });
        Self { writers: writers.collect(), weather, threads }
    }

    /// How many write.
    pub fn people(&self) -> usize {
        self.writers.len()
    }

    /// Waits until `count` more messages are acknowledged; how long that took.
    pub async fn acked(&self, count: usize, patience: Duration) -> Duration {
        let (since, target) = (Instant::now(), self.weather.acked() + count);
        eventually("acknowledgements", patience, async || (self.weather.acked() >= target).then_some(())).await;
        since.elapsed()
    }

    /// No new messages: waits until all is acknowledged and everybody has everything; how long that took. People who do
    /// not get there are left to the checker.
    pub async fn calm(&self, database: &Database, patience: Duration) -> Duration {
        self.weather.calm.store(true, Ordering::SeqCst);
        let since = Instant::now();
        while since.elapsed() < patience {
            let waiting: usize = self.weather.standing.lock().unwrap().values().map(|one| one.waiting).sum();
            if waiting == 0 && self.all_complete(database).await {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        since.elapsed()
    }

    async fn all_complete(&self, database: &Database) -> bool {
        let heads = database.query("SELECT id || ' ' || head FROM threads").await;
        let heads: HashMap<&str, i64> = heads
            .iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(id, head)| (id, head.parse().unwrap()))
            .collect();
        let standing = self.weather.standing.lock().unwrap();
        standing.values().all(|one| heads.get(&*one.thread) == Some(&one.complete))
    }

    /// Ends it and reads the store.
    pub async fn end(self, database: &Database) -> History {
        self.weather.over.store(true, Ordering::SeqCst);
        let mut people = Vec::new();
        for writer in self.writers {
            people.push(writer.await.unwrap());
        }
        History { people, store: Dump::read(database, &self.threads).await }
    }

    /// Calms it, ends it, and demands that no promise was broken and everybody was complete within `patience`. Returns
    /// what happened and how long people took.
    pub async fn must_have_kept_every_promise(self, database: &Database, patience: Duration) -> (History, Duration) {
        let took = self.calm(database, patience).await;
        let weather = self.weather.clone();
        let history = self.end(database).await;
        println!(
            "{} acknowledged, {} stored, {} seen, {} unknown outcomes, {} busy, {} connections, breaks {:?}; complete after {took:?}",
            weather.acked(),
            history.store.len(),
            weather.entries.load(Ordering::Relaxed),
            weather.unknown.load(Ordering::Relaxed),
            weather.told_busy(),
            weather.connects.load(Ordering::Relaxed),
            weather.breaks.lock().unwrap(),
        );
        let violations = check::violations(&history);
        assert!(
            violations.is_empty(),
            "{} violations:\n{}",
            violations.len(),
            violations[..violations.len().min(30)].join("\n")
        );
        (history, took)
    }
}
