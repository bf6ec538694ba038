//! The loops that empty the outbox, one for each lane and channel, so that neither a thousand reminders nor a mail server
//! that hangs holds up a page: take what is due, deliver it, note what became of it. On several nodes each runs them; a
//! row is one relay's at a time. What a provider was given in the moment of a crash is given to it again.

use super::{
    channel::Channel,
    deliver::{Providers, deliver},
    due::{self, Due, Outcome},
    lane::Lane,
};
use crate::{
    clock::Clock,
    crypto::Keyring,
    db,
    pulse::{self, Pulse},
};
use futures_util::{FutureExt, future::join_all};
use secrecy::SecretString;
use std::{rc::Rc, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, watch},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, timeout},
};
use url::Url;

/// After the store failed.
const LONG_PAUSE: Duration = Duration::from_secs(5);
/// The store says within this what is due, or has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// What one loop has under way at once.
const SLOTS: usize = 10;
/// Connections to the store of each urgent loop, and of all ordinary ones.
const CONNECTIONS: u32 = 2;
/// How often rows that nobody sends again are emptied.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// What is under way when the hub stops has so long.
const FAREWELL: Duration = Duration::from_secs(5);
/// The channels that go through the outbox.
const CHANNELS: [Channel; 3] = [Channel::Email, Channel::Sms, Channel::Push];

/// What the relay works with.
pub struct RelayParts {
    pub database_url: SecretString,
    pub keyring: Arc<Keyring>,
    pub clock: Clock,
    pub providers: Providers,
    /// The hub as browsers reach it.
    pub hub: Url,
}

/// The same, with connections of a loop's own.
pub(super) struct Work {
    pub pool: db::Pool,
    pub providers: Providers,
    pub parts: Arc<RelayParts>,
}

impl Work {
    fn new(parts: &Arc<RelayParts>) -> Rc<Self> {
        let pool = db::pool(&parts.database_url, CONNECTIONS);
        Rc::new(Self { pool, providers: parts.providers.anew(), parts: parts.clone() })
    }
}

/// A relay that runs.
pub struct Relay {
    stop: Arc<watch::Sender<()>>,
    bell: Arc<Notify>,
    ordinary: JoinHandle<()>,
    urgent: Vec<(Urgent, Pulse)>,
}

/// An urgent loop: of one channel, on a thread of its own, so that neither reminders nor another channel hold it up.
#[derive(Clone)]
pub struct Urgent {
    channel: Channel,
    parts: Arc<RelayParts>,
    bell: Arc<Notify>,
    stop: Arc<watch::Sender<()>>,
}

impl Urgent {
    /// For the watchdog, and of its thread.
    pub fn name(&self) -> &'static str {
        match self.channel {
            Channel::Email => "relay-email",
            Channel::Sms => "relay-sms",
            Channel::Push => "relay-push",
            Channel::InApp => "relay-in-app",
        }
    }

    /// Starts it, or another one in the place of one that hangs or died.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(&self) -> anyhow::Result<Pulse> {
        let (own, stopped) = (self.clone(), self.stop.subscribe());
        pulse::spawn(self.name(), move |pulse| async move {
            let work = Work::new(&own.parts);
            run(work, Lane::Urgent, own.channel, own.bell, stopped, &pulse).await;
        })
    }
}

impl Relay {
    /// Starts the urgent loops, and the ordinary ones on this runtime.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(parts: RelayParts) -> anyhow::Result<Self> {
        let stop = Arc::new(watch::Sender::new(()));
        let (bell, parts) = (Arc::new(Notify::new()), Arc::new(parts));
        let channels: Vec<_> = CHANNELS.into_iter().filter(|channel| parts.providers.takes(*channel)).collect();
        let start = |channel: &Channel| {
            let (parts, bell, stop) = (parts.clone(), bell.clone(), stop.clone());
            let urgent = Urgent { channel: *channel, parts, bell, stop };
            let pulse = urgent.start()?;
            anyhow::Ok((urgent, pulse))
        };
        let urgent = channels.iter().map(start).collect::<anyhow::Result<Vec<_>>>()?;
        let work = Work::new(&parts);
        let loops: Vec<_> = channels
            .into_iter()
            .map(|channel| (work.clone(), bell.clone(), stop.subscribe(), channel))
            .map(|(work, bell, stopped, channel)| async move {
                // Nobody is needed at once: these are not watched.
                run(work, Lane::Ordinary, channel, bell, stopped, &Pulse::default()).await;
            })
            .collect();
        let swept = sweep(work, stop.subscribe());
        let all = async move { tokio::join!(join_all(loops), swept) };
        Ok(Self { stop, bell, ordinary: tokio::task::spawn_local(all.map(drop)), urgent })
    }

    /// The urgent loops, each with its pulse: to be watched.
    pub fn urgent(&self) -> impl Iterator<Item = (Urgent, Pulse)> {
        self.urgent.clone().into_iter()
    }

    /// Lets every loop look at once. Nothing depends on it: they look by themselves.
    pub fn wake(&self) {
        self.bell.notify_waiters();
    }

    /// Ends the loops once what is under way is noted.
    pub async fn stop(mut self) {
        self.stop.send_replace(());
        let ended = async { tokio::join!(self.stop.closed(), &mut self.ordinary) };
        if timeout(FAREWELL, ended).await.is_err() {
            self.ordinary.abort();
        }
    }
}

async fn run(
    work: Rc<Work>,
    lane: Lane,
    channel: Channel,
    bell: Arc<Notify>,
    mut stopped: watch::Receiver<()>,
    pulse: &Pulse,
) {
    // Tasks of their own: one that holds a connection goes on while this loop waits for one.
    let mut under_way = JoinSet::new();
    while !pulse.is_retired() {
        pulse.beat();
        let rung = bell.notified();
        let (free, asked) = (SLOTS - under_way.len(), Instant::now());
        let taken = timeout(PATIENCE, take(&work, lane, channel, free)).await;
        let pause = match taken.unwrap_or_else(|_| Err("no answer".to_owned())) {
            Ok(taken) => {
                if free > 0 {
                    pulse.work();
                }
                let more = free > 0 && taken.len() == free;
                for due in taken {
                    under_way.spawn_local(finish(work.clone(), lane, due, asked));
                }
                if more && under_way.len() < SLOTS { Duration::ZERO } else { lane.pause() }
            }
            Err(error) => {
                tracing::warn!(error, lane = lane.as_str(), channel = channel.as_str(), "the outbox cannot be read");
                LONG_PAUSE
            }
        };
        tokio::select! {
            _ = stopped.changed() => {
                pulse.rest();
                break;
            }
            () = rung => {}
            () = sleep(pause) => {}
            Some(_) = under_way.join_next() => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

async fn take(work: &Work, lane: Lane, channel: Channel, most: usize) -> Result<Vec<Due>, String> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let mut conn = work.pool.get().await.map_err(|_| "no connection".to_owned())?;
    let taken = due::take(&mut conn, lane, channel, &work.parts.clock, most as i64).await;
    taken.map_err(|error| db::describe(&error))
}

/// Delivers one row and notes the outcome: again and again while the store is away, as long as the row is ours.
async fn finish(work: Rc<Work>, lane: Lane, due: Due, asked: Instant) {
    let ours_until = asked + lane.lease();
    // Held up for so long that another relay has it by now.
    if Instant::now() >= ours_until {
        return;
    }
    let outcome = deliver(&work, lane, &due).await;
    tell(&due, &outcome);
    while Instant::now() < ours_until {
        let noted = async {
            let mut conn = work.pool.get().await.ok()?;
            due::settle(&mut conn, &work.parts.clock, &due, &outcome).await.ok()
        };
        if noted.await.is_some() {
            return;
        }
        sleep(lane.pause()).await;
    }
    tracing::error!(outbox = %due.id, "what became of a message could not be noted; it may be sent again");
}

fn tell(due: &Due, outcome: &Outcome) {
    let (outbox, kind) = (due.id, due.kind.as_str());
    let channel = due.channel().map_or("unknown", Channel::as_str);
    let outcome = match outcome {
        Outcome::Sent { .. } => "sent",
        Outcome::Later { code, .. } => {
            tracing::warn!(%outbox, kind, channel, code, attempts = due.attempts, "a message could not be sent; it is tried again");
            "later"
        }
        Outcome::GivenUp { code } | Outcome::Bounced { code } => {
            tracing::error!(%outbox, kind, channel, code, "a message was given up");
            "givenUp"
        }
    };
    metrics::counter!("carehub_messages_out_total", "channel" => channel, "outcome" => outcome).increment(1);
}

async fn sweep(work: Rc<Work>, mut stopped: watch::Receiver<()>) {
    loop {
        let swept = async { due::sweep(&mut *work.pool.get().await.ok()?, &work.parts.clock).await.ok() };
        if swept.await.is_none() {
            tracing::warn!("the outbox could not be swept; trying again");
        }
        tokio::select! {
            _ = stopped.changed() => return,
            () = sleep(SWEEP_EVERY) => {}
        }
    }
}
