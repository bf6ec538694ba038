//! Taking a time. The database's constraint decides who gets it; the clinician's lock only makes bookings queue in order,
//! so that no two of them wait for each other. What a client asks for has to be one of the free times; staff decide for
//! themselves.

use super::{
    access::Appointment,
    availability,
    policy::{self, Rules},
    slots,
    state::{Mode, State},
    tell,
};
use crate::{
    accounts::access::Viewer,
    audit::{self, Actor, Event},
    crypto::{Keyring, Place},
    db,
    emergency::rota::Span,
    error::{Error, Result},
    ids::{AppointmentId, DataKeyId, PracticeId, SeriesId, UserId},
    keys::{self, Owner},
    notices::Kind,
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// How long a time is kept for a client who fills in the request.
pub const HELD_FOR: TimeDelta = TimeDelta::minutes(10);
/// Requests of one client that the practice has not answered.
pub const MOST_OPEN: i64 = 5;
/// Of what a client says it is about.
pub const NOTE_CHARACTERS: usize = 1_000;
/// How far ahead the practice makes appointments.
pub(super) const FARTHEST: TimeDelta = TimeDelta::days(731);
/// What is said where a time is gone.
pub const TAKEN: &str = "This time is not free any more. Choose another one.";

/// A time to be taken.
#[derive(Debug)]
pub struct Booking {
    pub id: AppointmentId,
    pub practice: PracticeId,
    pub client: UserId,
    pub clinician: UserId,
    pub series: Option<SeriesId>,
    pub state: State,
    pub mode: Mode,
    pub during: Span,
    /// Free after it.
    pub buffer: TimeDelta,
    pub tentative_until: Option<DateTime<Utc>>,
    pub note: Option<(DataKeyId, Vec<u8>)>,
    pub by: UserId,
    pub now: DateTime<Utc>,
}

/// What a client asks for.
#[derive(Clone, Debug)]
pub struct Request {
    pub id: AppointmentId,
    pub clinician: UserId,
    pub starts_at: DateTime<Utc>,
    pub mode: Mode,
    /// What it is about.
    pub note: Option<String>,
}

/// What the practice settles is ahead, and not too far.
///
/// # Errors
/// `Invalid`.
pub(super) fn require_ahead(starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    if starts_at > now && starts_at <= now + FARTHEST {
        return Ok(());
    }
    Err(Error::field("/startsAt", "Choose a time that is ahead, within two years."))
}

/// Bookings of one clinician follow each other from here to the end of the transaction.
pub async fn lock(conn: &mut AsyncPgConnection, clinician: UserId) -> QueryResult<()> {
    db::statement("SELECT FROM clinician_schedules WHERE user_id = $1 FOR UPDATE")
        .bind::<sql::Uuid, _>(clinician)
        .execute(conn)
        .await
        .map(|_| ())
}

/// Takes it; false where somebody has the time.
pub async fn insert(conn: &mut AsyncPgConnection, booking: &Booking) -> Result<bool> {
    let Booking { during, note, .. } = booking;
    let (key, sealed) = note.as_ref().map(|(key, sealed)| (key.0, sealed)).unzip();
    let made = db::statement(
        "INSERT INTO appointments (id, practice_id, client_id, clinician_id, series_id, state, mode, during, taken,
            tentative_until, key_id, note_sealed, room, made_by, made_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, tstzrange($8, $9), tstzrange($8, $10), $11, $12, $13, $14, $15, $16, $16)
        ON CONFLICT DO NOTHING",
    )
    .bind::<sql::Uuid, _>(booking.id)
    .bind::<sql::Uuid, _>(booking.practice)
    .bind::<sql::Uuid, _>(booking.client)
    .bind::<sql::Uuid, _>(booking.clinician)
    .bind::<sql::Nullable<sql::Uuid>, _>(booking.series)
    .bind::<sql::Text, _>(booking.state.as_str())
    .bind::<sql::Text, _>(booking.mode.as_str())
    .bind::<sql::Timestamptz, _>(during.from)
    .bind::<sql::Timestamptz, _>(during.until)
    .bind::<sql::Timestamptz, _>(during.until + booking.buffer)
    .bind::<sql::Nullable<sql::Timestamptz>, _>(booking.tentative_until)
    .bind::<sql::Nullable<sql::Uuid>, _>(key)
    .bind::<sql::Nullable<sql::Bytea>, _>(sealed)
    .bind::<sql::Uuid, _>(Uuid::new_v4())
    .bind::<sql::Uuid, _>(booking.by)
    .bind::<sql::Timestamptz, _>(booking.now)
    .execute(conn)
    .await?;
    Ok(made == 1)
}

/// What is taken of a clinician's time: with buffers, without what the clock has ended, and without what this client
/// holds.
pub async fn taken(
    conn: &mut AsyncPgConnection,
    clinician: UserId,
    within: Span,
    client: Option<UserId>,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Span>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Timestamptz)]
        starts_at: DateTime<Utc>,
        #[diesel(sql_type = sql::Timestamptz)]
        ends_at: DateTime<Utc>,
    }
    if within.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = db::statement(
        "SELECT lower(span) AS starts_at, upper(span) AS ends_at
        FROM appointments a, unnest(CASE WHEN least(lower(a.proposed), lower(a.during)) > $5 THEN a.claimed
            ELSE tstzmultirange(a.taken) END) AS span
        WHERE a.clinician_id = $1 AND a.claimed && tstzrange($2, $3) AND span && tstzrange($2, $3)
            AND a.state <> 'cancelled' AND (a.tentative_until IS NULL OR a.tentative_until > $5)
            AND ($4 IS NULL OR a.state <> 'held' OR a.client_id <> $4)
        ORDER BY 1",
    )
    .bind::<sql::Uuid, _>(clinician)
    .bind::<sql::Timestamptz, _>(within.from)
    .bind::<sql::Timestamptz, _>(within.until)
    .bind::<sql::Nullable<sql::Uuid>, _>(client)
    .bind::<sql::Timestamptz, _>(now)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Span { from: row.starts_at, until: row.ends_at }).collect())
}

/// Ends what the clock has ended of a clinician's time, and what this client holds: nothing that is over is in the way.
pub async fn lapse(
    conn: &mut AsyncPgConnection,
    clinician: UserId,
    client: Option<UserId>,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    db::statement(
        "DELETE FROM appointments WHERE state = 'held'
            AND (clinician_id = $1 AND tentative_until <= $3 OR $2 IS NOT NULL AND client_id = $2)",
    )
    .bind::<sql::Uuid, _>(clinician)
    .bind::<sql::Nullable<sql::Uuid>, _>(client)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    for text in [
        "UPDATE appointments SET state = 'cancelled', cancelled_by = 'nobody', tentative_until = NULL, changed_at = $2
        WHERE clinician_id = $1 AND state = 'offered' AND tentative_until <= $2",
        "UPDATE appointments SET proposed = NULL, proposed_taken = NULL
        WHERE clinician_id = $1 AND proposed IS NOT NULL AND least(lower(proposed), lower(during)) <= $2",
    ] {
        db::statement(text).bind::<sql::Uuid, _>(clinician).bind::<sql::Timestamptz, _>(now).execute(conn).await?;
    }
    Ok(())
}

/// Keeps a time for a client who fills in the request, in place of what they held before. Until when.
///
/// # Errors
/// `Conflict` where the time is gone, `Forbidden` where the practice takes no requests.
pub async fn hold(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    actor: &Actor,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>> {
    let until = now + HELD_FOR;
    conn.transaction(async |conn| {
        admit(conn, viewer, request, now).await?;
        let mut booking = prepare(conn, viewer, request, now).await?;
        booking.state = State::Held;
        booking.tentative_until = Some(until);
        if !insert(conn, &booking).await? {
            return Err(Error::conflict(TAKEN));
        }
        let event = Event::new(actor, "appointment.held").of_client(viewer.user).on("appointment", request.id);
        audit::record(conn, event).await?;
        Ok(until)
    })
    .await
}

/// Asks for a time, or books it where the practice lets clients do that. Whether that was done before.
///
/// # Errors
/// `Conflict` where the time is gone or too many requests are open, `Forbidden` where the practice takes none.
pub async fn request(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    actor: &Actor,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<bool> {
    conn.transaction(async |conn| {
        if is_repeated(conn, viewer.user, request.id).await? {
            return Ok(true);
        }
        let rules = match admit(conn, viewer, request, now).await {
            // Another call with the same id may have come first, and have what is taken.
            Err(Error::Conflict { .. }) if is_repeated(conn, viewer.user, request.id).await? => return Ok(true),
            other => other?,
        };
        if is_repeated(conn, viewer.user, request.id).await? {
            return Ok(true);
        }
        let mut booking = prepare(conn, viewer, request, now).await?;
        require_few_open(conn, viewer.user, now).await?;
        booking.state = if rules.may_book { State::Confirmed } else { State::Requested };
        booking.note = seal(conn, keyring, viewer.user, request.id, request.note.as_deref()).await?;
        if !insert(conn, &booking).await? {
            return Err(Error::conflict(TAKEN));
        }
        let made = booking.appointment(now);
        let kind = if rules.may_book { Kind::AppointmentConfirmed } else { Kind::AppointmentRequested };
        tell::others(conn, &made, kind, viewer.user).await?;
        tell::remind(conn, &made, &rules, now).await?;
        let action = if rules.may_book { "appointment.booked" } else { "appointment.requested" };
        audit::record(conn, Event::new(actor, action).of_client(viewer.user).on("appointment", made.id)).await?;
        Ok(false)
    })
    .await
}

/// Checks that a client may ask for times of this clinician, and takes the clinician's lock.
async fn admit(conn: &mut AsyncPgConnection, viewer: Viewer, request: &Request, now: DateTime<Utc>) -> Result<Rules> {
    let rules = policy::read(conn, viewer.practice).await?.rules;
    rules.require_requests()?;
    let clinicians = availability::clinicians_for(conn, viewer.user).await?;
    if !clinicians.iter().any(|(person, _)| person.id == request.clinician) {
        return Err(Error::field("/clinician", "Choose somebody of your practice who takes appointments."));
    }
    // Of many who ask for one time all but the first learn it here: nobody queues for what is gone, and whoever queued
    // already does not keep the others waiting.
    require_not_taken(conn, viewer, request, now).await?;
    lock(conn, request.clinician).await?;
    require_not_taken(conn, viewer, request, now).await?;
    lapse(conn, request.clinician, Some(viewer.user), now).await?;
    Ok(rules)
}

/// Whether somebody else has the beginning of the time that is asked for: quickly said, and not all that there is to know.
async fn require_not_taken(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<()> {
    let moment = Span { from: request.starts_at, until: request.starts_at + TimeDelta::microseconds(1) };
    match taken(conn, request.clinician, moment, Some(viewer.user), now).await?.is_empty() {
        true => Ok(()),
        false => Err(Error::conflict(TAKEN)),
    }
}

/// The time that is asked for, where it is free.
async fn prepare(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Booking> {
    let (during, buffer) = free(conn, viewer.practice, request.clinician, request.starts_at, now).await?;
    Ok(Booking {
        id: request.id,
        practice: viewer.practice,
        client: viewer.user,
        clinician: request.clinician,
        series: None,
        state: State::Requested,
        mode: request.mode,
        during,
        buffer,
        tentative_until: None,
        note: None,
        by: viewer.user,
        now,
    })
}

/// The free time of a clinician that begins then, and the buffer after it.
///
/// # Errors
/// `Conflict` where none does.
pub async fn free(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    clinician: UserId,
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(Span, TimeDelta)> {
    let stored = availability::read(conn, practice, clinician, now).await?;
    let Some(schedule) = stored.map(|stored| stored.schedule) else { return Err(Error::conflict(TAKEN)) };
    let reach = Span { from: starts_at, until: starts_at + schedule.session + schedule.buffer };
    let busy = taken(conn, clinician, reach, None, now).await?;
    let beginning = Span { from: starts_at, until: starts_at + TimeDelta::microseconds(1) };
    let slot = slots::free(&schedule, &busy, beginning, now).into_iter().find(|slot| slot.from == starts_at);
    Ok((slot.ok_or(Error::conflict(TAKEN))?, schedule.buffer))
}

async fn is_repeated(conn: &mut AsyncPgConnection, client: UserId, id: AppointmentId) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        own: bool,
    }
    let row: Option<Row> = db::statement(
        "SELECT client_id = $2 AND made_by = $2 AS own FROM appointments WHERE id = $1 AND state <> 'held'",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(client)
    .get_result(conn)
    .await
    .optional()?;
    match row {
        Some(Row { own: false }) => Err(Error::conflict("This id is taken: send another one.")),
        found => Ok(found.is_some()),
    }
}

async fn require_few_open(conn: &mut AsyncPgConnection, client: UserId, now: DateTime<Utc>) -> Result<()> {
    let open = db::statement(
        "SELECT FROM appointments WHERE client_id = $1 AND state IN ('requested', 'rescheduled') AND lower(during) > $2",
    )
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    if open as i64 >= MOST_OPEN {
        return Err(Error::conflict(
            "The practice has five requests of yours to answer. Cancel one, or wait a little.",
        ));
    }
    Ok(())
}

/// Seals what a client says it is about.
pub async fn seal(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    client: UserId,
    id: AppointmentId,
    note: Option<&str>,
) -> Result<Option<(DataKeyId, Vec<u8>)>> {
    let Some(note) = note.map(str::trim).filter(|note| !note.is_empty()) else { return Ok(None) };
    if note.chars().count() > NOTE_CHARACTERS {
        return Err(Error::field("/note", "At most 1,000 characters."));
    }
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let sealed = key.seal(Place::AppointmentNote { id }, note).map_err(anyhow::Error::from)?;
    Ok(Some((wrapped.id, sealed)))
}

impl Booking {
    /// As it is stored, but for its note and room.
    pub(super) fn appointment(&self, now: DateTime<Utc>) -> Appointment {
        Appointment {
            id: self.id,
            practice: self.practice,
            client: self.client,
            clinician: self.clinician,
            series: self.series,
            state: self.state,
            mode: self.mode,
            during: self.during,
            tentative_until: self.tentative_until,
            proposed: None,
            room: Uuid::nil(),
            sequence: 0,
            made_at: now,
            changed_at: now,
            note: None,
        }
    }
}
