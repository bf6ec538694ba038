//! The waitlist: a time that becomes free is offered to whoever waits longest for it, and kept for them for a while. An
//! offer is an appointment in the state `offered`, so that the same constraint keeps everybody else from it.

use super::{
    access::Appointment,
    availability,
    book::{self, Booking},
    state::{Mode, State},
};
use crate::{
    accounts::access::Viewer,
    audit::{self, Actor, Event},
    db,
    error::{Error, Result},
    ids::{AppointmentId, PracticeId, UserId, WaitingId},
    notices::{self, Kind, Notice},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

/// How long a time is kept for somebody who was told of it.
pub const OFFERED_FOR: TimeDelta = TimeDelta::hours(4);
/// Nobody is offered a time that is nearer, and an offer ends so long before it.
pub const NEAREST: TimeDelta = TimeDelta::hours(1);
const LONGEST: TimeDelta = TimeDelta::days(366);

/// A place on the waitlist.
#[derive(Clone, Debug, QueryableByName)]
pub struct Waiting {
    #[diesel(sql_type = sql::Uuid)]
    pub id: WaitingId,
    #[diesel(sql_type = sql::Uuid)]
    pub client_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    pub clinician_id: UserId,
    #[diesel(sql_type = sql::Text)]
    pub mode: String,
    #[diesel(sql_type = sql::Timestamptz)]
    pub from_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub until_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub made_at: DateTime<Utc>,
}

/// For what somebody waits.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub clinician: UserId,
    pub mode: Mode,
    /// Of the beginning of an appointment.
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// A client waits from now on, in place of their place with the same clinician.
///
/// # Errors
/// `Invalid`.
pub async fn join(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    actor: &Actor,
    id: WaitingId,
    wish: Wish,
    now: DateTime<Utc>,
) -> Result<()> {
    if wish.until <= wish.from.max(now) || wish.until > now + LONGEST {
        return Err(Error::field("/until", "Choose an end that is ahead, after the beginning and within a year."));
    }
    conn.transaction(async |conn| {
        let clinicians = availability::clinicians_for(conn, viewer.user).await?;
        if !clinicians.iter().any(|(person, _)| person.id == wish.clinician) {
            return Err(Error::field("/clinician", "Choose somebody of your practice who takes appointments."));
        }
        book::lock(conn, wish.clinician).await?;
        db::statement(
            "INSERT INTO appointment_waitlist (id, practice_id, client_id, clinician_id, mode, from_at, until_at, made_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (client_id, clinician_id) WHERE ended_at IS NULL
            DO UPDATE SET mode = $5, from_at = $6, until_at = $7",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(viewer.practice)
        .bind::<sql::Uuid, _>(viewer.user)
        .bind::<sql::Uuid, _>(wish.clinician)
        .bind::<sql::Text, _>(wish.mode.as_str())
        .bind::<sql::Timestamptz, _>(wish.from)
        .bind::<sql::Timestamptz, _>(wish.until)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
        Ok(audit::record(conn, Event::new(actor, "waitlist.joined").of_client(viewer.user)).await?)
    })
    .await
}

/// A client waits no more.
///
/// # Errors
/// `NotFound` for what is not theirs.
pub async fn leave(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    actor: &Actor,
    id: WaitingId,
    now: DateTime<Utc>,
) -> Result<()> {
    conn.transaction(async |conn| {
        let left = db::statement(
            "UPDATE appointment_waitlist SET ended_at = $3, ended_because = 'left'
            WHERE id = $1 AND client_id = $2 AND ended_at IS NULL",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(viewer.user)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
        if left == 0 {
            return Err(Error::NotFound);
        }
        Ok(audit::record(conn, Event::new(actor, "waitlist.left").of_client(viewer.user).on("waiting", id)).await?)
    })
    .await
}

/// Who waits: the client alone, or everybody of the practice; the longest first.
pub async fn list(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    client: Option<UserId>,
    clinician: Option<UserId>,
) -> QueryResult<Vec<Waiting>> {
    db::statement(
        "SELECT id, client_id, clinician_id, mode, from_at, until_at, made_at FROM appointment_waitlist
        WHERE practice_id = $1 AND ended_at IS NULL AND ($2 IS NULL OR client_id = $2)
            AND ($3 IS NULL OR clinician_id = $3) ORDER BY id LIMIT 200",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Nullable<sql::Uuid>, _>(client)
    .bind::<sql::Nullable<sql::Uuid>, _>(clinician)
    .load(conn)
    .await
}

/// Offers the time that an appointment had to whoever waits longest for it. Within the transaction that freed it.
pub async fn offer(conn: &mut AsyncPgConnection, freed: &Appointment, now: DateTime<Utc>) -> Result<()> {
    let starts_at = freed.during.from;
    let until = (now + OFFERED_FOR).min(starts_at - NEAREST);
    if until <= now {
        return Ok(());
    }
    let Some(next) = longest_waiting(conn, freed, now).await? else { return Ok(()) };
    let stored = availability::read(conn, freed.practice, freed.clinician, now).await?;
    let booking = Booking {
        id: AppointmentId::new(),
        practice: freed.practice,
        client: next.client_id,
        clinician: freed.clinician,
        series: None,
        state: State::Offered,
        mode: Mode::parse(&next.mode).unwrap_or_default(),
        during: freed.during,
        buffer: stored.map_or(TimeDelta::zero(), |stored| stored.schedule.buffer),
        tentative_until: Some(until),
        note: None,
        by: next.client_id,
        now,
    };
    // Part of it may have been taken by the same move that freed it.
    if !book::insert(conn, &booking).await? {
        return Ok(());
    }
    db::statement("INSERT INTO appointment_offers (waiting_id, starts_at, appointment_id) VALUES ($1, $2, $3)")
        .bind::<sql::Uuid, _>(next.id)
        .bind::<sql::Timestamptz, _>(starts_at)
        .bind::<sql::Uuid, _>(booking.id)
        .execute(conn)
        .await?;
    notices::tell(conn, &Notice::new(next.client_id, Kind::AppointmentOffered, Some(booking.id.0)).until(until))
        .await?;
    let hub = Actor::hub();
    let event = Event::new(&hub, "appointment.offered").in_practice(freed.practice).of_client(next.client_id);
    Ok(audit::record(conn, event.on("appointment", booking.id)).await?)
}

async fn longest_waiting(
    conn: &mut AsyncPgConnection,
    freed: &Appointment,
    now: DateTime<Utc>,
) -> QueryResult<Option<Waiting>> {
    db::statement(
        "SELECT w.id, w.client_id, w.clinician_id, w.mode, w.from_at, w.until_at, w.made_at
        FROM appointment_waitlist w JOIN users u ON u.id = w.client_id AND u.status = 'active'
        WHERE w.clinician_id = $1 AND w.ended_at IS NULL AND w.from_at <= $2 AND w.until_at > $2 AND w.until_at > $4
            AND w.client_id <> $3
            AND NOT EXISTS (SELECT FROM appointment_offers o WHERE o.waiting_id = w.id AND o.starts_at = $2)
            -- Nor to somebody who gave this very time up.
            AND NOT EXISTS (SELECT FROM appointments x WHERE x.client_id = w.client_id AND x.clinician_id = $1
                AND lower(x.during) = $2)
        ORDER BY w.id LIMIT 1",
    )
    .bind::<sql::Uuid, _>(freed.clinician)
    .bind::<sql::Timestamptz, _>(freed.during.from)
    .bind::<sql::Uuid, _>(freed.client)
    .bind::<sql::Timestamptz, _>(now)
    .get_result(conn)
    .await
    .optional()
}

/// Whoever was offered this appointment takes it, and waits no more.
pub async fn taken(conn: &mut AsyncPgConnection, offered: AppointmentId, now: DateTime<Utc>) -> QueryResult<()> {
    db::statement(
        "UPDATE appointment_waitlist SET ended_at = $2, ended_because = 'taken'
        WHERE ended_at IS NULL AND id IN (SELECT waiting_id FROM appointment_offers WHERE appointment_id = $1)",
    )
    .bind::<sql::Uuid, _>(offered)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await
    .map(|_| ())
}
