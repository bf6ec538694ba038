//! Every step of an appointment after it was made. Each is one transaction: the row, the notices, the reminders, a fee
//! that was agreed to, an offer of the time that became free, and the row of the audit log.

use super::{
    access::{self, Appointment, AppointmentAccess},
    availability, book, policy,
    policy::{Money, Rules},
    state::{State, Step},
    tell, waitlist,
};
use crate::{
    accounts::{Role, access::Viewer},
    audit::{self, Actor},
    db,
    emergency::rota::Span,
    error::{Error, Result},
    ids::AppointmentId,
    notices::{self, Kind},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    result::{DatabaseErrorKind, Error as Diesel},
    sql_types as sql,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use uuid::Uuid;

/// So long before it begins somebody may already be there, or not come.
const EARLY: TimeDelta = TimeDelta::hours(2);

/// Who takes a step, and when.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    pub viewer: Viewer,
    pub actor: &'a Actor,
    pub now: DateTime<Utc>,
}

/// Where an appointment goes by a step.
struct Turn {
    step: Step,
    /// Elsewhere in time, with the buffer after it.
    to: Option<(Span, TimeDelta)>,
    kind: Option<Kind>,
    action: &'static str,
    because: &'static str,
    fee: Option<Money>,
}

impl Turn {
    fn new(step: Step, action: &'static str) -> Self {
        Self { step, to: None, kind: None, action, because: "cancelledLate", fee: None }
    }

    fn telling(self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self }
    }
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
            if found.appointment.tentative_until.is_some_and(|until| until <= self.now) {
                return Err(Error::conflict("This offer is over: the time went to somebody else."));
            }
            if found.appointment.during.from <= self.now {
                return Err(Error::conflict("This time is over. Ask for another one."));
            }
            waitlist::taken(conn, id, self.now).await?;
            notices::cancel(conn, Kind::AppointmentOffered, id.0, self.now).await?;
            let turn = Turn::new(Step::Accept, "appointment.accepted").telling(Kind::AppointmentConfirmed);
            self.turn(conn, &found, turn).await
        })
        .await
    }

    /// The practice names another time, of the same length.
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

    /// Somebody cancels it: a client by the practice's policy, the practice as it must; with those of its series that
    /// follow, where the practice says so. How many that were.
    pub async fn cancel(
        self,
        conn: &mut AsyncPgConnection,
        id: AppointmentId,
        accept_fee: bool,
        following: bool,
    ) -> Result<usize> {
        conn.transaction(async |conn| {
            let found = access::find_to_change(conn, self.viewer, id).await?;
            let mut turn = Turn::new(Step::Cancel, "appointment.cancelled");
            if found.appointment.state != State::Offered {
                turn.kind = Some(Kind::AppointmentCancelled);
            }
            if self.viewer.role == Role::Client {
                let rules = policy::read(conn, self.viewer.practice).await?.rules;
                next(found.appointment.state, Step::Cancel)?;
                turn.fee = given_up(&rules, &found.appointment, self.now, accept_fee)?;
            }
            self.turn(conn, &found, turn).await?;
            let mut cancelled = 1;
            if following && self.viewer.role != Role::Client {
                for id in followers(conn, &found.appointment).await? {
                    let next = access::find_to_change(conn, self.viewer, id).await?;
                    self.turn(conn, &next, Turn::new(Step::Cancel, "appointment.cancelled")).await?;
                    cancelled += 1;
                }
            }
            Ok(cancelled)
        })
        .await
    }

    async fn simply(self, conn: &mut AsyncPgConnection, id: AppointmentId, turn: Turn) -> Result<()> {
        conn.transaction(async |conn| {
            let found = access::find_to_change(conn, self.viewer, id).await?;
            let arrives = matches!(turn.step, Step::CheckIn | Step::Complete | Step::NoShow);
            if arrives && found.appointment.during.from > self.now + EARLY {
                return Err(Error::conflict("This appointment is not near yet."));
            }
            self.turn(conn, &found, turn).await
        })
        .await
    }

    async fn moved_by_practice(
        self,
        conn: &mut AsyncPgConnection,
        id: AppointmentId,
        starts_at: DateTime<Utc>,
        mut turn: Turn,
    ) -> Result<()> {
        if starts_at <= self.now {
            return Err(Error::field("/startsAt", "Choose a time that is ahead."));
        }
        conn.transaction(async |conn| {
            let found = access::find_to_change(conn, self.viewer, id).await?;
            next(found.appointment.state, turn.step)?;
            let Appointment { practice, clinician, during, .. } = found.appointment;
            book::lapse(conn, clinician, None, self.now).await?;
            let stored = availability::read(conn, practice, clinician, self.now).await?;
            let buffer = stored.map_or(TimeDelta::zero(), |stored| stored.schedule.buffer);
            turn.to = Some((Span { from: starts_at, until: starts_at + (during.until - during.from) }, buffer));
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
        busy.retain(|span| span.from != of.during.from);
        let beginning = Span { from: starts_at, until: starts_at + TimeDelta::microseconds(1) };
        let slot = super::slots::free(&schedule, &busy, beginning, self.now).into_iter().next();
        Ok((slot.ok_or(Error::conflict(book::TAKEN))?, schedule.buffer))
    }

    /// Takes the step.
    async fn turn(self, conn: &mut AsyncPgConnection, found: &AppointmentAccess, turn: Turn) -> Result<()> {
        let before = &found.appointment;
        let state = next(before.state, turn.step)?;
        let by = self.viewer.user;
        let during = turn.to.map_or(before.during, |(during, _)| during);
        // Calendars are told of what they show.
        let shows = turn.to.is_some() || state == State::Cancelled || before.state != State::Confirmed;
        let after = Appointment {
            state,
            during,
            sequence: before.sequence + i32::from(shows),
            tentative_until: None,
            changed_at: self.now,
            ..before.clone()
        };
        write(conn, &after, turn.to.map(|(_, buffer)| buffer), self.viewer.role).await?;
        let rules = policy::read(conn, before.practice).await?.rules;
        if let Some(kind) = turn.kind {
            tell::others(conn, &after, kind, by).await?;
        }
        tell::remind(conn, &after, &rules, self.now).await?;
        if let Some(fee) = &turn.fee {
            book_fee(conn, &after, turn.because, fee, self.now).await?;
        }
        let fee = turn.fee.as_ref().map(|fee| fee.amount);
        let detail = json!({"from": before.state, "to": state, "startsAt": during.from, "fee": fee});
        audit::record(conn, found.event(self.actor, turn.action).with(detail)).await?;
        if turn.to.is_some() || state == State::Cancelled {
            notices::cancel(conn, Kind::AppointmentOffered, before.id.0, self.now).await?;
            waitlist::offer(conn, before, self.now).await?;
        }
        Ok(())
    }
}

fn next(state: State, step: Step) -> Result<State> {
    state.after(step).ok_or(Error::conflict("This cannot be done with the appointment as it stands now. Look again."))
}

fn given_up(rules: &Rules, of: &Appointment, now: DateTime<Utc>, accept_fee: bool) -> Result<Option<Money>> {
    match rules.give_up(of.state, of.during.from, now, accept_fee) {
        Ok(fee) => Ok(fee.cloned()),
        Err(refusal) => Err(rules.refused(refusal)),
    }
}

async fn write(conn: &mut AsyncPgConnection, after: &Appointment, buffer: Option<TimeDelta>, role: Role) -> Result<()> {
    let by = match after.state {
        State::Cancelled if role == Role::Client => Some("client"),
        State::Cancelled => Some("practice"),
        _ => None,
    };
    let written = db::statement(
        "UPDATE appointments SET state = $2, during = tstzrange($3, $4),
            taken = CASE WHEN $5 IS NULL THEN taken ELSE tstzrange($3, $5) END,
            tentative_until = NULL, cancelled_by = $6, sequence = $7, changed_at = $8 WHERE id = $1",
    )
    .bind::<sql::Uuid, _>(after.id)
    .bind::<sql::Text, _>(after.state.as_str())
    .bind::<sql::Timestamptz, _>(after.during.from)
    .bind::<sql::Timestamptz, _>(after.during.until)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(buffer.map(|buffer| after.during.until + buffer))
    .bind::<sql::Nullable<sql::Text>, _>(by)
    .bind::<sql::Integer, _>(after.sequence)
    .bind::<sql::Timestamptz, _>(after.changed_at)
    .execute(conn)
    .await;
    match written {
        Err(Diesel::DatabaseError(DatabaseErrorKind::ExclusionViolation, _)) => Err(Error::conflict(book::TAKEN)),
        other => Ok(other.map(|_| ())?),
    }
}

async fn book_fee(
    conn: &mut AsyncPgConnection,
    of: &Appointment,
    because: &str,
    fee: &Money,
    now: DateTime<Utc>,
) -> Result<()> {
    db::statement(
        "INSERT INTO appointment_fees (id, appointment_id, practice_id, client_id, because, amount, currency, accepted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<sql::Uuid, _>(Uuid::now_v7())
    .bind::<sql::Uuid, _>(of.id)
    .bind::<sql::Uuid, _>(of.practice)
    .bind::<sql::Uuid, _>(of.client)
    .bind::<sql::Text, _>(because)
    .bind::<sql::BigInt, _>(fee.amount)
    .bind::<sql::Text, _>(&fee.currency)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Those of the same series that come after it and are not over.
async fn followers(conn: &mut AsyncPgConnection, of: &Appointment) -> Result<Vec<AppointmentId>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: AppointmentId,
    }
    let rows: Vec<Row> = db::statement(
        "SELECT id FROM appointments WHERE series_id = $1 AND lower(during) > $2
            AND state IN ('requested', 'proposed', 'rescheduled', 'confirmed') ORDER BY lower(during)",
    )
    .bind::<sql::Nullable<sql::Uuid>, _>(of.series)
    .bind::<sql::Timestamptz, _>(of.during.from)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
