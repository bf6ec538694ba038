//! `slow-reader`: somebody's connection stops reading while his thread goes on. The hub must hold no
//! more for him than his window, nobody else may notice, and afterwards he must get everything.
//! The same load is run first with a reader that reads: what differs is the stall's own doing.

use super::judge;
use super::pairs::{CLOSED_LOOP, Done, Load, Speed, Stage, talk};
use crate::cli::Common;
use crate::clock::Clock;
use crate::history::{Book, Event, Recorder, What};
use crate::measure::{Report, Row, resident_kib};
use crate::seat::Seat;
use crate::session::{Broken, Session, Target, refuse_if_limited};
use crate::stamp;
use crate::tokens::{self, Person};
use crate::verify::Subject;
use crate::window::Unconfirmed;
use crate::wire::{Dialect, Request};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use uuid::Uuid;

/// How long catching up may take.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    /// Entries written while nobody reads.
    #[arg(long, default_value_t = 50_000)]
    pub entries: u64,
    /// Length of each of them.
    #[arg(long, default_value_t = 1024)]
    pub entry_bytes: usize,
    /// Sends of the writer in flight.
    #[arg(long, default_value_t = 16)]
    pub in_flight: usize,
    /// Seconds the reader stalls altogether; two heartbeats are 50 s.
    #[arg(long, default_value_t = 60.0)]
    pub stall: f64,
    /// Pairs that talk meanwhile, and whose latency is compared.
    #[arg(long, default_value_t = 16)]
    pub pairs: usize,
    /// Messages a second over these pairs.
    #[arg(long, default_value_t = 500.0)]
    pub rate: f64,
    /// Memory the hub may gain by the stall; some of it is its allocator's.
    #[arg(long, default_value_t = 4096)]
    pub most_kib: u64,
    #[command(flatten)]
    pub load: Load,
}

/// The thread with the reader in question.
struct Victim<'a> {
    options: &'a Options,
    target: &'a Target,
    clock: Clock,
    thread: Uuid,
    person: &'a Person,
    recorder: Recorder,
    have: u64,
}

pub async fn run(options: &Options) -> Result<Report> {
    if options.in_flight == 0 || options.pairs == 0 || options.entry_bytes < stamp::SHORTEST {
        bail!("--in-flight and --pairs must be at least 1, --entry-bytes at least {}", stamp::SHORTEST);
    }
    let common = &options.common;
    let (target, seed) = (Target::new(&common.url, Dialect::Carehub).await?, common.seed());
    let mut rooms = tokens::pairs(&common.tokens, options.pairs + 1)?;
    let room = rooms.remove(0);
    let (clock, book) = (Clock::start(), Book::new(&tokens::read(&common.tokens)?, seed, common.recording()));
    let stage = Stage { target: &target, rooms: &rooms, book: &book, clock, processes: common.processes() };
    let mut writer = Seat::take(&target, &book, clock, &room.people[0], room.thread).await.context("the writer")?;
    refuse_if_limited(&writer.welcome, CLOSED_LOOP)?;
    let base = writer.base;
    let person = &room.people[1];
    let mut victim = Victim {
        options,
        target: &target,
        clock,
        thread: room.thread,
        person,
        recorder: book.recorder(person.id),
        have: base,
    };
    victim.recorder.start(clock.now(), room.thread, base);
    let memory = || common.hub_pid.map(resident_kib).transpose();
    let mut report = Report::new("slow-reader", seed);

    let head = base + options.entries;
    let (others, reading) =
        tokio::join!(talk(&stage, "with a reader that reads", &options.load, Speed::PerSecond(options.rate)), async {
            tokio::try_join!(write(&mut writer, clock, options), victim.catch_up(head))
        });
    reading.context("the run before the stall")?;
    let mut done = vec![others?];

    let before = memory()?;
    let stalled = victim.stall().await.context("connecting to stall")?;
    let head = head + options.entries;
    let (others, written) = tokio::join!(
        talk(&stage, "while one has stopped reading", &options.load, Speed::PerSecond(options.rate)),
        write(&mut writer, clock, options)
    );
    written.context("writing during the stall")?;
    done.push(others?);
    tokio::time::sleep(stalled.until.saturating_duration_since(tokio::time::Instant::now())).await;
    let after = memory()?;
    let (late, ended) = victim.awake(stalled).await;
    let began = clock.now();
    let caught_up = tokio::time::timeout(PATIENCE, victim.catch_up(head)).await;
    let mut row = Row::new(format!(
        "the stall: {} entries of {} bytes unread for {} s",
        options.entries, options.entry_bytes, options.stall
    ))
    .figure("frames that had been sent to it", late as f64)
    .figure("closed by the hub meanwhile", f64::from(u8::from(ended)))
    .figure("catching up, ms", (clock.now() - began) as f64 / 1e6);
    match caught_up {
        Ok(Ok(())) => {}
        Ok(Err(error)) => report.failures.push(format!("catching up after the stall: {error}")),
        Err(_) => report.failures.push(format!(
            "after the stall {} of {} entries came within {PATIENCE:?}",
            victim.have - base,
            head - base
        )),
    }
    if let (Some(before), Some(after)) = (before, after) {
        let gained = after.saturating_sub(before);
        row = row.figure("hub RSS gained, KiB", gained as f64);
        if gained > options.most_kib {
            report
                .failures
                .push(format!("the hub gained {gained} KiB by the stall, at most {} were wanted", options.most_kib));
        }
    }
    writer.session.close().await;
    let mut events: Vec<Event> =
        writer.recorder.into_events().into_iter().chain(victim.recorder.into_events()).collect();
    let mut subjects = vec![Subject { room: room.clone(), base }];
    // The first run's subjects say where the threads began.
    subjects.extend(done[0].subjects.clone());
    leave(&mut done[0].events);
    for Done { row, failures, events: more, .. } in done {
        report.rows.push(row);
        report.failures.extend(failures);
        events.extend(more);
    }
    report.rows.push(row);
    if common.recording() {
        judge(common, &target, &book, clock, &subjects, events, &mut report).await?;
    }
    Ok(report)
}

/// Everybody of a finished run has left: he owes nothing that comes after what it acknowledged.
fn leave(events: &mut Vec<Event>) {
    let mut heads: HashMap<u32, u64> = HashMap::new();
    let mut starts = Vec::new();
    for event in events.iter() {
        match event.what {
            What::Start { thread, seq } => {
                starts.push((event.clone(), thread));
                heads.entry(thread).or_insert(seq);
            }
            What::Sent { thread, seq, .. } => {
                let head = heads.entry(thread).or_insert(0);
                *head = seq.max(*head);
            }
            _ => {}
        }
    }
    events.extend(
        starts.into_iter().map(|(event, thread)| Event { what: What::Left { thread, seq: heads[&thread] }, ..event }),
    );
}

async fn write(writer: &mut Seat, clock: Clock, options: &Options) -> Result<(), Broken> {
    let frames = writer.session.dialect().send_frames(writer.thread);
    let (mut sent, mut acknowledged) = (0, 0);
    while acknowledged < options.entries {
        while sent < options.entries && sent - acknowledged < options.in_flight as u64 {
            let (id, body) = (Uuid::now_v7(), stamp::body(sent, clock.now(), options.entry_bytes));
            writer.recorder.invoked(clock.now(), writer.thread, id, &body);
            writer.session.feed(frames.frame(id, &body)).await?;
            sent += 1;
        }
        writer.session.flush().await?;
        let text = writer.session.next().await?;
        let Some(frame) = writer.session.parse(&text)? else { continue };
        writer.recorder.frame(clock.now(), &frame);
        match &*frame.name {
            "sent" => acknowledged += 1,
            "error" => return Err(Broken::Lost(format!("a send was refused: {} ({})", frame.code, frame.message))),
            _ => {}
        }
    }
    Ok(())
}

/// A connection nobody reads from.
struct Stalled {
    session: Session,
    until: tokio::time::Instant,
}

impl Victim<'_> {
    async fn connect(&mut self) -> Result<(Session, Unconfirmed), Broken> {
        self.recorder.reconnected();
        let (mut session, welcome) = Session::open(self.target, &self.person.token, self.person.id, &[], None).await?;
        self.recorder.resumed(self.clock.now(), self.thread, self.have);
        let have = BTreeMap::from([(self.thread, self.have)]);
        session.say(Request::Sync { cursor: None, have: &have }.to_json()).await?;
        Ok((session, Unconfirmed::new(welcome.window, None)))
    }

    /// Comes, says what it has, and reads no more.
    async fn stall(&mut self) -> Result<Stalled, Broken> {
        let (session, _) = self.connect().await?;
        Ok(Stalled { session, until: tokio::time::Instant::now() + Duration::from_secs_f64(self.options.stall) })
    }

    /// Reads what had piled up. Returns how many frames, and whether the connection was over.
    async fn awake(&mut self, mut stalled: Stalled) -> (u64, bool) {
        let mut frames = 0;
        loop {
            // What had piled up is here at once.
            match tokio::time::timeout(Duration::from_millis(200), stalled.session.next()).await {
                Err(_) => return (frames, false),
                Ok(Err(_)) => return (frames, true),
                Ok(Ok(text)) => {
                    frames += 1;
                    self.take(&stalled.session, &text);
                }
            }
        }
    }

    /// Connects and reads, as everybody else does, until everything up to `head` is here.
    async fn catch_up(&mut self, head: u64) -> Result<(), Broken> {
        let (mut session, mut unconfirmed) = self.connect().await?;
        while self.have < head {
            let text = session.next().await?;
            self.take(&session, &text);
            unconfirmed.add(text.len());
            if unconfirmed.is_due() || self.have == head {
                unconfirmed.clear();
                self.recorder.marked(self.clock.now(), self.thread, self.have, 0);
                session.say(Request::Delivered { thread: self.thread, seq: self.have }.to_json()).await?;
            }
        }
        session.close().await;
        Ok(())
    }

    fn take(&mut self, session: &Session, text: &str) {
        let Ok(Some(frame)) = session.parse(text) else { return };
        self.recorder.frame(self.clock.now(), &frame);
        if frame.name == "entry" && frame.seq == Some(self.have + 1) {
            self.have += 1;
        }
    }
}
