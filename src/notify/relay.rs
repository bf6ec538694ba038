//! The loops that empty the outbox, one a lane: take what is due, words it, sends it, and notes what became of it. On several
//! nodes each runs one; a row is one relay's at a time. An e-mail may be sent twice when a crash comes between sending
//! and noting it, and then has the same Message-ID both times.

use super::{
    content::Content,
    due::{self, Due, Outcome},
    lane::Lane,
    message,
    outbox::Letter,
    transport::Transport,
    wording::{self, Setting},
};
use crate::{
    clock::Clock,
    crypto::{Keyring, Place},
    db,
};
use diesel_async::AsyncPgConnection;
use futures_util::{FutureExt, future::join_all};
use secrecy::SecretString;
use std::{rc::Rc, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle};
use url::Url;

/// After the store failed.
const LONG_PAUSE: Duration = Duration::from_secs(5);
/// Rows taken at once.
const BATCH: i64 = 10;
/// What is under way when the hub stops has so long.
const FAREWELL: Duration = Duration::from_secs(5);

/// What the relay works with.
pub struct RelayParts {
    pub database_url: SecretString,
    pub keyring: Arc<Keyring>,
    pub clock: Clock,
    pub transport: Transport,
    /// The hub as browsers reach it.
    pub hub: Url,
}

/// A relay that runs.
pub struct Relay {
    stop: watch::Sender<()>,
    lanes: JoinHandle<()>,
}

impl Relay {
    /// Starts the loops on this runtime.
    pub fn start(parts: RelayParts) -> Self {
        let (stop, stopped) = watch::channel(());
        let parts = Rc::new(parts);
        let lanes = Lane::ALL.map(|lane| run(parts.clone(), lane, stopped.clone()));
        Self { stop, lanes: tokio::task::spawn_local(join_all(lanes).map(drop)) }
    }

    /// Ends the loops once what is under way is noted.
    pub async fn stop(mut self) {
        drop(self.stop);
        if tokio::time::timeout(FAREWELL, &mut self.lanes).await.is_err() {
            self.lanes.abort();
        }
    }
}

async fn run(parts: Rc<RelayParts>, lane: Lane, mut stopped: watch::Receiver<()>) {
    let mut connection = None;
    loop {
        let pause = match round(&parts, lane, &mut connection).await {
            Ok(taken) if taken == BATCH as usize => Duration::ZERO,
            Ok(_) => lane.pause(),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), lane = lane.as_str(), "the outbox cannot be read");
                connection = None;
                LONG_PAUSE
            }
        };
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// One look into the outbox; how many rows there were.
async fn round(parts: &RelayParts, lane: Lane, connection: &mut Option<AsyncPgConnection>) -> anyhow::Result<usize> {
    let conn = match connection {
        Some(conn) => conn,
        None => connection.insert(db::connect(&parts.database_url).await?),
    };
    let failed = |error| anyhow::anyhow!("{}", db::describe(&error));
    let taken = due::take(conn, lane, &parts.clock, BATCH).await.map_err(failed)?;
    let outcomes = join_all(taken.iter().map(|due| deliver(parts, lane, due))).await;
    for (due, outcome) in taken.iter().zip(outcomes) {
        note(due, &outcome);
        due::settle(conn, &parts.clock, due, &outcome).await.map_err(failed)?;
    }
    Ok(taken.len())
}

async fn deliver(parts: &RelayParts, lane: Lane, due: &Due) -> Outcome {
    let letter = match open(&parts.keyring, due) {
        Some(letter) => letter,
        None => return Outcome::GivenUp { code: "unsealable".into() },
    };
    let Content::Mail(mail) = &letter.content else { return Outcome::GivenUp { code: "channel".into() } };
    if due.is_over {
        return Outcome::GivenUp { code: "expired".into() };
    }
    let zone = due.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let wording = wording::word(mail, &letter.language, Setting { hub: &parts.hub, zone });
    let Ok(message) = message::build(due.id, &parts.transport.from, &letter.address, &wording) else {
        return Outcome::GivenUp { code: "address".into() };
    };
    let sent = tokio::time::timeout(lane.patience(), parts.transport.send(due.id.to_string(), message)).await;
    match sent {
        Ok(Ok(())) => Outcome::Sent { provider_id: None },
        Ok(Err(failure)) if failure.for_good => Outcome::GivenUp { code: failure.code },
        Ok(Err(failure)) => again(lane, due.attempts, failure.code),
        Err(_) => again(lane, due.attempts, "timeout".into()),
    }
}

fn open(keyring: &Keyring, due: &Due) -> Option<Letter> {
    let key = keyring.unwrap(&due.key()).ok()?;
    serde_json::from_str(&key.open(Place::Outbox { id: due.id }, &due.sealed).ok()?).ok()
}

fn again(lane: Lane, attempts: i32, code: String) -> Outcome {
    match attempts < lane.attempts() {
        true => Outcome::Later { after: lane.wait(attempts), at_least: Duration::ZERO, code },
        false => Outcome::GivenUp { code },
    }
}

fn note(due: &Due, outcome: &Outcome) {
    let (outbox, kind) = (due.id, due.kind.as_str());
    let outcome = match outcome {
        Outcome::Sent { .. } => "sent",
        Outcome::Later { code, .. } => {
            tracing::warn!(%outbox, kind, code, attempts = due.attempts, "an e-mail could not be sent; it is tried again");
            "later"
        }
        Outcome::GivenUp { code } | Outcome::Bounced { code } => {
            tracing::error!(%outbox, kind, code, "an e-mail was given up");
            "givenUp"
        }
    };
    metrics::counter!("carehub_mails_total", "outcome" => outcome).increment(1);
}
