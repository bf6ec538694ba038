//! The loop that empties the outbox: takes what is due, words it, sends it, and notes what became of it. On several
//! nodes each runs one; a row is one relay's at a time. An e-mail may be sent twice when a crash comes between sending
//! and noting it, and then has the same Message-ID both times.

use super::{
    due::{self, Due, Outcome},
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
use futures_util::future::join_all;
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
use tokio::{sync::oneshot, task::JoinHandle};
use url::Url;

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(1);
/// After the store failed.
const LONG_PAUSE: Duration = Duration::from_secs(5);
/// Rows taken at once.
const BATCH: i64 = 10;
/// For one e-mail, whatever the mail server does.
const PATIENCE: Duration = Duration::from_secs(60);
/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Some five hours of trying.
const ATTEMPTS: i32 = 12;
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
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Starts the loop on this runtime.
    pub fn start(parts: RelayParts) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::task::spawn_local(run(parts, stopped)) }
    }

    /// Ends the loop once what is under way is noted.
    pub async fn stop(mut self) {
        drop(self.stop);
        if tokio::time::timeout(FAREWELL, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

async fn run(parts: RelayParts, mut stopped: oneshot::Receiver<()>) {
    let mut connection = None;
    loop {
        let pause = match round(&parts, &mut connection).await {
            Ok(taken) if taken == BATCH as usize => Duration::ZERO,
            Ok(_) => PAUSE,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the outbox cannot be read");
                connection = None;
                LONG_PAUSE
            }
        };
        tokio::select! {
            _ = &mut stopped => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// One look into the outbox; how many rows there were.
async fn round(parts: &RelayParts, connection: &mut Option<AsyncPgConnection>) -> anyhow::Result<usize> {
    let conn = match connection {
        Some(conn) => conn,
        None => connection.insert(db::connect(&parts.database_url).await?),
    };
    let failed = |error| anyhow::anyhow!("{}", db::describe(&error));
    let taken = due::take(conn, BATCH).await.map_err(failed)?;
    let outcomes = join_all(taken.iter().map(|due| deliver(parts, due))).await;
    for (due, outcome) in taken.iter().zip(outcomes) {
        note(due, &outcome);
        due::settle(conn, due.id, &outcome).await.map_err(failed)?;
    }
    Ok(taken.len())
}

async fn deliver(parts: &RelayParts, due: &Due) -> Outcome {
    let letter = match open(&parts.keyring, due) {
        Some(letter) => letter,
        None => return Outcome::GivenUp { code: "unsealable".into() },
    };
    if letter.mail.expires_at().is_some_and(|at| at <= parts.clock.now()) {
        return Outcome::GivenUp { code: "expired".into() };
    }
    let zone = due.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let wording = wording::word(&letter.mail, &letter.language, Setting { hub: &parts.hub, zone });
    let Ok(message) = message::build(due.id, &parts.transport.from, &letter.address, &wording) else {
        return Outcome::GivenUp { code: "address".into() };
    };
    let sent = tokio::time::timeout(PATIENCE, parts.transport.send(due.id.to_string(), message)).await;
    match sent {
        Ok(Ok(())) => Outcome::Sent,
        Ok(Err(failure)) if failure.for_good => Outcome::GivenUp { code: failure.code },
        Ok(Err(failure)) => again(due.attempts, failure.code),
        Err(_) => again(due.attempts, "timeout".into()),
    }
}

fn open(keyring: &Keyring, due: &Due) -> Option<Letter> {
    let key = keyring.unwrap(&due.key()).ok()?;
    serde_json::from_str(&key.open(Place::Outbox { id: due.id }, &due.sealed).ok()?).ok()
}

fn again(attempts: i32, code: String) -> Outcome {
    if attempts >= ATTEMPTS {
        return Outcome::GivenUp { code };
    }
    let doublings = u32::try_from(attempts - 1).unwrap_or_default().min(10);
    Outcome::Later { after: (FIRST_WAIT * 2u32.pow(doublings)).min(LONGEST_WAIT), code }
}

fn note(due: &Due, outcome: &Outcome) {
    let (outbox, kind) = (due.id, due.kind.as_str());
    let outcome = match outcome {
        Outcome::Sent => "sent",
        Outcome::Later { code, .. } => {
            tracing::warn!(%outbox, kind, code, attempts = due.attempts, "an e-mail could not be sent; it is tried again");
            "later"
        }
        Outcome::GivenUp { code } => {
            tracing::error!(%outbox, kind, code, "an e-mail was given up");
            "givenUp"
        }
    };
    metrics::counter!("carehub_mails_total", "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_an_hour_and_end() {
        let after = |attempts| match again(attempts, "smtp 451".into()) {
            Outcome::Later { after, .. } => Some(after.as_secs()),
            _ => None,
        };
        assert_eq!([1, 2, 3, 8, 11].map(after), [Some(30), Some(60), Some(120), Some(3600), Some(3600)]);
        assert_eq!(after(ATTEMPTS), None);
    }
}
