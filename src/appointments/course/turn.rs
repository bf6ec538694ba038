//! How a step is written: the row, the fee and the audit log at once; then whoever is told, and what else follows from it.
//! Of a series all rows are written first: nobody is offered a time that the next of its appointments moves to.

use super::Act;
use crate::{
    accounts::Role,
    appointments::{
        access::{Appointment, AppointmentAccess},
        book, policy,
        policy::Money,
        state::{Mode, State, Step},
        tell, waitlist,
    },
    audit, db,
    emergency::rota::Span,
    error::{Error, Result},
    notices::{self, Kind},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    result::{DatabaseErrorKind, Error as Diesel},
    sql_types as sql,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use uuid::Uuid;

/// Where an appointment goes by a step.
pub(super) struct Turn {
    pub step: Step,
    /// Elsewhere in time, with the buffer after it.
    pub to: Option<(Span, TimeDelta)>,
    /// Another time for what stays as it is, with the buffer after it.
    pub proposed: Option<(Span, TimeDelta)>,
    /// From now on one meets so.
    pub mode: Option<Mode>,
    pub kind: Option<Kind>,
    pub action: &'static str,
    pub because: &'static str,
    pub fee: Option<Money>,
}

impl Turn {
    pub fn new(step: Step, action: &'static str) -> Self {
        Self { step, to: None, proposed: None, mode: None, kind: None, action, because: "cancelledLate", fee: None }
    }

    pub fn telling(self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self }
    }
}

impl Act<'_> {
    /// Takes the step, with all that follows from it.
    pub(super) async fn turn(self, conn: &mut AsyncPgConnection, found: &AppointmentAccess, turn: Turn) -> Result<()> {
        let after = self.write(conn, found, &turn).await?;
        if let Some(kind) = turn.kind {
            tell::others(conn, &after, kind, self.viewer.user).await?;
        }
        self.follow_up(conn, &found.appointment, &after).await
    }

    /// The row alone; the appointment as it is then.
    pub(super) async fn write(
        self,
        conn: &mut AsyncPgConnection,
        found: &AppointmentAccess,
        turn: &Turn,
    ) -> Result<Appointment> {
        let before = &found.appointment;
        let state = next(before.state, turn.step)?;
        let during = turn.to.map_or(before.during, |(during, _)| during);
        // Calendars are told of what they show.
        let shows = turn.to.is_some() || state == State::Cancelled || before.state != State::Confirmed;
        let after = Appointment {
            state,
            during,
            // Whatever else becomes of it, what was proposed before is proposed no more.
            proposed: turn.proposed,
            mode: turn.mode.unwrap_or(before.mode),
            sequence: before.sequence + i32::from(shows),
            tentative_until: None,
            changed_at: self.now,
            ..before.clone()
        };
        write(conn, &after, turn.to.map(|(_, buffer)| buffer), self.viewer.role).await?;
        if let Some(fee) = &turn.fee {
            book_fee(conn, &after, turn.because, fee, self.now).await?;
        }
        let fee = turn.fee.as_ref().map(|fee| fee.amount);
        let starts_at = turn.proposed.map_or(during.from, |(span, _)| span.from);
        let detail = json!({"from": before.state, "to": state, "startsAt": starts_at, "fee": fee});
        audit::record(conn, found.event(self.actor, turn.action).with(detail)).await?;
        Ok(after)
    }

    /// What follows from a step that was written: reminders, and somebody else for a time that became free.
    pub(super) async fn follow_up(
        self,
        conn: &mut AsyncPgConnection,
        before: &Appointment,
        after: &Appointment,
    ) -> Result<()> {
        // Who is reminded of it already stays reminded: the same reminder is not made twice.
        if (after.state, after.sequence) != (before.state, before.sequence) {
            let rules = policy::read(conn, before.practice).await?.rules;
            tell::remind(conn, after, &rules, self.now).await?;
        }
        if after.state == State::Cancelled || after.during != before.during {
            notices::cancel(conn, Kind::AppointmentOffered, before.id.0, self.now).await?;
            waitlist::offer::next(conn, before, self.now).await?;
        }
        if let Some((during, _)) = before.proposed
            && after.proposed != before.proposed
            && after.during != during
        {
            waitlist::offer::next(conn, &Appointment { during, ..before.clone() }, self.now).await?;
        }
        Ok(())
    }
}

/// What it is after the step.
///
/// # Errors
/// `Conflict` where the step cannot be taken.
pub(super) fn next(state: State, step: Step) -> Result<State> {
    state.after(step).ok_or_else(refused)
}

/// What is said where a step cannot be taken.
pub(super) fn refused() -> Error {
    Error::conflict("This cannot be done with the appointment as it stands now. Look again.")
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
            tentative_until = NULL, cancelled_by = $6, sequence = $7, changed_at = $8, mode = $9,
            proposed = CASE WHEN $10 IS NULL THEN NULL ELSE tstzrange($10, $11) END,
            proposed_taken = CASE WHEN $10 IS NULL THEN NULL ELSE tstzrange($10, $12) END WHERE id = $1",
    )
    .bind::<sql::Uuid, _>(after.id)
    .bind::<sql::Text, _>(after.state.as_str())
    .bind::<sql::Timestamptz, _>(after.during.from)
    .bind::<sql::Timestamptz, _>(after.during.until)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(buffer.map(|buffer| after.during.until + buffer))
    .bind::<sql::Nullable<sql::Text>, _>(by)
    .bind::<sql::Integer, _>(after.sequence)
    .bind::<sql::Timestamptz, _>(after.changed_at)
    .bind::<sql::Text, _>(after.mode.as_str())
    .bind::<sql::Nullable<sql::Timestamptz>, _>(after.proposed.map(|(span, _)| span.from))
    .bind::<sql::Nullable<sql::Timestamptz>, _>(after.proposed.map(|(span, _)| span.until))
    .bind::<sql::Nullable<sql::Timestamptz>, _>(after.proposed.map(|(span, buffer)| span.until + buffer))
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
