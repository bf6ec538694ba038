//! Every step of an appointment after it was made. Each is one transaction: the row, the notices, the reminders, a fee
//! that was agreed to, an offer of the time that became free, and the row of the audit log.
//!
//! Here are the steps of one appointment. [`whole`]: those of a series; `turn`: how a step is written.

mod turn;
pub mod whole;

use super::{
    access::{self, Appointment},
    availability, book, policy,
    policy::{Money, Refusal, Rules},
    state::{State, Step},
    waitlist,
};
use crate::{
    accounts::{Role, access::Viewer},
    audit::Actor,
    emergency::rota::Span,
    error::{Error, Result},
    ids::AppointmentId,
    notices::{self, Kind},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use turn::{Turn, next};

/// So long before it begins somebody may already be there.
const EARLY: TimeDelta = TimeDelta::hours(2);

/// Who takes a step, and when.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    pub viewer: Viewer,
    pub actor: &'a Actor,
    pub now: DateTime<Utc>,
}

impl Act<'_> {
    /// The practice says yes.
    pub async fn confirm(self, conn: &mut AsyncPgConnection, id: AppointmentId) -> Result<()> {
        let turn = Turn::new(Step::Confirm, "appointment.confirmed").telling(Kind::AppointmentConfirmed);
        self.simply(conn, id, turn).await
    }

    /// The client is there.
    pub async fn check_in(self, conn: &mut AsyncPgConnection, id: AppointmentId) -> Result<()> {
        self.simply(conn, id, Turn::new(Step::CheckIn, "appointment.checkedIn")).await
    }

    /// It took place.
    pub async fn complete(self, conn: &mut AsyncPgConnection, id: AppointmentId) -> Result<()> {
        self.simply(conn, id, Turn::new(Step::Complete, "appointment.completed")).await
    }

    /// The client did not come.
    pub async fn no_show(self, conn: &mut AsyncPgConnection, id: AppointmentId) -> Result<()> {
        self.simply(conn, id, Turn::new(Step::NoShow, "appointment.missed")).await
    }

    /// The client takes what was proposed or offered.
    pub async fn accept(self, conn: &mut AsyncPgConnection, id: AppointmentId) -> Result<()> {
        conn.transaction(async |conn| {
            let found = access::find_to_change(conn, self.viewer, id).await?;
            policy::read(conn, self.viewer.practice).await?.rules.require_view()?;
            if found.appointment.tentative_until.is_some_and(|until| until <= self.now) {
                return Err(Error::conflict("This offer is over: the time went to somebody else."));
            }
            self.require_ahead(&found.appointment)?;
            waitlist::offer::taken(conn, id, self.now).await?;
            notices::cancel(conn, Kind::AppointmentOffered, id.0, self.now).await?;
            let mut turn = Turn::new(Step::Accept, "appointment.accepted").telling(Kind::AppointmentConfirmed);
            if found.appointment.state == State::Confirmed {
                turn.to = Some(self.proposal(&found.appointment)?);
            }
            self.turn(conn, &found, turn).await
        })
        .await
    }

    /// The client does not want the other time that was proposed, or the practice takes it back: what was confirmed stays.
    pub async fn decline(self, conn: &mut AsyncPgConnection, id: AppointmentId) -> Result<()> {
        let action = match self.viewer.role {
            Role::Client => "appointment.declined",
            _ => "appointment.withdrawn",
        };
        conn.transaction(async |conn| {
            let found = access::find_to_change(conn, self.viewer, id).await?;
            if self.viewer.role == Role::Client {
                policy::read(conn, self.viewer.practice).await?.rules.require_view()?;
            }
            self.proposal(&found.appointment)?;
            self.turn(conn, &found, Turn::new(Step::Decline, action).telling(Kind::AppointmentChanged)).await
        })
        .await
    }

    /// The practice names another time, of the same length. What is confirmed keeps its own until the client takes it.
    pub async fn propose(
        self,
        conn: &mut AsyncPgConnection,
        id: AppointmentId,
        starts_at: DateTime<Utc>,
    ) -> Result<()> {
        let turn = Turn::new(Step::Propose, "appointment.proposed").telling(Kind::AppointmentChanged);
        self.moved_by_practice(conn, id, starts_at, turn).await
    }

    /// The practice moves it.
    pub async fn settle(self, conn: &mut AsyncPgConnection, id: AppointmentId, starts_at: DateTime<Utc>) -> Result<()> {
        let turn = Turn::new(Step::Settle, "appointment.moved").telling(Kind::AppointmentChanged);
        self.moved_by_practice(conn, id, starts_at, turn).await
    }

    /// The client moves it: for the practice to confirm, unless clients book by themselves.
    ///
    /// # Errors
    /// `Conflict` by the practice's policy, or where the time is gone.
    pub async fn reschedule(
        self,
        conn: &mut AsyncPgConnection,
        id: AppointmentId,
        starts_at: DateTime<Utc>,
        accept_fee: bool,
    ) -> Result<()> {
        conn.transaction(async |conn| {
            let found = access::find_to_change(conn, self.viewer, id).await?;
            let rules = policy::read(conn, self.viewer.practice).await?.rules;
            rules.require_view()?;
            if !rules.may_cancel {
                return Err(rules.refused(Refusal::PhoneOnly));
            }
            let fee = given_up(&rules, &found.appointment, self.now, accept_fee)?;
            let step = if rules.may_book { Step::Settle } else { Step::Move };
            let mut turn = Turn { fee, because: "movedLate", ..Turn::new(step, "appointment.moved") };
            turn.kind = Some(if rules.may_book { Kind::AppointmentChanged } else { Kind::AppointmentRequested });
            next(found.appointment.state, step)?;
            book::lapse(conn, found.appointment.clinician, Some(self.viewer.user), self.now).await?;
            turn.to = Some(self.free_beside(conn, &found.appointment, starts_at).await?);
            self.turn(conn, &found, turn).await
        })
        .await
    }

    /// Somebody cancels it: a client by the practice's policy, the practice as it must.
    pub async fn cancel(self, conn: &mut AsyncPgConnection, id: AppointmentId, accept_fee: bool) -> Result<()> {
        conn.transaction(async |conn| {
            let found = access::find_to_change(conn, self.viewer, id).await?;
            let mut turn = Turn::new(Step::Cancel, "appointment.cancelled");
            if found.appointment.state != State::Offered {
                turn.kind = Some(Kind::AppointmentCancelled);
            }
            if self.viewer.role == Role::Client {
                let rules = policy::read(conn, self.viewer.practice).await?.rules;
                rules.require_view()?;
                next(found.appointment.state, Step::Cancel)?;
                turn.fee = given_up(&rules, &found.appointment, self.now, accept_fee)?;
            }
            self.turn(conn, &found, turn).await
        })
        .await
    }

    async fn simply(self, conn: &mut AsyncPgConnection, id: AppointmentId, turn: Turn) -> Result<()> {
        conn.transaction(async |conn| {
            let found = access::find_to_change(conn, self.viewer, id).await?;
            let begins = found.appointment.during.from;
            match turn.step {
                Step::Confirm => self.require_ahead(&found.appointment)?,
                Step::CheckIn | Step::Complete if begins > self.now + EARLY => {
                    return Err(Error::conflict("This appointment is not near yet."));
                }
                Step::NoShow if begins > self.now => {
                    return Err(Error::conflict("This appointment has not begun yet: the client may still come."));
                }
                _ => {}
            }
            self.turn(conn, &found, turn).await
        })
        .await
    }

    /// The other time that is proposed for what is confirmed.
    fn proposal(self, of: &Appointment) -> Result<(Span, TimeDelta)> {
        of.proposal(self.now).filter(|_| of.state == State::Confirmed).ok_or_else(turn::refused)
    }

    /// Nobody agrees to a time that is over.
    fn require_ahead(self, found: &Appointment) -> Result<()> {
        if found.during.from > self.now {
            return Ok(());
        }
        Err(Error::conflict("This time is over. Choose another one."))
    }

    async fn moved_by_practice(
        self,
        conn: &mut AsyncPgConnection,
        id: AppointmentId,
        starts_at: DateTime<Utc>,
        mut turn: Turn,
    ) -> Result<()> {
        book::require_ahead(starts_at, self.now)?;
        conn.transaction(async |conn| {
            let found = access::find_to_change(conn, self.viewer, id).await?;
            next(found.appointment.state, turn.step)?;
            let Appointment { practice, clinician, during, .. } = found.appointment;
            book::lapse(conn, clinician, None, self.now).await?;
            let stored = availability::read(conn, practice, clinician, self.now).await?;
            let buffer = stored.map_or(TimeDelta::zero(), |stored| stored.schedule.buffer);
            let to = (Span { from: starts_at, until: starts_at + (during.until - during.from) }, buffer);
            if turn.step == Step::Propose && found.appointment.state == State::Confirmed {
                if starts_at == during.from {
                    return Err(Error::field("/startsAt", "It is at this time already."));
                }
                turn.proposed = Some(to);
            } else {
                turn.to = Some(to);
            }
            self.turn(conn, &found, turn).await
        })
        .await
    }

    /// A free time, as if this appointment were not there. Its own length stays.
    async fn free_beside(
        self,
        conn: &mut AsyncPgConnection,
        of: &Appointment,
        starts_at: DateTime<Utc>,
    ) -> Result<(Span, TimeDelta)> {
        let stored = availability::read(conn, of.practice, of.clinician, self.now).await?;
        let Some(mut schedule) = stored.map(|stored| stored.schedule) else { return Err(Error::conflict(book::TAKEN)) };
        schedule.session = of.during.until - of.during.from;
        let reach = Span { from: starts_at, until: starts_at + schedule.session + schedule.buffer };
        let mut busy = book::taken(conn, of.clinician, reach, None, self.now).await?;
        let own = [Some(of.during), of.proposal(self.now).map(|(span, _)| span)].map(|span| span.map(|span| span.from));
        busy.retain(|span| !own.contains(&Some(span.from)));
        let beginning = Span { from: starts_at, until: starts_at + TimeDelta::microseconds(1) };
        let slot = super::slots::free(&schedule, &busy, beginning, self.now).into_iter().next();
        Ok((slot.ok_or(Error::conflict(book::TAKEN))?, schedule.buffer))
    }
}

fn given_up(rules: &Rules, of: &Appointment, now: DateTime<Utc>, accept_fee: bool) -> Result<Option<Money>> {
    match rules.give_up(of.state, of.during.from, now, accept_fee) {
        Ok(fee) => Ok(fee.cloned()),
        Err(refusal) => Err(rules.refused(refusal)),
    }
}
