//! Who may see an appointment. Functions that read or change one demand an [`AppointmentAccess`], and only this file makes
//! one. An appointment that is not the viewer's and one that does not exist give the same answer: none.

use super::{
    book,
    state::{Mode, State},
};
use crate::{
    accounts::{
        Permission, Role,
        access::{Viewer, reading_only},
    },
    audit::{Actor, Event},
    crypto::{Keyring, Place, WrappedKey},
    db,
    emergency::rota::Span,
    error::{Error, Result},
    ids::{AppointmentId, DataKeyId, PracticeId, SeriesId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// An appointment as it is stored.
#[derive(Clone)]
pub struct Appointment {
    pub id: AppointmentId,
    pub practice: PracticeId,
    pub client: UserId,
    pub clinician: UserId,
    pub series: Option<SeriesId>,
    pub state: State,
    pub mode: Mode,
    pub during: Span,
    /// Of what is held or offered.
    pub tentative_until: Option<DateTime<Utc>>,
    /// Another time that was proposed, with the buffer after it. It may be over: see [`Appointment::proposal`].
    pub(super) proposed: Option<(Span, TimeDelta)>,
    pub room: Uuid,
    /// Grows with every change that calendars have to know of.
    pub sequence: i32,
    pub made_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    pub(super) note: Option<(WrappedKey, Vec<u8>)>,
}

impl Appointment {
    /// The other time that is proposed. A proposal is over when one of the two times begins: then what was confirmed holds.
    pub fn proposal(&self, now: DateTime<Utc>) -> Option<(Span, TimeDelta)> {
        self.proposed.filter(|(span, _)| span.from > now && self.during.from > now)
    }

    /// What the client says it is about.
    pub fn note(&self, keyring: &Keyring) -> Result<Option<String>> {
        let Some((wrapped, sealed)) = &self.note else { return Ok(None) };
        let key = keyring.unwrap(wrapped).map_err(anyhow::Error::from)?;
        Ok(Some(key.open(Place::AppointmentNote { id: self.id }, sealed).map_err(anyhow::Error::from)?))
    }
}

/// Proof that a viewer may see an appointment, with its row as it was then.
#[derive(Clone)]
pub struct AppointmentAccess {
    pub appointment: Appointment,
    is_emergency: bool,
}

impl AppointmentAccess {
    /// A row of the audit log about it.
    pub fn event<'a>(&self, actor: &'a Actor, action: &'static str) -> Event<'a> {
        let event = Event::new(actor, action).of_client(self.appointment.client).on("appointment", self.appointment.id);
        if self.is_emergency { event.emergency() } else { event }
    }
}

/// The columns of [`Row`], over `a` and `k`.
pub(super) const COLUMNS: &str = "a.id, a.practice_id, a.client_id, a.clinician_id, a.series_id, a.state, a.mode,
    lower(a.during) AS starts_at, upper(a.during) AS ends_at, a.tentative_until,
    lower(a.proposed) AS proposed_from, upper(a.proposed) AS proposed_until,
    upper(a.proposed_taken) AS proposed_taken_until, a.room, a.sequence, a.made_at,
    a.changed_at, k.id AS key_id, k.wrapped, a.note_sealed";

/// Where they come from.
pub(super) const TABLES: &str = "appointments a LEFT JOIN data_keys k ON k.id = a.key_id";

/// What a viewer may see, over `a`: `$1` is the viewer, `$2` the practice, `$3` whether they are a client, `$4` whether
/// they see the whole practice's.
pub(super) const VISIBLE: &str = "a.practice_id = $2 AND a.state <> 'held' AND CASE WHEN $3 THEN a.client_id = $1
    ELSE $4 OR a.clinician_id = $1 OR EXISTS (SELECT FROM client_care c WHERE c.client_id = a.client_id AND c.user_id = $1)
        OR EXISTS (SELECT FROM break_glass b WHERE b.client_id = a.client_id AND b.user_id = $1 AND b.expires_at > now())
    END";

#[derive(QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: AppointmentId,
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    clinician_id: UserId,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    series_id: Option<SeriesId>,
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Text)]
    mode: String,
    #[diesel(sql_type = sql::Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    ends_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    tentative_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    proposed_from: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    proposed_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    proposed_taken_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Uuid)]
    room: Uuid,
    #[diesel(sql_type = sql::Integer)]
    sequence: i32,
    #[diesel(sql_type = sql::Timestamptz)]
    made_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    changed_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    key_id: Option<DataKeyId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    wrapped: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    note_sealed: Option<Vec<u8>>,
}

impl Row {
    pub(super) fn read(self) -> Result<Appointment> {
        let unknown = || Error::Internal(anyhow::anyhow!("a stored state or mode of an appointment is unknown"));
        let proposed = self.proposed_from.zip(self.proposed_until).map(|(from, until)| Span { from, until });
        let proposed = proposed.zip(self.proposed_taken_until);
        let key = self.key_id.zip(self.wrapped).map(|(id, wrapped)| WrappedKey { id, wrapped });
        Ok(Appointment {
            id: self.id,
            practice: self.practice_id,
            client: self.client_id,
            clinician: self.clinician_id,
            series: self.series_id,
            state: State::parse(&self.state).ok_or_else(unknown)?,
            mode: Mode::parse(&self.mode).ok_or_else(unknown)?,
            during: Span { from: self.starts_at, until: self.ends_at },
            tentative_until: self.tentative_until,
            proposed: proposed.map(|(span, taken_until)| (span, taken_until - span.until)),
            room: self.room,
            sequence: self.sequence,
            made_at: self.made_at,
            changed_at: self.changed_at,
            // The words of an erased client are gone.
            note: key.filter(|key| !key.is_destroyed()).zip(self.note_sealed),
        })
    }
}

/// Whether the viewer sees all of the practice's.
pub(super) fn sees_all(viewer: Viewer) -> bool {
    viewer.role.grants(Permission::ReachAllClients)
}

/// Whether the viewer may see this appointment.
///
/// # Errors
/// `NotFound` for what is not theirs and for what does not exist.
pub async fn find(conn: &mut AsyncPgConnection, viewer: Viewer, id: AppointmentId) -> Result<AppointmentAccess> {
    read(conn, viewer, id, "").await
}

/// The same for somebody who changes it: until the transaction ends it stays as it was found, and nobody else changes
/// what its clinician has. The clinician's lock comes first, everywhere.
///
/// # Errors
/// As [`find`]; `Forbidden` under emergency access.
pub async fn find_to_change(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    id: AppointmentId,
) -> Result<AppointmentAccess> {
    let found = find(conn, viewer, id).await?;
    if found.is_emergency {
        return Err(reading_only());
    }
    book::lock(conn, found.appointment.clinician).await?;
    read(conn, viewer, id, "FOR UPDATE OF a").await
}

async fn read(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    id: AppointmentId,
    locking: &str,
) -> Result<AppointmentAccess> {
    let row: Row = db::statement(format!("SELECT {COLUMNS} FROM {TABLES} WHERE {VISIBLE} AND a.id = $5 {locking}"))
        .bind::<sql::Uuid, _>(viewer.user)
        .bind::<sql::Uuid, _>(viewer.practice)
        .bind::<sql::Bool, _>(viewer.role == Role::Client)
        .bind::<sql::Bool, _>(sees_all(viewer))
        .bind::<sql::Uuid, _>(id)
        .get_result(conn)
        .await?;
    let appointment = row.read()?;
    let own = [appointment.client, appointment.clinician].contains(&viewer.user) || sees_all(viewer);
    let is_emergency = !own && !cares(conn, viewer.user, appointment.client).await?;
    Ok(AppointmentAccess { appointment, is_emergency })
}

async fn cares(conn: &mut AsyncPgConnection, user: UserId, client: UserId) -> Result<bool> {
    let found = db::statement("SELECT FROM client_care WHERE user_id = $1 AND client_id = $2")
        .bind::<sql::Uuid, _>(user)
        .bind::<sql::Uuid, _>(client)
        .execute(conn)
        .await?;
    Ok(found > 0)
}
