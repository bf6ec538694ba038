//! One person's open connection into one thread, ready to talk. Owns how it is taken: connect,
//! sign in, learn where the thread stands.

use crate::clock::Clock;
use crate::history::{Book, Recorder};
use crate::session::{Broken, Session, Target, Welcome};
use crate::tokens::Person;
use crate::window::Unconfirmed;
use crate::wire::{Dialect, Request};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// A connection that knows where its thread stands.
pub struct Seat {
    pub session: Session,
    pub recorder: Recorder,
    pub welcome: Welcome,
    pub user: Uuid,
    pub thread: Uuid,
    /// The thread's last `seq` when the seat was taken.
    pub base: u64,
}

impl Seat {
    /// Takes a seat. Nothing may be sent into the thread meanwhile.
    pub async fn take(
        target: &Target,
        book: &Arc<Book>,
        clock: Clock,
        person: &Person,
        thread: Uuid,
    ) -> Result<Self, Broken> {
        let (session, welcome) = Session::open(target, &person.token, person.id, &[thread], None).await?;
        let mut seat = Self { session, recorder: book.recorder(person.id), welcome, user: person.id, thread, base: 0 };
        if target.dialect == Dialect::Carehub {
            let synced = tokio::time::timeout(Duration::from_secs(15), seat.synced(clock)).await;
            seat.base = synced.map_err(|_| Broken::Lost("no `synced` within 15 s".into()))??;
        }
        seat.recorder.start(clock.now(), thread, seat.base);
        Ok(seat)
    }

    async fn synced(&mut self, clock: Clock) -> Result<u64, Broken> {
        self.recorder.asked(clock.now());
        self.session.say(Request::Sync { cursor: None, have: &BTreeMap::new() }.to_json()).await?;
        loop {
            let text = self.session.next().await?;
            let Some(frame) = self.session.parse(&text)? else { continue };
            self.recorder.frame(clock.now(), &frame);
            match &*frame.name {
                "synced" => {
                    let summaries =
                        frame.summaries().map_err(|error| Broken::Lost(format!("`synced` not understood: {error}")))?;
                    let ours = summaries.iter().find(|summary| summary.id == self.thread);
                    return ours
                        .map(|summary| summary.head)
                        .ok_or_else(|| Broken::Lost("`synced` does not name the thread".into()));
                }
                "error" => return Err(Broken::Lost(format!("`sync` was refused: {} ({})", frame.code, frame.message))),
                _ => {}
            }
        }
    }

    /// Counts what this seat has not confirmed: as asked, or by the window.
    pub fn unconfirmed(&self, every: Option<u64>) -> Unconfirmed {
        Unconfirmed::new(self.welcome.window, every).staggered(self.recorder.device())
    }
}
