//! `storm`: everybody talks while everything breaks. Devices lose their connections one by one and
//! all at once, the hub is killed with SIGKILL and started again, and every device does what a real
//! client does: come back, say what it has, send again what was not answered. Afterwards the whole
//! history is judged. A storm that did not bite counts as a failure.

mod bodies;
mod device;
mod hub;

use super::judge;
use crate::cli::Common;
use crate::clock::{Clock, Nanos, seconds};
use crate::history::Book;
use crate::measure::{Counters, Latency, Report, Row, progress};
use crate::session::Target;
use crate::tokens::{self, Person, Room};
use crate::verify::{Subject, heads};
use crate::wire::Dialect;
use anyhow::{Context, Result, bail};
use clap::Args;
use device::Device;
use hub::HubProcess;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicI64, AtomicU64, AtomicUsize,
    Ordering::{Relaxed, SeqCst},
};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    /// Starts the hub; the storm then kills and restarts it. Run by `sh`, as `exec COMMAND`.
    #[arg(long)]
    pub hub_command: Option<String>,
    /// Where the hub's output goes; nowhere without this.
    #[arg(long)]
    pub hub_log: Option<PathBuf>,
    /// How often the hub is killed with SIGKILL, 0.6 to 1.4 s after it was ready.
    #[arg(long, default_value_t = 12)]
    pub kills: u64,
    /// How often all connections are cut at once, besides.
    #[arg(long, default_value_t = 0)]
    pub cuts: u64,
    /// Pairs of the tokens file that take part; groups in the file do always.
    #[arg(long, default_value_t = 12)]
    pub pairs: usize,
    /// Connections of each user.
    #[arg(long, default_value_t = 2)]
    pub devices: usize,
    /// Sends a second of each user.
    #[arg(long, default_value_t = 25.0)]
    pub rate: f64,
    /// Each device loses its connection by itself about every so many seconds.
    #[arg(long, default_value_t = 4.0)]
    pub cut_every: f64,
    /// Devices come back after a random time of at most so many milliseconds.
    #[arg(long, default_value_t = 200)]
    pub return_within_ms: u64,
    /// Seconds of sending after the last kill or cut.
    #[arg(long, default_value_t = 3.0)]
    pub seconds: f64,
    /// Seconds everybody has to be complete when the sending is over.
    #[arg(long, default_value_t = 10.0)]
    pub settle: f64,
    /// Fewer sends left in doubt by breaks make the storm vacuous; as many as kills and cuts without this.
    #[arg(long)]
    pub least_unknown: Option<u64>,
}

/// What the devices are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Connect and wait for the others.
    Gather,
    Send,
    /// No more new messages.
    Drain,
    /// Leave once complete.
    Finish,
}

/// What all devices share.
struct Storm {
    clock: Clock,
    target: Target,
    options: Options,
    counters: Counters,
    /// Messages without an answer, over all devices.
    unanswered: AtomicI64,
    gathered: AtomicUsize,
    /// The highest acknowledged `seq` of each thread.
    heads: BTreeMap<Uuid, AtomicU64>,
    acknowledged: Latency,
    back: Latency,
}

pub async fn run(options: &Options) -> Result<Report> {
    let common = &options.common;
    let (target, seed) = (Target::new(&common.url, Dialect::Carehub).await?, common.seed());
    eprintln!("storm: seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut hub = match &options.hub_command {
        Some(command) => Some(HubProcess::start(command, options.hub_log.as_deref(), &target).await?),
        None if options.kills > 0 && options.cuts == 0 => {
            bail!("--kills needs --hub-command; without it give --kills 0 --cuts N")
        }
        None => None,
    };
    let rooms = rooms(options)?;
    let (clock, book) = (Clock::start(), Book::new(&tokens::read(&common.tokens)?, seed, true));
    let bases = heads(&target, &book, clock, &rooms).await?;
    let subjects: Vec<Subject> =
        rooms.iter().zip(&bases).map(|(room, (_, base))| Subject { room: room.clone(), base: *base }).collect();
    let storm = Arc::new(Storm {
        clock,
        target: target.clone(),
        options: options.clone(),
        counters: Counters::default(),
        unanswered: 0.into(),
        gathered: 0.into(),
        heads: bases.iter().map(|(thread, base)| (*thread, AtomicU64::new(*base))).collect(),
        acknowledged: Latency::default(),
        back: Latency::default(),
    });
    let (phase, phases) = watch::channel(Phase::Gather);
    let (cut, cuts) = watch::channel(0);
    let mut devices = Vec::new();
    for (person, have) in people(&rooms, &bases) {
        for _ in 0..options.devices {
            let recorder = book.recorder(person.id);
            let rng = fastrand::Rng::with_seed(rng.u64(..));
            devices.push(Device::new(
                storm.clone(),
                person.clone(),
                have.clone(),
                recorder,
                rng,
                phases.clone(),
                cuts.clone(),
            ));
        }
    }
    let count = devices.len();
    let running: Vec<_> = devices.into_iter().map(|device| tokio::spawn(device.run())).collect();
    let blow = async {
        wait_for(|| storm.gathered.load(Relaxed) == count, 30.0).await.context("not everybody could connect")?;
        phase.send_replace(Phase::Send);
        let kills = ravage(&storm, hub.as_mut(), &cut, &mut rng).await?;
        tokio::time::sleep(Duration::from_secs_f64(options.seconds)).await;
        phase.send_replace(Phase::Drain);
        let began = storm.clock.now();
        // What stays unanswered is told by the devices; nobody is kept waiting for it.
        wait_for(|| storm.unanswered.load(SeqCst) == 0, options.settle).await.ok();
        phase.send_replace(Phase::Finish);
        let mut outcomes = Vec::new();
        for device in running {
            outcomes.push(device.await.context("a device panicked")?);
        }
        anyhow::Ok((kills, storm.clock.now() - began, outcomes))
    };
    let (kills, settled, outcomes) = progress("storm", &storm.counters, blow).await?;
    let mut report = Report::new("storm", seed);
    report.rows.push(row(&storm, options, count, kills, settled, hub.as_ref()));
    report.failures.extend(vacuous(&storm, options, kills, people(&rooms, &bases).len() as u64));
    let mut events = Vec::new();
    for outcome in outcomes {
        report.failures.extend(outcome.failures);
        events.extend(outcome.events);
    }
    judge(common, &target, &book, clock, &subjects, events, &mut report).await?;
    if let Some(hub) = hub {
        report.failures.extend(hub.stop().await?);
    }
    Ok(report)
}

fn rooms(options: &Options) -> Result<Vec<Room>> {
    let (mut pairs, mut rooms): (Vec<Room>, Vec<Room>) =
        tokens::read(&options.common.tokens)?.into_iter().partition(|room| room.people.len() == 2);
    if pairs.len() < options.pairs {
        bail!("the tokens file has {} pairs, {} are asked for", pairs.len(), options.pairs);
    }
    pairs.truncate(options.pairs);
    rooms.extend(pairs);
    Ok(rooms)
}

/// Everybody with all his threads and where they stand.
fn people(rooms: &[Room], bases: &[(Uuid, u64)]) -> Vec<(Person, BTreeMap<Uuid, u64>)> {
    let mut people: BTreeMap<Uuid, (Person, BTreeMap<Uuid, u64>)> = BTreeMap::new();
    for (room, (thread, base)) in rooms.iter().zip(bases) {
        for person in &room.people {
            people.entry(person.id).or_insert_with(|| (person.clone(), BTreeMap::new())).1.insert(*thread, *base);
        }
    }
    people.into_values().collect()
}

/// Kills and cuts, in any order, until all are done. Returns the kills.
async fn ravage(
    storm: &Storm,
    mut hub: Option<&mut HubProcess>,
    cut: &watch::Sender<u64>,
    rng: &mut fastrand::Rng,
) -> Result<u64> {
    let (mut kills, mut cuts) = (if hub.is_some() { storm.options.kills } else { 0 }, storm.options.cuts);
    let mut killed = 0;
    while kills + cuts > 0 {
        tokio::time::sleep(Duration::from_millis(rng.u64(600..1_400))).await;
        match hub.as_deref_mut() {
            Some(hub) if rng.u64(..kills + cuts) < kills => {
                kills -= 1;
                hub.kill_and_restart(&storm.target).await?;
                killed += 1;
            }
            _ => {
                cuts -= 1;
                cut.send_modify(|count| *count += 1);
            }
        }
    }
    Ok(killed)
}

async fn wait_for(done: impl Fn() -> bool, at_most: f64) -> Result<()> {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    Ok(tokio::time::timeout(Duration::from_secs_f64(at_most), waiting).await?)
}

fn row(storm: &Storm, options: &Options, devices: usize, kills: u64, settled: Nanos, hub: Option<&HubProcess>) -> Row {
    let counters = &storm.counters;
    let row = Row::new(format!("{devices} devices, {} sends/s a user", options.rate))
        .figure("kills", kills as f64)
        .figure("cuts of all", options.cuts as f64)
        .figure("acknowledged", counters.acknowledged.load(Relaxed) as f64)
        .figure("received", counters.received.load(Relaxed) as f64)
        .figure("refused, sent again", counters.refused.load(Relaxed) as f64)
        .figure("left in doubt by breaks", counters.unknown.load(Relaxed) as f64)
        .figure("reconnects", counters.reconnects.load(Relaxed) as f64)
        .figure("end → all complete, ms", settled as f64 / 1e6)
        .latency("first sent → acknowledged", storm.acknowledged.percentiles())
        .latency("broken → back", storm.back.percentiles());
    match hub {
        Some(hub) => row.latency("hub started → ready", hub.ready.percentiles()),
        None => row,
    }
}

/// A storm that broke nothing shows nothing.
fn vacuous(storm: &Storm, options: &Options, kills: u64, users: u64) -> Vec<String> {
    let (unknown, reconnects) = (storm.counters.unknown.load(Relaxed), storm.counters.reconnects.load(Relaxed));
    let asked = if options.hub_command.is_some() { options.kills } else { 0 };
    let least = options.least_unknown.unwrap_or(asked + options.cuts).max(1);
    let checks = [
        (kills < asked, format!("{kills} of {asked} kills")),
        (unknown < least, format!("{unknown} sends left in doubt, at least {least} wanted")),
        (reconnects < users, format!("{reconnects} reconnects of {users} users")),
        (storm.counters.acknowledged.load(Relaxed) == 0, "nothing acknowledged".into()),
    ];
    checks.into_iter().filter(|(vacuous, _)| *vacuous).map(|(_, why)| format!("vacuous: {why}")).collect()
}

impl Storm {
    /// How long a device may take to finish.
    fn patience(&self) -> Nanos {
        seconds(self.options.settle)
    }
}
