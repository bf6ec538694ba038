//! Who is told what of an appointment, and when its client is reminded of it. Call within the transaction of the step.

use super::{access::Appointment, policy::Rules, state::State};
use crate::{
    assessments::occasions,
    error::Result,
    ids::UserId,
    notices::{self, Kind, Notice},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

/// Tells both sides, but for whoever did it.
pub async fn others(conn: &mut AsyncPgConnection, about: &Appointment, kind: Kind, by: UserId) -> QueryResult<()> {
    for user in [about.client, about.clinician].into_iter().filter(|user| *user != by) {
        // Clients are not told of what they asked for themselves.
        if kind != Kind::AppointmentRequested || user == about.clinician {
            notices::tell(conn, &Notice::new(user, kind, Some(about.id.0)).until(about.during.until)).await?;
        }
    }
    Ok(())
}

/// Reminds the client of an appointment as it is now, and of no other time; what is to be answered before it follows.
pub async fn remind(
    conn: &mut AsyncPgConnection,
    about: &Appointment,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<()> {
    notices::cancel(conn, Kind::AppointmentReminder, about.id.0, now).await?;
    if about.state != State::Confirmed {
        return occasions::not_before(conn, about.id.0, now).await;
    }
    occasions::due_before(conn, about.client, about.id.0, about.during.from, now).await?;
    for minutes in &rules.reminder_minutes {
        let at = about.during.from - TimeDelta::minutes(i64::from(*minutes));
        if at <= now {
            continue;
        }
        let notice = Notice::new(about.client, Kind::AppointmentReminder, Some(about.id.0));
        let notice = notice.scheduled(at).once(occurrence(about.sequence, *minutes)).until(about.during.from);
        notices::tell(conn, &notice).await?;
    }
    Ok(())
}

/// After a move the same reminder is another.
fn occurrence(sequence: i32, minutes: i32) -> i64 {
    (i64::from(sequence) << 32) | i64::from(minutes)
}
