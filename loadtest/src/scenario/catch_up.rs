//! `catch-up`: somebody was away while so many entries were written, comes back, says what he has,
//! and gets the rest. Measured until the last entry has arrived, again and again.

use super::judge;
use super::pairs::CLOSED_LOOP;
use crate::cli::Common;
use crate::clock::{Clock, Nanos};
use crate::history::{Book, Recorder};
use crate::measure::{Counters, Latency, Report, Row, progress};
use crate::seat::Seat;
use crate::session::{Broken, Session, Target, refuse_if_limited};
use crate::stamp;
use crate::tokens::{self, Person};
use crate::verify::Subject;
use crate::window::Unconfirmed;
use crate::wire::{Dialect, Request};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// How long one round may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    /// Entries missed.
    #[arg(long, default_value_t = 500)]
    pub missed: u64,
    /// How often.
    #[arg(long, default_value_t = 50)]
    pub rounds: u64,
    /// Length of each body.
    #[arg(long, default_value_t = 200)]
    pub body_bytes: usize,
    /// Sends in flight while the other is away.
    #[arg(long, default_value_t = 50)]
    pub in_flight: usize,
}

struct Returning<'a> {
    target: &'a Target,
    clock: Clock,
    person: &'a Person,
    thread: Uuid,
    recorder: Recorder,
    counters: &'a Counters,
}

pub async fn run(options: &Options) -> Result<Report> {
    if options.missed == 0 || options.in_flight == 0 || options.body_bytes < stamp::SHORTEST {
        bail!("--missed and --in-flight must be at least 1, --body-bytes at least {}", stamp::SHORTEST);
    }
    let common = &options.common;
    let target = Target::new(&common.url, Dialect::Carehub).await?;
    let seed = common.seed();
    let room = tokens::pairs(&common.tokens, 1)?.remove(0);
    let (clock, book) = (Clock::start(), Book::new(&tokens::read(&common.tokens)?, seed, common.recording()));
    let mut writer = Seat::take(&target, &book, clock, &room.people[0], room.thread).await.context("the writer")?;
    refuse_if_limited(&writer.welcome, CLOSED_LOOP)?;
    let (base, counters) = (writer.base, Counters::default());
    let mut away = Returning {
        target: &target,
        clock,
        person: &room.people[1],
        thread: room.thread,
        recorder: book.recorder(room.people[1].id),
        counters: &counters,
    };
    away.recorder.start(clock.now(), room.thread, base);
    let (from_connect, from_sync) = (Latency::default(), Latency::default());
    let before = common.processes().read()?;
    let rounds = async {
        for round in 0..options.rounds {
            let have = base + round * options.missed;
            write(&mut writer, clock, options, &counters).await.with_context(|| format!("round {round}: writing"))?;
            let (connecting, syncing) = tokio::time::timeout(PATIENCE, away.come_back(have, have + options.missed))
                .await
                .with_context(|| format!("round {round}: not everything came within {PATIENCE:?}"))?
                .with_context(|| format!("round {round}: catching up"))?;
            from_connect.record(connecting);
            from_sync.record(syncing);
        }
        anyhow::Ok(())
    };
    progress("catch-up", &counters, rounds).await?;
    let used = common.processes().since(&before)?;
    let entries = (options.rounds * options.missed) as f64;
    let mut report = Report::new("catch-up", seed);
    report.rows.push(
        Row::new(format!(
            "{} missed entries, {} rounds (processor time includes writing them)",
            options.missed, options.rounds
        ))
        .latency("connect → last entry", from_connect.percentiles())
        .latency("sync → last entry", from_sync.percentiles())
        .processor(used, entries),
    );
    writer.session.close().await;
    let events = writer.recorder.into_events().into_iter().chain(away.recorder.into_events()).collect();
    if common.recording() {
        judge(common, &target, &book, clock, &[Subject { room: room.clone(), base }], events, &mut report).await?;
    }
    Ok(report)
}

/// Writes what the other is to miss, and waits until all of it is acknowledged.
async fn write(writer: &mut Seat, clock: Clock, options: &Options, counters: &Counters) -> Result<(), Broken> {
    let frames = writer.session.dialect().send_frames(writer.thread);
    let (mut sent, mut acknowledged) = (0, 0);
    while acknowledged < options.missed {
        while sent < options.missed && sent - acknowledged < options.in_flight as u64 {
            let (id, body) = (Uuid::now_v7(), stamp::body(sent, clock.now(), options.body_bytes));
            writer.recorder.invoked(clock.now(), writer.thread, id, &body);
            writer.session.feed(frames.frame(id, &body)).await?;
            Counters::add(&counters.sent);
            sent += 1;
        }
        writer.session.flush().await?;
        let text = writer.session.next().await?;
        let Some(frame) = writer.session.parse(&text)? else { continue };
        writer.recorder.frame(clock.now(), &frame);
        match &*frame.name {
            "sent" => {
                Counters::add(&counters.acknowledged);
                acknowledged += 1;
            }
            "error" => return Err(Broken::Lost(format!("a send was refused: {} ({})", frame.code, frame.message))),
            _ => {}
        }
    }
    Ok(())
}

impl Returning<'_> {
    /// Connects, syncs, takes everything up to `head`. Returns the time since the connect and since the sync.
    async fn come_back(&mut self, have: u64, head: u64) -> Result<(Nanos, Nanos), Broken> {
        self.recorder.reconnected();
        let connecting = self.clock.now();
        let (mut session, welcome) = Session::open(self.target, &self.person.token, self.person.id, &[], None).await?;
        let mut unconfirmed = Unconfirmed::new(welcome.window, None);
        let syncing = self.clock.now();
        self.recorder.resumed(syncing, self.thread, have);
        let sync = Request::Sync { cursor: None, have: &BTreeMap::from([(self.thread, have)]) };
        session.say(sync.to_json()).await?;
        let mut last = have;
        while last < head {
            let text = session.next().await?;
            let now = self.clock.now();
            let Some(frame) = session.parse(&text)? else { continue };
            self.recorder.frame(now, &frame);
            match (&*frame.name, frame.seq) {
                ("entry", Some(seq)) if seq == last + 1 => last = seq,
                ("entry", seq) => return Err(Broken::Lost(format!("entry {seq:?} came after {last}"))),
                ("error", _) => return Err(Broken::Lost(format!("told {} ({})", frame.code, frame.message))),
                _ => continue,
            }
            Counters::add(&self.counters.received);
            unconfirmed.add(text.len());
            if unconfirmed.is_due() || last == head {
                unconfirmed.clear();
                self.recorder.marked(now, self.thread, last, 0);
                session.say(Request::Delivered { thread: self.thread, seq: last }.to_json()).await?;
            }
        }
        let done = self.clock.now();
        session.close().await;
        Ok((done - connecting, done - syncing))
    }
}
