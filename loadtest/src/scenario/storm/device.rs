//! One device in the storm: a client as a careful author would write it, with bad luck. It keeps
//! what it has across connections, comes back, resumes, and sends again what was not answered, in
//! order and with the same ids.

use super::{Phase, Storm, bodies};
use crate::history::Recorder;
use crate::measure::Counters;
use crate::resume::Resume;
use crate::session::{Broken, Session};
use crate::talk::Outcome;
use crate::tokens::Person;
use crate::window::{Unconfirmed, Window};
use crate::wire::{Frame, Request};
use fastrand::Rng;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

/// Messages a device has under way at most: beyond this a person would stop typing.
const MOST_UNANSWERED: usize = 100;

/// One device.
pub struct Device {
    storm: Arc<Storm>,
    person: Person,
    threads: Vec<Uuid>,
    resume: Resume,
    recorder: Recorder,
    rng: Rng,
    phases: watch::Receiver<Phase>,
    cuts: watch::Receiver<u64>,
    epoch: Option<String>,
    /// What of each thread is confirmed to the hub.
    confirmed: BTreeMap<Uuid, u64>,
    /// On this connection, over all threads.
    unconfirmed: Unconfirmed,
    /// Do not send before; the hub asked for time.
    hold: Option<Instant>,
    finish_by: Option<Instant>,
    failures: Vec<String>,
}

/// Why a connection is over.
enum End {
    Broken,
    Finished,
}

impl Device {
    pub fn new(
        storm: Arc<Storm>,
        person: Person,
        have: BTreeMap<Uuid, u64>,
        mut recorder: Recorder,
        rng: Rng,
        phases: watch::Receiver<Phase>,
        cuts: watch::Receiver<u64>,
    ) -> Self {
        for (thread, seq) in &have {
            recorder.start(storm.clock.now(), *thread, *seq);
        }
        let threads = have.keys().copied().collect();
        let resume = Resume::starting_at(have.clone());
        Self {
            storm,
            person,
            threads,
            resume,
            recorder,
            rng,
            phases,
            cuts,
            epoch: None,
            confirmed: have,
            unconfirmed: Unconfirmed::new(Window::OPEN, None),
            hold: None,
            finish_by: None,
            failures: Vec::new(),
        }
    }

    /// Lives through the storm.
    pub async fn run(mut self) -> Outcome {
        let (mut gathered, mut broke_at) = (false, None);
        loop {
            if let Ok(session) = self.connect().await {
                if let Some(at) = broke_at.take() {
                    Counters::add(&self.storm.counters.reconnects);
                    self.storm.back.record(self.storm.clock.now() - at);
                }
                if !std::mem::replace(&mut gathered, true) {
                    self.storm.gathered.fetch_add(1, Relaxed);
                }
                match self.live(session).await {
                    Ok(End::Finished) => break,
                    Ok(End::Broken) | Err(Broken::Lost(_)) => {}
                    // Being told why is no loss, but only these reasons are sound in a storm.
                    Err(Broken::Closed(1000 | 1001 | 1005 | 1006 | 1012 | 4429)) => {}
                    Err(Broken::Closed(code)) => {
                        self.failures.push(format!("{} was closed with {code}", self.person.id))
                    }
                }
                let doubtful = self.resume.broke();
                self.storm.counters.unknown.fetch_add(doubtful, Relaxed);
                broke_at = Some(self.storm.clock.now());
                self.recorder.reconnected();
            }
            if self.is_late() {
                break;
            }
            sleep(Duration::from_millis(self.rng.u64(..=self.storm.options.return_within_ms))).await;
        }
        if self.resume.unanswered() > 0 {
            self.failures.push(format!("{} sends of {} were never answered", self.resume.unanswered(), self.person.id));
        }
        Outcome { events: self.recorder.into_events(), count: 0, failures: self.failures }
    }

    /// Connects, says what it has, sends again what was not answered.
    async fn connect(&mut self) -> Result<Session, Broken> {
        let (mut session, welcome) =
            Session::open(&self.storm.target, &self.person.token, self.person.id, &[], None).await?;
        let epoch = self.epoch.get_or_insert_with(|| welcome.epoch.clone());
        if *epoch != welcome.epoch {
            self.failures
                .push(format!("the epoch changed from {epoch} to {}, and nothing was restored", welcome.epoch));
        }
        self.unconfirmed = Unconfirmed::new(welcome.window, None);
        let now = self.storm.clock.now();
        self.recorder.asked(now);
        for (thread, have) in self.resume.have() {
            self.recorder.resumed(now, *thread, *have);
        }
        let sync = Request::Sync { cursor: self.resume.cursor.as_deref(), have: self.resume.have() };
        session.feed(sync.to_json()).await?;
        self.confirmed = self.resume.have().clone();
        self.hold = None;
        self.send_again(&mut session).await?;
        session.flush().await?;
        Ok(session)
    }

    async fn send_again(&mut self, session: &mut Session) -> Result<(), Broken> {
        let now = self.storm.clock.now();
        for pending in self.resume.again() {
            self.recorder.invoked(now, pending.thread, pending.id, &pending.body);
            session
                .feed(
                    Request::Send { id: pending.id, thread: pending.thread, body: &pending.body, reference: None }
                        .to_json(),
                )
                .await?;
        }
        Ok(())
    }

    async fn live(&mut self, mut session: Session) -> Result<End, Broken> {
        let cut_every = self.storm.options.cut_every;
        let misfortune = sleep(Duration::from_secs_f64(cut_every * 2.0 * self.rng.f64()));
        let beat = sleep(self.pause());
        tokio::pin!(misfortune, beat);
        self.cuts.mark_unchanged();
        loop {
            tokio::select! {
                text = session.next() => self.take(&mut session, &text?).await?,
                () = &mut beat => {
                    self.beat(&mut session).await?;
                    beat.as_mut().reset(Instant::now() + self.pause());
                }
                () = &mut misfortune, if *self.phases.borrow() == Phase::Send => {
                    // Half go politely, half vanish.
                    if self.rng.bool() {
                        session.close().await;
                    }
                    return Ok(End::Broken);
                }
                changed = self.cuts.changed() => {
                    if changed.is_ok() {
                        return Ok(End::Broken);
                    }
                    self.cuts = watch::channel(0).1;
                }
                () = until(self.hold) => {
                    self.hold = None;
                    self.send_again(&mut session).await?;
                }
            }
            session.flush().await?;
            if *self.phases.borrow() == Phase::Finish && (self.is_complete() || self.is_late()) {
                self.confirm_all(&mut session).await?;
                session.close().await;
                return Ok(End::Finished);
            }
        }
    }

    /// The time until the next thing this device does by itself.
    fn pause(&mut self) -> Duration {
        let rate = self.storm.options.rate / self.storm.options.devices as f64;
        // Two messages a beat on average, so half as many beats.
        Duration::from_secs_f64((4.0 * self.rng.f64() / rate).clamp(0.001, 0.25))
    }

    async fn beat(&mut self, session: &mut Session) -> Result<(), Broken> {
        // Sometimes nobody looks at the screen, and frames pile up.
        if self.rng.u16(..1000) < 5 {
            sleep(Duration::from_millis(self.rng.u64(50..500))).await;
        }
        let burst = self.rng.usize(1..=3);
        for _ in 0..burst {
            if self.hold.is_some() || self.resume.unanswered() >= MOST_UNANSWERED {
                return Ok(());
            }
            // Announced before the phase is looked at: the others leave when the sending is over and nothing is
            // unanswered, and would never see what somebody sends behind their backs.
            self.storm.unanswered.fetch_add(1, SeqCst);
            if *self.phases.borrow() != Phase::Send {
                self.storm.unanswered.fetch_sub(1, SeqCst);
                return Ok(());
            }
            let number = self.storm.counters.sent.fetch_add(1, Relaxed);
            let (id, body) = (Uuid::now_v7(), bodies::body(&mut self.rng, number));
            let thread = self.threads[self.rng.usize(..self.threads.len())];
            let now = self.storm.clock.now();
            self.recorder.invoked(now, thread, id, &body);
            let request = Request::Send { id, thread, body: &body, reference: None }.to_json();
            // Kept first: where the connection is gone, it goes with the next one.
            self.resume.add(id, thread, body, now);
            session.feed(request).await?;
        }
        Ok(())
    }

    async fn take(&mut self, session: &mut Session, text: &str) -> Result<(), Broken> {
        let now = self.storm.clock.now();
        let Some(frame) = session.parse(text)? else { return Ok(()) };
        self.recorder.frame(now, &frame);
        match &*frame.name {
            "synced" => self.resume.cursor = frame.cursor.map(ToOwned::to_owned),
            "sent" => self.sent(&frame),
            "entry" => {
                Counters::add(&self.storm.counters.received);
                if let (Some(thread), Some(seq)) = (frame.thread_id(), frame.seq) {
                    let have = self.resume.got(thread, seq);
                    self.unconfirmed.add(text.len());
                    self.confirm(session, thread, have).await?;
                }
            }
            "error" => self.refused(&frame),
            _ => {}
        }
        Ok(())
    }

    fn sent(&mut self, frame: &Frame<'_>) {
        let (Some(id), Some(thread), Some(seq)) = (frame.message_id(), frame.thread_id(), frame.seq) else { return };
        self.resume.got(thread, seq);
        if let Some(pending) = self.resume.answered(id) {
            Counters::add(&self.storm.counters.acknowledged);
            self.storm.unanswered.fetch_sub(1, SeqCst);
            self.storm.acknowledged.record(self.storm.clock.now() - pending.since);
        }
        if let Some(head) = self.storm.heads.get(&thread) {
            head.fetch_max(seq, Relaxed);
        }
    }

    fn refused(&mut self, frame: &Frame<'_>) {
        if matches!(&*frame.code, "busy" | "rateLimited" | "internal") {
            Counters::add(&self.storm.counters.refused);
            let wait = frame.retry_after_ms.unwrap_or(500).min(5_000);
            self.hold = Some(Instant::now() + Duration::from_millis(wait));
        } else {
            if frame.message_id().and_then(|id| self.resume.answered(id)).is_some() {
                self.storm.unanswered.fetch_sub(1, SeqCst);
            }
            self.failures.push(format!("{} was told {} ({})", self.person.id, frame.code, frame.message));
        }
    }

    async fn confirm(&mut self, session: &mut Session, thread: Uuid, have: u64) -> Result<(), Broken> {
        if self.unconfirmed.is_due() {
            return self.confirm_all(session).await;
        }
        // Otherwise at random: people look when they look.
        if self.is_new(thread, have) && self.rng.u8(..) < 40 {
            self.mark(session, thread, have).await?;
        }
        Ok(())
    }

    async fn confirm_all(&mut self, session: &mut Session) -> Result<(), Broken> {
        self.unconfirmed.clear();
        for (thread, have) in self.resume.have().clone() {
            if self.is_new(thread, have) {
                self.mark(session, thread, have).await?;
            }
        }
        session.flush().await
    }

    fn is_new(&self, thread: Uuid, have: u64) -> bool {
        have > self.confirmed.get(&thread).copied().unwrap_or(0)
    }

    async fn mark(&mut self, session: &mut Session, thread: Uuid, seq: u64) -> Result<(), Broken> {
        self.confirmed.insert(thread, seq);
        let read = self.rng.u8(..) < 80;
        self.recorder.marked(self.storm.clock.now(), thread, seq, if read { seq } else { 0 });
        let request =
            if read { Request::Read { thread, seq, reference: None } } else { Request::Delivered { thread, seq } };
        session.feed(request.to_json()).await
    }

    /// Whether everything acknowledged to anybody is here.
    fn is_complete(&self) -> bool {
        let have = self.resume.have();
        self.resume.unanswered() == 0
            && self
                .threads
                .iter()
                .all(|thread| have.get(thread).copied().unwrap_or(0) >= self.storm.heads[thread].load(Relaxed))
    }

    /// Whether the time to finish is over.
    fn is_late(&mut self) -> bool {
        if *self.phases.borrow() != Phase::Finish {
            return false;
        }
        let by = *self.finish_by.get_or_insert_with(|| Instant::now() + Duration::from_nanos(self.storm.patience()));
        Instant::now() >= by
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
