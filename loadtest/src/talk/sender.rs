//! The sending side of a pair: keeps so many in flight (closed loop) or keeps to a timetable
//! (open loop). Latency counts from the instant a send was due, not from when it got its turn.

use super::{Outcome, Talk, Ticker};
use crate::clock::{Clock, Nanos, seconds};
use crate::measure::Counters;
use crate::seat::Seat;
use crate::session::Broken;
use crate::stamp;
use crate::wire::{Frame, SendFrames};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use uuid::Uuid;

/// How long answers may take after the last send.
const PATIENCE: Nanos = 15_000_000_000;

/// What decides when the next send is due.
#[derive(Debug)]
pub enum Pace {
    /// So many at a time; the next is due when one ends.
    Closed { in_flight: usize },
    /// Every `period`, whatever the hub does, from `first` on.
    Open { ticker: Ticker, first: Nanos, period: Nanos, ticked: u64 },
}

impl Pace {
    /// A send every `period`, the first after `offset`.
    pub fn timetable(clock: Clock, period: Nanos, offset: Nanos) -> std::io::Result<Self> {
        let first = clock.now() + offset.max(1);
        Ok(Pace::Open { ticker: Ticker::start(offset.max(1), period)?, first, period, ticked: 0 })
    }
}

/// One sender.
pub struct Sender {
    talk: Arc<Talk>,
    seat: Seat,
    frames: SendFrames,
    pace: Pace,
    pending: VecDeque<Pending>,
    number: u64,
    /// The highest `seq` the other side has said it read.
    read: u64,
    acknowledged: u64,
    unflushed: bool,
    failures: Vec<String>,
}

struct Pending {
    id: Uuid,
    due: Nanos,
    /// Known once it is acknowledged; then it waits for its receipt.
    seq: Option<u64>,
}

impl Sender {
    pub fn new(talk: Arc<Talk>, seat: Seat, pace: Pace) -> Self {
        let frames = seat.session.dialect().send_frames(seat.thread);
        Self {
            talk,
            frames,
            pace,
            pending: VecDeque::new(),
            number: 0,
            read: seat.base,
            acknowledged: 0,
            unflushed: false,
            failures: Vec::new(),
            seat,
        }
    }

    /// Sends until the run's end and waits for what is still unanswered.
    pub async fn run(mut self) -> Outcome {
        if let Err(error) = self.converse().await {
            self.talk.counters.unknown.fetch_add(self.pending.len() as u64, Relaxed);
            self.failures.push(format!("the sender in thread {}: {error}", self.seat.thread));
        }
        self.seat.session.close().await;
        Outcome { events: self.seat.recorder.into_events(), count: self.acknowledged, failures: self.failures }
    }

    async fn converse(&mut self) -> Result<(), Broken> {
        let clock = self.talk.clock;
        let alarm = tokio::time::sleep_until(clock.instant(self.talk.until));
        tokio::pin!(alarm);
        let mut sending = true;
        loop {
            if sending && clock.now() >= self.talk.until {
                sending = false;
                alarm.as_mut().reset(clock.instant(self.talk.until + PATIENCE));
            }
            if let (true, Pace::Closed { in_flight }) = (sending, &self.pace) {
                for _ in self.pending.len()..*in_flight {
                    self.send(clock.now()).await?;
                }
            }
            if self.unflushed {
                self.unflushed = false;
                self.seat.session.flush().await?;
            }
            if !sending && self.pending.is_empty() {
                return Ok(());
            }
            tokio::select! {
                biased;
                text = self.seat.session.next() => self.take(&text?).await?,
                due = due(&mut self.pace), if sending => {
                    for at in due.map_err(|error| Broken::Lost(error.to_string()))? {
                        self.send(at).await?;
                    }
                }
                () = &mut alarm => {
                    // The first alarm only ends the sending, at the top of the loop.
                    if !sending {
                        self.failures.push(format!("{} turns in thread {} never ended", self.pending.len(), self.seat.thread));
                        return Ok(());
                    }
                }
            }
            while let Some(text) = self.seat.session.next_ready() {
                self.take(&text?).await?;
            }
        }
    }

    async fn send(&mut self, due: Nanos) -> Result<(), Broken> {
        let id = Uuid::now_v7();
        let body = stamp::body(self.number, due, self.talk.body_bytes);
        self.number += 1;
        let now = self.talk.clock.now();
        if matches!(self.pace, Pace::Open { .. }) && self.talk.measures(due) {
            self.talk.lateness.record(now.saturating_sub(due));
        }
        self.seat.recorder.invoked(now, self.seat.thread, id, &body);
        self.seat.session.feed(self.frames.frame(id, &body)).await?;
        self.pending.push_back(Pending { id, due, seq: None });
        Counters::add(&self.talk.counters.sent);
        self.unflushed = true;
        Ok(())
    }

    async fn take(&mut self, text: &str) -> Result<(), Broken> {
        let now = self.talk.clock.now();
        let Some(frame) = self.seat.session.parse(text)? else { return Ok(()) };
        self.seat.recorder.frame(now, &frame);
        match &*frame.name {
            "sent" => self.acknowledged(now, &frame),
            "receipt" if frame.user_id() != Some(self.seat.user) => {
                self.read = self.read.max(frame.read.unwrap_or(0));
                self.end_read_turns(now);
            }
            "error" => self.refused(&frame).await,
            _ => {}
        }
        Ok(())
    }

    fn acknowledged(&mut self, now: Nanos, frame: &Frame<'_>) {
        let id = frame.message_id();
        // Answers come in order nearly always: the first pending one is it.
        let Some(index) = self.pending.iter().position(|pending| Some(pending.id) == id) else {
            self.failures.push(format!("`sent` for {:?}, which is not under way", frame.id));
            return;
        };
        Counters::add(&self.talk.counters.acknowledged);
        self.acknowledged += 1;
        let due = self.pending[index].due;
        if self.talk.measures(due) {
            self.talk.to_acknowledged.record(now.saturating_sub(due));
        }
        if self.talk.receipts {
            self.pending[index].seq = frame.seq;
            self.end_read_turns(now);
        } else {
            self.pending.remove(index);
            self.turn_ended(now);
        }
    }

    /// Ends the turns that the other side's mark covers.
    fn end_read_turns(&mut self, now: Nanos) {
        while let Some(first) = self.pending.front() {
            let (due, Some(seq)) = (first.due, first.seq) else { return };
            if seq > self.read {
                return;
            }
            self.pending.pop_front();
            if self.talk.measures(due) {
                self.talk.to_receipt.record(now.saturating_sub(due));
            }
            self.turn_ended(now);
        }
    }

    fn turn_ended(&self, now: Nanos) {
        if self.talk.measures(now) {
            Counters::add(&self.talk.turns);
        }
    }

    async fn refused(&mut self, frame: &Frame<'_>) {
        Counters::add(&self.talk.counters.refused);
        let id = frame.message_id();
        self.pending.retain(|pending| Some(pending.id) != id);
        self.failures.push(format!("a send was refused: {} ({})", frame.code, frame.message));
        // Hammering a hub that has said when to come back measures nothing.
        let wait = frame.retry_after_ms.unwrap_or(0).min(seconds(1.0) / 1_000_000);
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
}

/// The instants that have come due; of a closed loop none ever do by themselves.
async fn due(pace: &mut Pace) -> std::io::Result<impl Iterator<Item = Nanos> + use<>> {
    match pace {
        Pace::Closed { .. } => std::future::pending().await,
        Pace::Open { ticker, first, period, ticked } => {
            let ticks = ticker.ticks().await?;
            let (begin, first, period) = (*ticked, *first, *period);
            *ticked += ticks;
            Ok((begin..*ticked).map(move |tick| first + tick * period))
        }
    }
}
