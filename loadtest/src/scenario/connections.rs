//! `connections`: many people connected and silent. How fast they come, what each costs the hub in
//! memory, whether that memory comes back, and what happens when all of them return at once.

use crate::cli::Common;
use crate::clock::{Clock, seconds};
use crate::measure::{Counters, Latency, Report, Row, progress, resident_kib};
use crate::session::{Broken, Session, Target};
use crate::tokens::{self, Person};
use crate::wire::{Dialect, Request};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    /// How many. Everybody of the tokens file takes one in turn; who has several does so as several devices.
    #[arg(long, default_value_t = 10_000)]
    pub connections: usize,
    /// How many connect at a time.
    #[arg(long, default_value_t = 64)]
    pub at_once: usize,
    /// Connect only: no `sync`, which every real client sends.
    #[arg(long)]
    pub bare: bool,
    /// Local addresses (127.0.0.1, 127.0.0.2, …) to come from; one has about 28,000 ports.
    #[arg(long, default_value_t = 1)]
    pub sources: u8,
    /// Seconds of silence before memory is read.
    #[arg(long, default_value_t = 5.0)]
    pub idle: f64,
    /// Afterwards all connections are cut and come back within a random time of so many seconds.
    #[arg(long)]
    pub return_within: Option<f64>,
}

/// What all connections share.
struct Crowd {
    clock: Clock,
    target: Target,
    bare: bool,
    connecting: Semaphore,
    counters: Counters,
    up: AtomicUsize,
    settled: AtomicUsize,
    connect: Latency,
    /// Why connections failed or ended, and how often.
    troubles: Mutex<BTreeMap<String, u64>>,
}

/// Which connections are wanted: those of this generation. 0 wants none.
type Generation = u64;

pub async fn run(options: &Options) -> Result<Report> {
    if options.connections == 0 || options.at_once == 0 || options.sources == 0 {
        bail!("--connections, --at-once and --sources must be at least 1");
    }
    let common = &options.common;
    let people: Vec<Person> = tokens::read(&common.tokens)?.into_iter().flat_map(|room| room.people).collect();
    let crowd = Arc::new(Crowd {
        clock: Clock::start(),
        target: Target::new(&common.url, Dialect::Carehub).await?,
        bare: options.bare,
        connecting: Semaphore::new(options.at_once),
        counters: Counters::default(),
        up: 0.into(),
        settled: 0.into(),
        connect: Latency::default(),
        troubles: Mutex::default(),
    });
    let seed = common.seed();
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut report = Report::new("connections", seed);
    let memory = || common.hub_pid.map(resident_kib).transpose();
    let before = memory()?;
    let processor = common.processes().read()?;
    let (wanted, told) = watch::channel::<Generation>(1);
    let visitors: Vec<_> = (0..options.connections)
        .map(|number| {
            let source = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1 + (number % usize::from(options.sources)) as u8));
            let spread = options.return_within.map_or(0.0, |within| within * rng.f64());
            let visitor = Visitor {
                crowd: crowd.clone(),
                person: people[number % people.len()].clone(),
                source,
                spread,
                told: told.clone(),
            };
            tokio::spawn(visitor.run())
        })
        .collect();
    let count = options.connections;
    let stay = async {
        let began = crowd.clock.now();
        settle(&crowd, count).await?;
        let took = (crowd.clock.now() - began) as f64 / 1e9;
        let up = crowd.up.load(Relaxed);
        let used = common.processes().since(&processor)?;
        tokio::time::sleep(Duration::from_secs_f64(options.idle)).await;
        let mut row =
            Row::new(format!("{count} connections, {} at a time (processor time of connecting)", options.at_once))
                .figure("connected", up as f64)
                .figure("connects/s", up as f64 / took)
                .figure("still up after the idle time", crowd.up.load(Relaxed) as f64)
                .processor(used, up as f64)
                .latency("connect → ready", crowd.connect.percentiles());
        let during = memory()?;
        if let Some(within) = options.return_within {
            row = row.figure("all back after, s", return_at_once(&crowd, &wanted, count, within).await?);
            row = row.figure("came back", crowd.up.load(Relaxed) as f64);
        }
        wanted.send_replace(0);
        for visitor in visitors {
            visitor.await.context("a connection panicked")?;
        }
        tokio::time::sleep(Duration::from_secs_f64(options.idle)).await;
        if let (Some(before), Some(during), Some(after)) = (before, during, memory()?) {
            row = row
                .figure("hub RSS before, KiB", before as f64)
                .figure("hub RSS with all, KiB", during as f64)
                .figure("hub RSS after, KiB", after as f64)
                .figure("KiB per connection", during.saturating_sub(before) as f64 / up.max(1) as f64);
        }
        anyhow::Ok(row)
    };
    report.rows.push(progress("connections", &crowd.counters, stay).await?);
    let troubles = crowd.troubles.lock().unwrap_or_else(PoisonError::into_inner);
    report.failures.extend(troubles.iter().map(|(why, times)| format!("{times} × {why}")));
    Ok(report)
}

/// Waits until every connection is up or has failed.
async fn settle(crowd: &Crowd, count: usize) -> Result<()> {
    let settling = async {
        while crowd.settled.load(Relaxed) < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(300), settling).await.context("connecting took more than 300 s")
}

/// Cuts all and waits until all are back. Returns the seconds.
async fn return_at_once(crowd: &Crowd, wanted: &watch::Sender<Generation>, count: usize, within: f64) -> Result<f64> {
    crowd.settled.store(0, Relaxed);
    eprintln!("cutting all connections; they come back within {within} s");
    let began = crowd.clock.now();
    wanted.send_replace(2);
    settle(crowd, count).await?;
    Ok((crowd.clock.now() - began) as f64 / seconds(1.0) as f64)
}

struct Visitor {
    crowd: Arc<Crowd>,
    person: Person,
    source: IpAddr,
    /// Seconds this one waits before it comes back.
    spread: f64,
    told: watch::Receiver<Generation>,
}

impl Visitor {
    async fn run(mut self) {
        let mut generation: Generation = 1;
        while generation != 0 {
            match self.arrive().await {
                Ok(mut session) => {
                    self.crowd.up.fetch_add(1, Relaxed);
                    self.crowd.settled.fetch_add(1, Relaxed);
                    Counters::add(&self.crowd.counters.acknowledged);
                    let ended = self.stay(&mut session, generation).await;
                    self.crowd.up.fetch_sub(1, Relaxed);
                    if let Err(error) = ended {
                        self.trouble(format!("while idle: {error}"));
                    }
                }
                Err(error) => {
                    self.crowd.settled.fetch_add(1, Relaxed);
                    self.trouble(format!("connecting: {error}"));
                }
            }
            // Whoever lost his connection waits for the next generation like everybody.
            let next = self.told.wait_for(|now| *now != generation).await.map(|now| *now);
            generation = next.unwrap_or(0);
            if generation != 0 {
                Counters::add(&self.crowd.counters.reconnects);
                tokio::time::sleep(Duration::from_secs_f64(self.spread)).await;
            }
        }
    }

    async fn arrive(&self) -> Result<Session, Broken> {
        let _turn = self.crowd.connecting.acquire().await.map_err(|error| Broken::Lost(error.to_string()))?;
        let began = self.crowd.clock.now();
        let (mut session, _) =
            Session::open(&self.crowd.target, &self.person.token, self.person.id, &[], Some(self.source)).await?;
        if !self.crowd.bare {
            session.say(Request::Sync { cursor: None, have: &BTreeMap::new() }.to_json()).await?;
            loop {
                let text = session.next().await?;
                if session.parse(&text)?.is_some_and(|frame| frame.name == "synced") {
                    break;
                }
            }
        }
        self.crowd.connect.record(self.crowd.clock.now() - began);
        Ok(session)
    }

    /// Listens until another generation is wanted.
    async fn stay(&mut self, session: &mut Session, generation: Generation) -> Result<(), Broken> {
        loop {
            tokio::select! {
                text = session.next() => {
                    text?;
                    Counters::add(&self.crowd.counters.received);
                }
                _ = self.told.wait_for(|now| *now != generation) => return Ok(()),
            }
        }
    }

    fn trouble(&self, why: String) {
        Counters::add(&self.crowd.counters.refused);
        *self.crowd.troubles.lock().unwrap_or_else(PoisonError::into_inner).entry(why).or_insert(0) += 1;
    }
}
