//! `fan-out`: one thread with many participants. One of them writes, the next message is due when
//! the last of the others has got the one before; that instant is what is measured.

use super::judge;
use super::pairs::CLOSED_LOOP;
use crate::cli::Common;
use crate::clock::{Clock, Nanos, seconds};
use crate::history::Book;
use crate::measure::{Counters, Latency, Report, Row, progress};
use crate::seat::Seat;
use crate::session::{Broken, Target, refuse_if_limited};
use crate::stamp;
use crate::talk::{Confirm, Fan, Outcome, Receiver, Talk};
use crate::tokens::{self, Room};
use crate::verify::Subject;
use crate::wire::Dialect;
use anyhow::{Context, Result, bail};
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::watch;
use uuid::Uuid;

const AT_ONCE: usize = 32;
/// How long the last receiver may take.
const PATIENCE: Nanos = 10_000_000_000;

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    /// Messages on their way at a time.
    #[arg(long, default_value_t = 1)]
    pub in_flight: usize,
    /// Seconds measured.
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// Seconds before that, not measured.
    #[arg(long, default_value_t = 2.0)]
    pub warm_up: f64,
    /// Length of each body.
    #[arg(long, default_value_t = 200)]
    pub body_bytes: usize,
    /// Receivers confirm after so many entries; a quarter of the window without this.
    #[arg(long)]
    pub confirm_every: Option<u64>,
    /// Receivers also confirm when nothing has come for so long.
    #[arg(long, default_value_t = 250)]
    pub confirm_idle_ms: u64,
}

pub async fn run(options: &Options) -> Result<Report> {
    if options.in_flight == 0 || options.body_bytes < stamp::SHORTEST {
        bail!("--in-flight must be at least 1, --body-bytes at least {}", stamp::SHORTEST);
    }
    let common = &options.common;
    let target = Target::new(&common.url, Dialect::Carehub).await?;
    let seed = common.seed();
    let room = tokens::read(&common.tokens)?
        .into_iter()
        .max_by_key(|room| room.people.len())
        .filter(|room| room.people.len() > 2);
    let room = room
        .context("no thread with more than two participants; make one with `carehub seed --group 200 --tokens FILE`")?;
    let (clock, book) = (Clock::start(), Book::new(&tokens::read(&common.tokens)?, seed, common.recording()));
    let mut seats = seat_all(&target, &book, clock, &room).await?;
    let writer = seats.remove(0);
    refuse_if_limited(&writer.welcome, CLOSED_LOOP)?;
    let base = writer.base;
    let from = clock.now() + seconds(options.warm_up);
    let (fan, rounds) = Fan::new(seats.len());
    let talk = Arc::new(Talk {
        clock,
        from,
        until: from + seconds(options.seconds),
        body_bytes: options.body_bytes,
        receipts: false,
        confirm: Confirm { every: options.confirm_every, idle_ms: options.confirm_idle_ms },
        fan: Some(fan),
        ..Talk::default()
    });
    let (goal, told) = watch::channel(None);
    let count = seats.len();
    let receivers: Vec<_> =
        seats.into_iter().map(|seat| tokio::spawn(Receiver::new(talk.clone(), seat, told.clone()).run())).collect();
    let processes = common.processes();
    let measuring = async {
        tokio::time::sleep_until(clock.instant(talk.from)).await;
        let before = processes.read()?;
        tokio::time::sleep_until(clock.instant(talk.until)).await;
        processes.since(&before)
    };
    let last_got = Latency::default();
    let all = async {
        let writing = write(&talk, writer, rounds, options.in_flight, &last_got);
        let (used, outcome) = tokio::join!(measuring, writing);
        // Receivers that gave up have said so.
        goal.send(Some(outcome.count)).ok();
        let mut outcomes = vec![outcome];
        for receiver in receivers {
            outcomes.push(receiver.await.context("a receiver panicked")?);
        }
        anyhow::Ok((used?, outcomes))
    };
    let (used, outcomes) = progress("fan-out", &talk.counters, all).await?;
    let deliveries = talk.arrivals.load(Relaxed) as f64;
    let mut report = Report::new("fan-out", seed);
    report.rows.push(
        Row::new(format!(
            "1 writer, {count} receivers, {} in flight (processor time per 1,000 deliveries)",
            options.in_flight
        ))
        .figure("deliveries/s", deliveries / options.seconds)
        .figure("messages/s", talk.turns.load(Relaxed) as f64 / options.seconds)
        .latency("send → acknowledged", talk.to_acknowledged.percentiles())
        .latency("send → each received", talk.to_received.percentiles())
        .latency("send → last received", last_got.percentiles())
        .processor(used, deliveries),
    );
    if deliveries == 0.0 {
        report.failures.push("nothing was delivered: this run says nothing".into());
    }
    let mut events = Vec::new();
    for outcome in outcomes {
        report.failures.extend(outcome.failures);
        events.extend(outcome.events);
    }
    if common.recording() {
        judge(common, &target, &book, clock, &[Subject { room, base }], events, &mut report).await?;
    }
    Ok(report)
}

async fn seat_all(target: &Target, book: &Arc<Book>, clock: Clock, room: &Room) -> Result<Vec<Seat>> {
    stream::iter(&room.people)
        .map(|person| async move {
            Seat::take(target, book, clock, person, room.thread).await.with_context(|| format!("seating {}", person.id))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

/// Writes, and lets the next follow when everybody has one.
async fn write(
    talk: &Talk,
    mut seat: Seat,
    mut rounds: watch::Receiver<u64>,
    in_flight: usize,
    last_got: &Latency,
) -> Outcome {
    let mut outcome = Outcome::default();
    let ended = rounds_of(talk, &mut seat, &mut rounds, in_flight, last_got, &mut outcome).await;
    outcome.failures.extend(ended.err().map(|error| format!("the writer: {error}")));
    seat.session.close().await;
    outcome.events = seat.recorder.into_events();
    outcome
}

async fn rounds_of(
    talk: &Talk,
    seat: &mut Seat,
    rounds: &mut watch::Receiver<u64>,
    in_flight: usize,
    last_got: &Latency,
    outcome: &mut Outcome,
) -> Result<(), Broken> {
    let frames = seat.session.dialect().send_frames(seat.thread);
    let give_up = tokio::time::sleep_until(talk.clock.instant(talk.until + PATIENCE));
    tokio::pin!(give_up);
    let mut sent_at: Vec<Nanos> = Vec::new();
    let mut done = 0;
    loop {
        while talk.clock.now() < talk.until && sent_at.len() < done as usize + in_flight {
            let (id, now) = (Uuid::now_v7(), talk.clock.now());
            let body = stamp::body(sent_at.len() as u64, now, talk.body_bytes);
            seat.recorder.invoked(now, seat.thread, id, &body);
            seat.session.feed(frames.frame(id, &body)).await?;
            sent_at.push(now);
            Counters::add(&talk.counters.sent);
        }
        seat.session.flush().await?;
        if done as usize == sent_at.len() && outcome.count == done {
            return Ok(());
        }
        tokio::select! {
            biased;
            text = seat.session.next() => {
                let text = text?;
                let now = talk.clock.now();
                let Some(frame) = seat.session.parse(&text)? else { continue };
                seat.recorder.frame(now, &frame);
                match &*frame.name {
                    "sent" => {
                        // One connection's sends are answered in their order.
                        let due = sent_at[(outcome.count as usize).min(sent_at.len() - 1)];
                        outcome.count += 1;
                        Counters::add(&talk.counters.acknowledged);
                        if talk.measures(due) {
                            talk.to_acknowledged.record(now - due);
                        }
                    }
                    "error" => return Err(Broken::Lost(format!("refused: {} ({})", frame.code, frame.message))),
                    _ => {}
                }
            }
            changed = rounds.changed() => {
                if changed.is_err() {
                    return Err(Broken::Lost("all receivers are gone".into()));
                }
                let now = talk.clock.now();
                let complete = *rounds.borrow_and_update();
                for due in &sent_at[done as usize..complete as usize] {
                    if talk.measures(*due) {
                        last_got.record(now - due);
                        Counters::add(&talk.turns);
                    }
                }
                done = complete;
            }
            () = &mut give_up => return Err(Broken::Lost(format!("{} of {} messages reached everybody", done, sent_at.len()))),
        }
    }
}
