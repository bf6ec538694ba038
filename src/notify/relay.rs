//! The loops that empty the outbox, one for each lane and channel, so that neither a thousand reminders nor a mail server
//! that hangs holds up a page: take what is due, deliver it, note what became of it. On several nodes each runs them; a
//! row is one relay's at a time. What a provider was given in the moment of a crash is given to it again.

use super::{
    channel::Channel,
    deliver::{Providers, deliver},
    due::{self, Due, Outcome},
    lane::Lane,
};
use crate::{clock::Clock, crypto::Keyring, db};
use futures_util::{FutureExt, future::join_all};
use secrecy::SecretString;
use std::{rc::Rc, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, watch},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep},
};
use url::Url;

/// After the store failed.
const LONG_PAUSE: Duration = Duration::from_secs(5);
/// What one loop has under way at once.
const SLOTS: usize = 10;
/// Connections to the store of each lane.
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

/// The same, with the connections of one lane.
pub(super) struct Work {
    pub pool: db::Pool,
    pub parts: Rc<RelayParts>,
}

/// A relay that runs.
pub struct Relay {
    stop: watch::Sender<()>,
    bell: Arc<Notify>,
    loops: JoinHandle<()>,
}

impl Relay {
    /// Starts the loops on this runtime.
    pub fn start(parts: RelayParts) -> Self {
        let (stop, stopped) = watch::channel(());
        let bell = Arc::new(Notify::new());
        let parts = Rc::new(parts);
        let work = || Work { pool: db::pool(&parts.database_url, CONNECTIONS), parts: parts.clone() };
        let lanes = Lane::ALL.map(|lane| (lane, Rc::new(work())));
        let swept = lanes[1].1.clone();
        let loops: Vec<_> = lanes
            .iter()
            .flat_map(|(lane, work)| CHANNELS.map(|channel| (*lane, channel, work)))
            .filter(|(lane, channel, work)| work.parts.providers.takes(*lane, *channel))
            .map(|(lane, channel, work)| run(work.clone(), lane, channel, bell.clone(), stopped.clone()))
            .collect();
        let all = async move { tokio::join!(join_all(loops), sweep(swept, stopped)) };
        Self { stop, bell, loops: tokio::task::spawn_local(all.map(drop)) }
    }

    /// Lets every loop look at once. Nothing depends on it: they look by themselves.
    pub fn wake(&self) {
        self.bell.notify_waiters();
    }

    /// Ends the loops once what is under way is noted.
    pub async fn stop(mut self) {
        drop(self.stop);
        if tokio::time::timeout(FAREWELL, &mut self.loops).await.is_err() {
            self.loops.abort();
        }
    }
}

async fn run(work: Rc<Work>, lane: Lane, channel: Channel, bell: Arc<Notify>, mut stopped: watch::Receiver<()>) {
    // Tasks of their own: one that holds a connection goes on while this loop waits for one.
    let mut under_way = JoinSet::new();
    loop {
        let rung = bell.notified();
        let free = SLOTS - under_way.len();
        let pause = match take(&work, lane, channel, free).await {
            Ok(taken) => {
                let more = free > 0 && taken.len() == free;
                for due in taken {
                    under_way.spawn_local(finish(work.clone(), lane, due));
                }
                if more && under_way.len() < SLOTS { Duration::ZERO } else { lane.pause() }
            }
            Err(error) => {
                tracing::warn!(error, lane = lane.as_str(), channel = channel.as_str(), "the outbox cannot be read");
                LONG_PAUSE
            }
        };
        tokio::select! {
            _ = stopped.changed() => break,
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
async fn finish(work: Rc<Work>, lane: Lane, due: Due) {
    let ours_until = Instant::now() + lane.lease();
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
