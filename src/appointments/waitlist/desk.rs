//! What the practice does with a place on its waitlist: changes what is waited for, takes somebody off, offers a time. By
//! those who see all of the practice's appointments, and by the clinician who is waited for.

use super::{
    Waiting,
    offer::{self, Offer},
    require_ahead,
};
use crate::{
    accounts::access::Viewer,
    appointments::{access::sees_all, availability, book, state::Mode},
    audit::{self, Actor, Event},
    db,
    emergency::rota::Span,
    error::{Error, Result},
    ids::{AppointmentId, WaitingId},
    notices::{self, Kind, Notice},
};
use chrono::{DateTime, Utc};
use diesel::sql_types as sql;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// Who does it, and when.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub viewer: Viewer,
    pub actor: &'a Actor,
    pub now: DateTime<Utc>,
}

/// What is waited for from now on. With whom stays.
#[derive(Clone, Copy, Debug)]
pub struct Changed {
    pub mode: Mode,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Desk<'_> {
    /// Changes what is waited for. The place in the order stays.
    ///
    /// # Errors
    /// `NotFound` for a place that is over or not theirs to see, `Invalid`.
    pub async fn change(self, conn: &mut AsyncPgConnection, id: WaitingId, to: Changed) -> Result<Waiting> {
        conn.transaction(async |conn| {
            let waiting = self.find(conn, id).await?;
            require_ahead(to.from, to.until, self.now)?;
            db::statement("UPDATE appointment_waitlist SET mode = $2, from_at = $3, until_at = $4 WHERE id = $1")
                .bind::<sql::Uuid, _>(id)
                .bind::<sql::Text, _>(to.mode.as_str())
                .bind::<sql::Timestamptz, _>(to.from)
                .bind::<sql::Timestamptz, _>(to.until)
                .execute(conn)
                .await?;
            let detail = json!({"mode": to.mode, "from": to.from, "until": to.until});
            audit::record(conn, self.event("waitlist.changed", &waiting).with(detail)).await?;
            Ok(Waiting { mode: to.mode.as_str().to_owned(), from_at: to.from, until_at: to.until, ..waiting })
        })
        .await
    }

    /// Takes somebody off the waitlist, and tells them. What they were offered stays offered.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove(self, conn: &mut AsyncPgConnection, id: WaitingId) -> Result<()> {
        conn.transaction(async |conn| {
            let waiting = self.find(conn, id).await?;
            db::statement("UPDATE appointment_waitlist SET ended_at = $2, ended_because = 'removed' WHERE id = $1")
                .bind::<sql::Uuid, _>(id)
                .bind::<sql::Timestamptz, _>(self.now)
                .execute(conn)
                .await?;
            let notice = Notice::new(waiting.client_id, Kind::WaitlistRemoved, Some(waiting.id.0));
            notices::tell(conn, &notice).await?;
            Ok(audit::record(conn, self.event("waitlist.removed", &waiting)).await?)
        })
        .await
    }

    /// Offers them a time, whoever waits longer. They are told, and it is kept for them as every offer is. True where that
    /// was done before under the offer's id.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` for a time that is too near or far, `Conflict` where it is taken or the id stands for something
    /// else.
    pub async fn offer(
        self,
        conn: &mut AsyncPgConnection,
        id: WaitingId,
        offered: AppointmentId,
        starts_at: DateTime<Utc>,
    ) -> Result<bool> {
        conn.transaction(async |conn| {
            let waiting = self.find(conn, id).await;
            let made = offer::is_made(conn, id, offered, starts_at).await?;
            // Who took it waits no more.
            if made == Some(true) {
                return Ok(true);
            }
            let waiting = waiting?;
            if made == Some(false) {
                return Err(Error::conflict("This Idempotency-Key was used for something else. Take a new one."));
            }
            book::require_ahead(starts_at, self.now)?;
            let Some(until) = offer::kept_until(starts_at, self.now) else {
                return Err(Error::field("/startsAt", "Choose a time that is more than an hour ahead."));
            };
            book::lapse(conn, waiting.clinician_id, None, self.now).await?;
            let stored = availability::read(conn, self.viewer.practice, waiting.clinician_id, self.now).await?;
            let Some(schedule) = stored.map(|stored| stored.schedule) else {
                return Err(Error::conflict("This clinician takes no appointments at the moment."));
            };
            let offer = Offer {
                id: offered,
                practice: self.viewer.practice,
                during: Span { from: starts_at, until: starts_at + schedule.session },
                buffer: schedule.buffer,
                until,
            };
            if !offer::keep(conn, &waiting, &offer, self.actor, self.now).await? {
                return Err(Error::conflict(book::TAKEN));
            }
            Ok(false)
        })
        .await
    }

    /// A place that the viewer may see. Until the transaction ends it stays as it was found; the clinician's lock comes
    /// first, as everywhere.
    async fn find(self, conn: &mut AsyncPgConnection, id: WaitingId) -> Result<Waiting> {
        let found = self.read(conn, id, "").await?;
        book::lock(conn, found.clinician_id).await?;
        self.read(conn, id, "FOR UPDATE").await
    }

    async fn read(self, conn: &mut AsyncPgConnection, id: WaitingId, locking: &str) -> Result<Waiting> {
        let text = format!(
            "SELECT id, client_id, clinician_id, mode, from_at, until_at, made_at FROM appointment_waitlist
            WHERE id = $1 AND practice_id = $2 AND ended_at IS NULL AND ($3 OR clinician_id = $4) {locking}"
        );
        let found = db::statement(text)
            .bind::<sql::Uuid, _>(id)
            .bind::<sql::Uuid, _>(self.viewer.practice)
            .bind::<sql::Bool, _>(sees_all(self.viewer))
            .bind::<sql::Uuid, _>(self.viewer.user)
            .get_result(conn)
            .await?;
        Ok(found)
    }

    fn event(&self, action: &'static str, about: &Waiting) -> Event<'_> {
        Event::new(self.actor, action).of_client(about.client_id).on("waiting", about.id)
    }
}
