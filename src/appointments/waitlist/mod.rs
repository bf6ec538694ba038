//! The waitlist: a time that becomes free is offered to whoever waits longest for it, and kept for them for a while. An
//! offer is an appointment in the state `offered`, so that the same constraint keeps everybody else from it.
//!
//! Here are what clients do, and the list. [`offer`]: offering a time; [`desk`]: what the practice does with a place.

pub mod desk;
pub mod offer;

use super::{availability, book, policy, state::Mode};
use crate::{
    accounts::access::Viewer,
    audit::{self, Actor, Event},
    db,
    error::{Error, Result},
    ids::{PracticeId, UserId, WaitingId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

pub use offer::{NEAREST, OFFERED_FOR};

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
/// `Invalid`, `Forbidden` where the practice takes no requests or does not show what becomes of them.
pub async fn join(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    actor: &Actor,
    id: WaitingId,
    wish: Wish,
    now: DateTime<Utc>,
) -> Result<()> {
    require_ahead(wish.from, wish.until, now)?;
    conn.transaction(async |conn| {
        let rules = policy::read(conn, viewer.practice).await?.rules;
        rules.require_requests()?;
        rules.require_view()?;
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

/// Somebody waits for something that can still come, and not for ever.
fn require_ahead(from: DateTime<Utc>, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    if until > from.max(now) && until <= now + LONGEST {
        return Ok(());
    }
    Err(Error::field("/until", "Choose an end that is ahead, after the beginning and within a year."))
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
