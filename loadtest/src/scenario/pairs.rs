//! `pairs`: closed loop. P clients each write to their clinician, keeping so many messages in
//! flight; what comes out is the throughput the hub sustains and the latency at that throughput.

use super::judge;
use crate::cli::Common;
use crate::clock::{Clock, seconds};
use crate::history::Book;
use crate::measure::{Processes, Report, Row, progress};
use crate::seat::Seat;
use crate::session::{Target, refuse_if_limited};
use crate::stamp::SHORTEST;
use crate::talk::{Confirm, Outcome, Pace, Receiver, Sender, Talk};
use crate::tokens::{self, Room};
use crate::verify::Subject;
use crate::wire::Dialect;
use anyhow::{Context, Result, bail};
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Connections that are opened at a time.
const AT_ONCE: usize = 32;
/// A hub that allows a user less than this many sends a second would be measuring its limit.
pub const CLOSED_LOOP: f64 = 1_000.0;

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    /// How many pairs; a list runs one after the other.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
    pub pairs: Vec<usize>,
    /// Messages each sender keeps in flight.
    #[arg(long, default_value_t = 1)]
    pub in_flight: usize,
    #[command(flatten)]
    pub load: Load,
}

/// What `pairs`, `rate` and `peer` have in common.
#[derive(Clone, Debug, Args)]
pub struct Load {
    /// Seconds measured.
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// Seconds before that, not measured.
    #[arg(long, default_value_t = 2.0)]
    pub warm_up: f64,
    /// Length of each body.
    #[arg(long, default_value_t = 200)]
    pub body_bytes: usize,
    /// The receiver reads each entry, and a turn ends with the receipt of that.
    #[arg(long)]
    pub receipts: bool,
    /// Receivers confirm after so many entries; a quarter of the window without this.
    #[arg(long)]
    pub confirm_every: Option<u64>,
    /// Receivers also confirm when nothing has come for so long.
    #[arg(long, default_value_t = 250)]
    pub confirm_idle_ms: u64,
}

/// How fast the senders of a run are to be.
#[derive(Clone, Copy, Debug)]
pub enum Speed {
    InFlight(usize),
    PerSecond(f64),
}

/// A run's rooms, target and accounting.
pub struct Stage<'a> {
    pub target: &'a Target,
    pub rooms: &'a [Room],
    pub book: &'a Arc<Book>,
    pub clock: Clock,
    pub processes: Processes,
}

pub async fn run(options: &Options) -> Result<Report> {
    if options.in_flight == 0 || options.pairs.contains(&0) {
        bail!("--in-flight and --pairs must be at least 1");
    }
    let common = &options.common;
    let target = Target::new(&common.url, Dialect::Carehub).await?;
    let seed = common.seed();
    let mut report = Report::new("pairs", seed);
    for &pairs in &options.pairs {
        let rooms = tokens::pairs(&common.tokens, pairs)?;
        let book = Book::new(&tokens::read(&common.tokens)?, seed, common.recording());
        let stage =
            Stage { target: &target, rooms: &rooms, book: &book, clock: Clock::start(), processes: common.processes() };
        let name = format!("{pairs} pairs, {} in flight", options.in_flight);
        let done = talk(&stage, &name, &options.load, Speed::InFlight(options.in_flight)).await?;
        report.rows.push(done.row);
        report.failures.extend(done.failures);
        if common.recording() {
            judge(common, &target, &book, stage.clock, &done.subjects, done.events, &mut report).await?;
        }
    }
    Ok(report)
}

/// What a run of pairs leaves behind.
pub struct Done {
    pub row: Row,
    pub failures: Vec<String>,
    pub events: Vec<crate::history::Event>,
    pub subjects: Vec<Subject>,
}

/// Seats everybody, lets them talk, and adds up.
pub async fn talk(stage: &Stage<'_>, name: &str, load: &Load, speed: Speed) -> Result<Done> {
    if load.body_bytes < SHORTEST {
        bail!("--body-bytes must be at least {SHORTEST}, for the stamp");
    }
    let seats = seat_all(stage).await?;
    if let Some((sender, _)) = seats.first() {
        refuse_if_limited(&sender.welcome, speed.of_each(stage.rooms.len()))?;
    }
    let subjects = stage
        .rooms
        .iter()
        .zip(&seats)
        .map(|(room, (sender, _))| Subject { room: room.clone(), base: sender.base })
        .collect();
    let from = stage.clock.now() + seconds(load.warm_up);
    let shared = Arc::new(Talk {
        clock: stage.clock,
        from,
        until: from + seconds(load.seconds),
        body_bytes: load.body_bytes,
        receipts: load.receipts,
        confirm: Confirm { every: load.confirm_every, idle_ms: load.confirm_idle_ms },
        ..Talk::default()
    });
    let mut pairs = Vec::new();
    for (number, (sender, receiver)) in seats.into_iter().enumerate() {
        let pace = speed.pace(&shared, number, stage.rooms.len())?;
        pairs.push(start_pair(&shared, sender, receiver, pace));
    }
    let measuring = measure(stage, &shared);
    let all = async { tokio::join!(measuring, finish(pairs)) };
    let (used, outcomes) = progress(name, &shared.counters, all).await;
    let (mut failures, mut events) = (Vec::new(), Vec::new());
    for outcome in outcomes? {
        failures.extend(outcome.failures);
        events.extend(outcome.events);
    }
    let turns = shared.turns.load(Relaxed) as f64;
    if turns == 0.0 {
        failures.push("nothing was acknowledged: this run says nothing".into());
    }
    let row = Row::new(name)
        .figure("messages/s", turns / load.seconds)
        .figure("received/s", shared.arrivals.load(Relaxed) as f64 / load.seconds)
        .latency("due → send", shared.lateness.percentiles())
        .latency("send → acknowledged", shared.to_acknowledged.percentiles())
        .latency("send → received", shared.to_received.percentiles())
        .latency("send → read receipt", shared.to_receipt.percentiles())
        .processor(used?, turns);
    Ok(Done { row, failures, events, subjects })
}

impl Speed {
    /// Sends a second that each sender should be allowed.
    fn of_each(self, pairs: usize) -> f64 {
        match self {
            Speed::InFlight(_) => CLOSED_LOOP,
            Speed::PerSecond(rate) => rate / pairs as f64,
        }
    }

    fn pace(self, talk: &Talk, number: usize, pairs: usize) -> Result<Pace> {
        Ok(match self {
            Speed::InFlight(in_flight) => Pace::Closed { in_flight },
            // Each pair has its own timetable, shifted so that together they are even.
            Speed::PerSecond(rate) => {
                Pace::timetable(talk.clock, seconds(pairs as f64 / rate), seconds(number as f64 / rate))
                    .context("a timer")?
            }
        })
    }
}

async fn seat_all(stage: &Stage<'_>) -> Result<Vec<(Seat, Seat)>> {
    stream::iter(stage.rooms)
        .map(|room| async move {
            let take =
                |index: usize| Seat::take(stage.target, stage.book, stage.clock, &room.people[index], room.thread);
            // Both have synced before either sends: each knows where the thread stood.
            tokio::try_join!(take(0), take(1)).with_context(|| format!("taking seats in thread {}", room.thread))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

type Pair = (JoinHandle<Outcome>, JoinHandle<Outcome>, watch::Sender<Option<u64>>);

fn start_pair(talk: &Arc<Talk>, sender: Seat, receiver: Seat, pace: Pace) -> Pair {
    let (goal, told) = watch::channel(None);
    let receiver = tokio::spawn(Receiver::new(talk.clone(), receiver, told).run());
    let sender = tokio::spawn(Sender::new(talk.clone(), sender, pace).run());
    (sender, receiver, goal)
}

/// Waits for the senders, tells the receivers how many entries there were, waits for them.
async fn finish(pairs: Vec<Pair>) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    let mut receivers = Vec::new();
    for (sender, receiver, goal) in pairs {
        let outcome = sender.await.context("a sender panicked")?;
        // A receiver that has given up already has said so.
        goal.send(Some(outcome.count)).ok();
        outcomes.push(outcome);
        receivers.push((receiver, goal));
    }
    for (receiver, _goal) in receivers {
        outcomes.push(receiver.await.context("a receiver panicked")?);
    }
    Ok(outcomes)
}

/// Processor time over exactly the measured span.
async fn measure(stage: &Stage<'_>, talk: &Talk) -> Result<crate::measure::Used> {
    tokio::time::sleep_until(stage.clock.instant(talk.from)).await;
    let before = stage.processes.read()?;
    tokio::time::sleep_until(stage.clock.instant(talk.until)).await;
    stage.processes.since(&before)
}
