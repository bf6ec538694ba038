//! Offering a time to somebody who waits: it is kept for them, and they are told. To whoever waits longest, where a time
//! became free; to anybody, where the practice says so.

use super::Waiting;
use crate::{
    appointments::{
        access::Appointment,
        availability,
        book::{self, Booking},
        policy,
        state::{Mode, State},
    },
    audit::{self, Actor, Event},
    db,
    emergency::rota::Span,
    error::Result,
    ids::{AppointmentId, PracticeId, WaitingId},
    notices::{self, Kind, Notice},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// How long a time is kept for somebody who was told of it.
pub const OFFERED_FOR: TimeDelta = TimeDelta::hours(4);
/// Nobody is offered a time that is nearer, and an offer ends so long before it.
pub const NEAREST: TimeDelta = TimeDelta::hours(1);

/// A time for somebody who waits.
pub(super) struct Offer {
    pub id: AppointmentId,
    pub practice: PracticeId,
    pub during: Span,
    /// Free after it.
    pub buffer: TimeDelta,
    pub until: DateTime<Utc>,
}

/// Until when a time that begins then is kept; None: it is too near.
pub(super) fn kept_until(starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let until = (now + OFFERED_FOR).min(starts_at - NEAREST);
    (until > now).then_some(until)
}

/// Keeps it for them and tells them; false where somebody has the time.
pub(super) async fn keep(
    conn: &mut AsyncPgConnection,
    to: &Waiting,
    offer: &Offer,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<bool> {
    let booking = Booking {
        id: offer.id,
        practice: offer.practice,
        client: to.client_id,
        clinician: to.clinician_id,
        series: None,
        state: State::Offered,
        mode: Mode::parse(&to.mode).unwrap_or_default(),
        during: offer.during,
        buffer: offer.buffer,
        tentative_until: Some(offer.until),
        note: None,
        by: to.client_id,
        now,
    };
    if !book::insert(conn, &booking).await? {
        return Ok(false);
    }
    db::statement(
        "INSERT INTO appointment_offers (waiting_id, starts_at, appointment_id) VALUES ($1, $2, $3)
        ON CONFLICT (waiting_id, starts_at) DO UPDATE SET appointment_id = $3",
    )
    .bind::<sql::Uuid, _>(to.id)
    .bind::<sql::Timestamptz, _>(offer.during.from)
    .bind::<sql::Uuid, _>(offer.id)
    .execute(conn)
    .await?;
    let notice = Notice::new(to.client_id, Kind::AppointmentOffered, Some(offer.id.0));
    notices::tell(conn, &notice.until(offer.until)).await?;
    let event = Event::new(actor, "appointment.offered").in_practice(offer.practice).of_client(to.client_id);
    audit::record(conn, event.on("appointment", offer.id)).await?;
    Ok(true)
}

/// Whether the id stands for this offer already; None: it stands for nothing yet.
pub(super) async fn is_made(
    conn: &mut AsyncPgConnection,
    to: WaitingId,
    offer: AppointmentId,
    starts_at: DateTime<Utc>,
) -> QueryResult<Option<bool>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        is_this: bool,
    }
    // What was offered for, not when the appointment is by now: whoever took it may have moved it since.
    let row: Option<Row> = db::statement(
        "SELECT EXISTS (SELECT FROM appointment_offers o
            WHERE o.appointment_id = a.id AND o.waiting_id = $2 AND o.starts_at = $3) AS is_this
        FROM appointments a WHERE a.id = $1",
    )
    .bind::<sql::Uuid, _>(offer)
    .bind::<sql::Uuid, _>(to)
    .bind::<sql::Timestamptz, _>(starts_at)
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.map(|row| row.is_this))
}

/// Offers the time that an appointment had to whoever waits longest for it, where its clinician still works here and is
/// there then, and clients see what they are offered. Within the transaction that freed it.
pub async fn next(conn: &mut AsyncPgConnection, freed: &Appointment, now: DateTime<Utc>) -> Result<()> {
    let Some(until) = kept_until(freed.during.from, now) else { return Ok(()) };
    let Some(next) = longest_waiting(conn, freed, now).await? else { return Ok(()) };
    let stored = availability::read(conn, freed.practice, freed.clinician, now).await?;
    let Some(schedule) = stored.map(|stored| stored.schedule) else { return Ok(()) };
    if !schedule.holds(freed.during) || !policy::read(conn, freed.practice).await?.rules.may_view {
        return Ok(());
    }
    let buffer = schedule.buffer;
    let offer = Offer { id: AppointmentId::new(), practice: freed.practice, during: freed.during, buffer, until };
    // Part of it may have been taken by the same move that freed it.
    keep(conn, &next, &offer, &Actor::hub(), now).await.map(|_| ())
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
            -- One at a time: whoever has an offer to answer is not in the way of the next who waits.
            AND NOT EXISTS (SELECT FROM appointments y WHERE y.client_id = w.client_id AND y.clinician_id = $1
                AND y.state = 'offered' AND y.tentative_until > $4)
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
