//! The receiving side of a pair: takes entries, confirms them, and notices at once when one is
//! missing, double or out of place.

use super::{Outcome, Talk};
use crate::clock::Nanos;
use crate::measure::Counters;
use crate::seat::Seat;
use crate::session::Broken;
use crate::stamp;
use crate::window::Unconfirmed;
use crate::wire::Frame;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long entries may take once the last was acknowledged.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longer than any run.
const NEVER: Duration = Duration::from_secs(86_400);

/// One receiver.
pub struct Receiver {
    talk: Arc<Talk>,
    seat: Seat,
    /// How many entries there will have been; told when the sender is done.
    goal: watch::Receiver<Option<u64>>,
    last: u64,
    received: u64,
    unconfirmed: Unconfirmed,
    arrived: Nanos,
    unflushed: bool,
    failures: Vec<String>,
}

impl Receiver {
    pub fn new(talk: Arc<Talk>, seat: Seat, goal: watch::Receiver<Option<u64>>) -> Self {
        Self {
            goal,
            last: seat.base,
            received: 0,
            unconfirmed: seat.unconfirmed(talk.confirm.every),
            talk,
            arrived: 0,
            unflushed: false,
            failures: Vec::new(),
            seat,
        }
    }

    /// Receives until everything acknowledged has arrived.
    pub async fn run(mut self) -> Outcome {
        if let Err(error) = self.converse().await {
            self.failures.push(format!("the receiver in thread {}: {error}", self.seat.thread));
        }
        self.seat.session.close().await;
        Outcome { events: self.seat.recorder.into_events(), count: self.received, failures: self.failures }
    }

    async fn converse(&mut self) -> Result<(), Broken> {
        let idle = Duration::from_millis(self.talk.confirm.idle_ms);
        let quiet = tokio::time::sleep(NEVER);
        let give_up = tokio::time::sleep(NEVER);
        tokio::pin!(quiet, give_up);
        let mut armed = false;
        let mut goal = None;
        loop {
            tokio::select! {
                biased;
                text = self.seat.session.next() => self.take(&text?).await?,
                () = &mut quiet, if armed => {
                    armed = false;
                    if self.talk.clock.now() - self.arrived >= idle.as_nanos() as Nanos {
                        self.confirm().await?;
                    }
                }
                changed = self.goal.changed(), if goal.is_none() => {
                    // Whoever set goals is gone: nothing more will come.
                    goal = if changed.is_ok() { *self.goal.borrow_and_update() } else { Some(0) };
                    give_up.as_mut().reset(Instant::now() + PATIENCE);
                }
                () = &mut give_up => {
                    self.failures.push(format!("thread {}: {} of {} entries arrived", self.seat.thread, self.received, goal.unwrap_or(0)));
                    return Ok(());
                }
            }
            while let Some(text) = self.seat.session.next_ready() {
                self.take(&text?).await?;
            }
            if self.unconfirmed.is_due() {
                self.confirm().await?;
            }
            if self.unconfirmed.is_any() && !armed {
                armed = true;
                quiet.as_mut().reset(Instant::now() + idle);
            }
            let done = goal.is_some_and(|goal| self.received >= goal);
            if done {
                self.confirm().await?;
            }
            if self.unflushed {
                self.unflushed = false;
                self.seat.session.flush().await?;
            }
            if done {
                return Ok(());
            }
        }
    }

    async fn take(&mut self, text: &str) -> Result<(), Broken> {
        let now = self.talk.clock.now();
        let Some(frame) = self.seat.session.parse(text)? else { return Ok(()) };
        self.seat.recorder.frame(now, &frame);
        match &*frame.name {
            "entry" => {
                self.unconfirmed.add(text.len());
                self.arrived(now, &frame).await?;
            }
            "error" => self.failures.push(format!("the receiver was told {} ({})", frame.code, frame.message)),
            _ => {}
        }
        Ok(())
    }

    async fn arrived(&mut self, now: Nanos, frame: &Frame<'_>) -> Result<(), Broken> {
        let seq = frame.seq.unwrap_or(0);
        if self.seat.session.dialect().numbers_threads() && seq != self.last + 1 {
            self.failures.push(format!("thread {}: entry {seq} came after {}", self.seat.thread, self.last));
        }
        self.last = self.last.max(seq);
        self.received += 1;
        self.arrived = now;
        Counters::add(&self.talk.counters.received);
        if let Some((number, due)) = stamp::read(&frame.body) {
            if let Some(fan) = &self.talk.fan {
                fan.got(number);
            }
            if self.talk.measures(due) {
                self.talk.to_received.record(now.saturating_sub(due));
            }
        }
        if self.talk.measures(now) {
            Counters::add(&self.talk.arrivals);
        }
        if self.talk.receipts {
            self.seat.recorder.marked(now, self.seat.thread, seq, seq);
            self.seat.session.feed(self.seat.session.dialect().read(self.seat.thread, seq)).await?;
            self.unconfirmed.clear();
            self.unflushed = true;
        }
        Ok(())
    }

    async fn confirm(&mut self) -> Result<(), Broken> {
        if self.unconfirmed.is_any() {
            self.unconfirmed.clear();
            if let Some(text) = self.seat.session.dialect().delivered(self.seat.thread, self.last) {
                self.seat.recorder.marked(self.talk.clock.now(), self.seat.thread, self.last, 0);
                self.seat.session.feed(text).await?;
                self.unflushed = true;
            }
        }
        Ok(())
    }
}
