//! The loop that brings notices on: every second it looks for what is due in the store and carries it out, a transaction at
//! a time. On several hubs each runs one; all it knows is in the store, but for how far it has shown them. Killed at any
//! moment it has done a step or not, and the next look goes on.

use super::{dispatch, list::Notification, live, pool, reminders, telling, turns, unread};
use crate::{clock::Clock, crypto::Keyring, db, error::Result, ids::UserId};
use diesel_async::AsyncPgConnection;
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);
/// In so many looks once for messages that stay unread.
const UNREAD_EVERY: u32 = 5;
/// Batches of one step in one look, so that no step holds up the others for long.
const BATCHES: usize = 20;
/// After the store failed.
const PAUSE: Duration = Duration::from_secs(5);
/// A look that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Shows a notice to whoever is connected.
pub type Show = Arc<dyn Fn(UserId, &Notification) + Send + Sync>;

/// What the loop works with.
pub struct Engine {
    pub database_url: SecretString,
    pub keyring: Arc<Keyring>,
    pub clock: Clock,
    pub show: Show,
    /// At messages that stay unread.
    pub looking: unread::Looking,
}

/// One connection and what was shown.
struct Look {
    conn: AsyncPgConnection,
    shown: i64,
    looks: u32,
}

impl Engine {
    /// Looks every second from now on.
    pub fn keep_going(self) {
        actix::spawn(async move {
            let mut look = None;
            // Across failures of the store: what is told meanwhile is shown afterwards.
            let mut shown = None;
            loop {
                let outcome = tokio::time::timeout(PATIENCE, self.look(&mut look, &mut shown)).await;
                let pause = match outcome {
                    Ok(Ok(())) => EVERY,
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "notices could not be looked at; trying again");
                        PAUSE
                    }
                    Err(_) => {
                        tracing::warn!("looking at notices took too long; trying again");
                        PAUSE
                    }
                };
                if pause == PAUSE {
                    look = None;
                }
                tokio::time::sleep(pause).await;
            }
        });
    }

    async fn look(&self, look: &mut Option<Look>, shown: &mut Option<i64>) -> Result<()> {
        if look.is_none() {
            let mut conn = db::connect(&self.database_url).await?;
            let from = match *shown {
                Some(from) => from,
                None => live::newest(&mut conn).await?,
            };
            *look = Some(Look { conn, shown: from, looks: 0 });
        }
        let Some(look) = look.as_mut() else { return Ok(()) };
        self.step(look).await?;
        *shown = Some(look.shown);
        Ok(())
    }

    async fn step(&self, look: &mut Look) -> Result<()> {
        let (conn, keyring) = (&mut look.conn, self.keyring.as_ref());
        if look.looks.is_multiple_of(UNREAD_EVERY) {
            unread::close_read(conn, None, self.clock.now()).await?;
            pool::close_taken(conn, None, self.clock.now()).await?;
            unread::look(conn, &self.looking, self.clock.now()).await?;
        }
        look.looks = look.looks.wrapping_add(1);
        for _ in 0..BATCHES {
            if reminders::tell_due(conn, self.clock.now()).await? < reminders::AT_ONCE as usize {
                break;
            }
        }
        for _ in 0..BATCHES {
            let told = telling::tell_due(conn, self.clock.now()).await?;
            self.show_new(conn, &mut look.shown).await?;
            if told < telling::AT_ONCE as usize {
                break;
            }
        }
        turns::close(conn, self.clock.now()).await?;
        for _ in 0..BATCHES {
            if dispatch::send_due(conn, keyring, self.clock.now()).await? < dispatch::AT_ONCE as usize {
                break;
            }
        }
        for _ in 0..dispatch::DIGESTS_AT_ONCE {
            if dispatch::send_digest(conn, keyring, self.clock.now()).await? == 0 {
                break;
            }
        }
        Ok(())
    }

    async fn show_new(&self, conn: &mut AsyncPgConnection, shown: &mut i64) -> Result<()> {
        loop {
            let (told, last) = live::since(conn, *shown).await?;
            for (user, notification) in &told {
                (self.show)(*user, notification);
            }
            if last == *shown {
                return Ok(());
            }
            *shown = last;
        }
    }
}
