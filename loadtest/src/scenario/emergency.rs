//! `emergency`: many clients in danger at once, while the hub is saturated with ordinary messages. What is measured is the
//! time from the send to the first page: the `escalation` frame in state `paging` on the connection of whoever looks after
//! the thread. A thread takes part in one run only, because a second emergency joins the first.

use super::judge;
use super::pairs::{Load, Speed, Stage, talk};
use crate::cli::Common;
use crate::clock::{Clock, Nanos};
use crate::history::Book;
use crate::measure::{Latency, Percentiles, Report, Row};
use crate::seat::Seat;
use crate::session::{Broken, Session, Target};
use crate::tokens::{self, Room};
use crate::wire::{Dialect, Frame};
use anyhow::{Context, Result, bail};
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, future::join_all, stream};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const AT_ONCE: usize = 16;
/// Nobody waits longer for a page.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    /// Clients who send an emergency, all at once, in the middle of the measured span.
    #[arg(long, default_value_t = 50)]
    pub emergencies: usize,
    /// Pairs that keep the hub busy meanwhile.
    #[arg(long, default_value_t = 64)]
    pub pairs: usize,
    /// Messages that each of them keeps in flight.
    #[arg(long, default_value_t = 4)]
    pub in_flight: usize,
    /// The first page leaves within so many milliseconds of the send, 99 times of 100.
    #[arg(long, default_value_t = 1_000.0)]
    pub most_ms: f64,
    #[command(flatten)]
    pub load: Load,
}

/// When things happened to one emergency.
#[derive(Clone, Copy, Debug)]
struct Times {
    sent: Nanos,
    acknowledged: Nanos,
    paged: Nanos,
}

pub async fn run(options: &Options) -> Result<Report> {
    if options.emergencies == 0 || options.pairs == 0 || options.in_flight == 0 {
        bail!("--emergencies, --pairs and --in-flight must be at least 1");
    }
    let common = &options.common;
    let (target, seed, clock) = (Target::new(&common.url, Dialect::Carehub).await?, common.seed(), Clock::start());
    let mut rooms = tokens::pairs(&common.tokens, options.pairs + options.emergencies)?;
    let in_danger = rooms.split_off(options.pairs);
    let book = Book::new(&tokens::read(&common.tokens)?, seed, common.recording());
    // What is said in danger is answered by notices of the hub: the history of these threads is not judged.
    let unwritten = Book::new(&tokens::read(&common.tokens)?, seed, false);
    let seats: Vec<(Seat, Seat)> = stream::iter(&in_danger)
        .map(|room| seats(&target, &unwritten, clock, room))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let stage = Stage { target: &target, rooms: &rooms, book: &book, clock, processes: common.processes() };
    let name = format!("{} pairs, {} in flight, around the emergencies", options.pairs, options.in_flight);
    let danger = async {
        tokio::time::sleep(Duration::from_secs_f64(options.load.warm_up + options.load.seconds / 2.0)).await;
        join_all(seats.into_iter().map(|(client, clinician)| in_time(clock, client, clinician))).await
    };
    let (done, ended) = tokio::join!(talk(&stage, &name, &options.load, Speed::InFlight(options.in_flight)), danger);
    let done = done?;
    let mut report = Report::new("emergency", seed);
    report.rows.push(done.row);
    report.failures.extend(done.failures);
    let (row, percentiles) = add_up(options, &ended, &mut report.failures);
    report.rows.push(row);
    if percentiles.p99 > options.most_ms {
        report.failures.push(format!("first page: p99 {:.0} ms, {:.0} are promised", percentiles.p99, options.most_ms));
    }
    if common.recording() {
        judge(common, &target, &book, clock, &done.subjects, done.events, &mut report).await?;
    }
    Ok(report)
}

async fn seats(target: &Target, book: &Arc<Book>, clock: Clock, room: &Room) -> Result<(Seat, Seat)> {
    let take = |index: usize| Seat::take(target, book, clock, &room.people[index], room.thread);
    tokio::try_join!(take(0), take(1)).with_context(|| format!("taking seats in thread {}", room.thread))
}

fn add_up(options: &Options, ended: &[Result<Times, String>], failures: &mut Vec<String>) -> (Row, Percentiles) {
    let (acknowledged, paged, after) = (Latency::default(), Latency::default(), Latency::default());
    for times in ended {
        match times {
            Ok(times) => {
                acknowledged.record(times.acknowledged - times.sent);
                paged.record(times.paged - times.sent);
                after.record(times.paged.saturating_sub(times.acknowledged));
            }
            Err(error) => failures.push(error.clone()),
        }
    }
    let percentiles = paged.percentiles();
    let row = Row::new(format!("{} emergencies at once", options.emergencies))
        .figure("paged", percentiles.count as f64)
        .latency("send → acknowledged", acknowledged.percentiles())
        .latency("acknowledged → first page", after.percentiles())
        .latency("send → first page", percentiles);
    (row, percentiles)
}

async fn in_time(clock: Clock, client: Seat, clinician: Seat) -> Result<Times, String> {
    let thread = client.thread;
    match tokio::time::timeout(PATIENCE, emergency(clock, client, clinician)).await {
        Ok(Ok(times)) => Ok(times),
        Ok(Err(error)) => Err(format!("the emergency in thread {thread}: {error}")),
        Err(_) => Err(format!("the emergency in thread {thread}: nobody was paged within {} s", PATIENCE.as_secs())),
    }
}

/// Sends one, and waits until it is acknowledged and paged.
async fn emergency(clock: Clock, mut client: Seat, mut clinician: Seat) -> Result<Times, Broken> {
    let (id, thread) = (Uuid::now_v7(), client.thread);
    let frame = format!(
        r#"{{"type":"send","id":"{id}","thread":"{thread}","priority":"emergency","body":"Load generation: an emergency."}}"#
    );
    let sent = clock.now();
    client.session.say(frame).await?;
    let is_sent = |frame: &Frame<'_>| frame.name == "sent" && frame.message_id() == Some(id);
    let is_page =
        |frame: &Frame<'_>| frame.name == "escalation" && frame.thread_id() == Some(thread) && frame.state == "paging";
    let (acknowledged, paged) =
        tokio::try_join!(until(clock, &mut client.session, is_sent), until(clock, &mut clinician.session, is_page))?;
    tokio::join!(client.session.close(), clinician.session.close());
    Ok(Times { sent, acknowledged, paged })
}

/// When the first such frame comes.
async fn until(clock: Clock, session: &mut Session, fits: impl Fn(&Frame<'_>) -> bool) -> Result<Nanos, Broken> {
    loop {
        let text = session.next().await?;
        let Some(frame) = session.parse(&text)? else { continue };
        if fits(&frame) {
            return Ok(clock.now());
        }
        if frame.name == "error" {
            return Err(Broken::Lost(format!("refused: {} ({})", frame.code, frame.message)));
        }
    }
}
