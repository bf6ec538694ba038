//! The rows of when clinicians are there, and changing them. What is booked stays booked: a change counts for times that
//! are asked for from then on.

use super::hours::{Exception, Hours, Schedule};
use crate::{
    accounts::{Person, Role},
    audit::{self, Actor, Event},
    db,
    emergency::rota::{Span, store},
    error::{Error, Result},
    ids::{ExceptionId, PracticeId, UserId},
};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// Of one clinician's week.
pub const MOST_HOURS: usize = 70;
/// Of one clinician's, that are not over.
const MOST_EXCEPTIONS: i64 = 200;
const FARTHEST_END: TimeDelta = TimeDelta::days(731);

/// How somebody takes appointments, as it is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    pub revision: i64,
    pub schedule: Schedule,
    /// Where they meet clients over video.
    pub room_url: Option<String>,
}

/// An exception as it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoredException {
    pub id: ExceptionId,
    pub exception: Exception,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::BigInt)]
    revision: i64,
    #[diesel(sql_type = sql::Text)]
    time_zone: String,
    #[diesel(sql_type = sql::Integer)]
    session_minutes: i32,
    #[diesel(sql_type = sql::Integer)]
    buffer_minutes: i32,
    #[diesel(sql_type = sql::Integer)]
    step_minutes: i32,
    #[diesel(sql_type = sql::Integer)]
    notice_minutes: i32,
    #[diesel(sql_type = sql::Integer)]
    horizon_days: i32,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    room_url: Option<String>,
}

/// The schedule of somebody of the practice who works there, with the exceptions that are not over; None: they take no
/// appointments.
pub async fn read(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Option<Stored>> {
    let row: Option<Row> = db::statement(
        "SELECT s.revision, s.time_zone, s.session_minutes, s.buffer_minutes, s.step_minutes, s.notice_minutes,
            s.horizon_days, s.room_url
        FROM clinician_schedules s JOIN users u ON u.id = s.user_id
        WHERE s.user_id = $1 AND s.practice_id = $2 AND u.status = 'active'",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Uuid, _>(practice)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    let zone: Tz = row.time_zone.parse().map_err(|_| unknown("time zone"))?;
    let minutes = |minutes: i32| TimeDelta::minutes(minutes.into());
    let schedule = Schedule {
        zone,
        hours: hours(conn, user).await?,
        exceptions: exceptions(conn, user, now).await?.into_iter().map(|stored| stored.exception).collect(),
        session: minutes(row.session_minutes),
        buffer: minutes(row.buffer_minutes),
        step: minutes(row.step_minutes),
        notice: minutes(row.notice_minutes),
        horizon: TimeDelta::days(row.horizon_days.into()),
    };
    Ok(Some(Stored { revision: row.revision, schedule, room_url: row.room_url }))
}

async fn hours(conn: &mut AsyncPgConnection, user: UserId) -> Result<Vec<Hours>> {
    #[derive(QueryableByName)]
    struct HoursRow {
        #[diesel(sql_type = sql::SmallInt)]
        weekday: i16,
        #[diesel(sql_type = sql::Time)]
        starts: NaiveTime,
        #[diesel(sql_type = sql::Time)]
        ends: NaiveTime,
    }
    let rows: Vec<HoursRow> =
        db::statement("SELECT weekday, starts, ends FROM clinician_hours WHERE user_id = $1 ORDER BY weekday, starts")
            .bind::<sql::Uuid, _>(user)
            .load(conn)
            .await?;
    let read = |row: HoursRow| {
        let weekday = u8::try_from(row.weekday - 1).ok().and_then(|day| Weekday::try_from(day).ok());
        Ok(Hours { weekday: weekday.ok_or_else(|| unknown("weekday"))?, starts: row.starts, ends: row.ends })
    };
    rows.into_iter().map(read).collect()
}

/// The exceptions that are not over, in the order of their beginning.
pub async fn exceptions(
    conn: &mut AsyncPgConnection,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<StoredException>> {
    #[derive(QueryableByName)]
    struct ExceptionRow {
        #[diesel(sql_type = sql::Uuid)]
        id: ExceptionId,
        #[diesel(sql_type = sql::Bool)]
        is_open: bool,
        #[diesel(sql_type = sql::Timestamptz)]
        starts_at: DateTime<Utc>,
        #[diesel(sql_type = sql::Timestamptz)]
        ends_at: DateTime<Utc>,
    }
    let rows: Vec<ExceptionRow> = db::statement(
        "SELECT id, is_open, starts_at, ends_at FROM clinician_exceptions WHERE user_id = $1 AND ends_at > $2
        ORDER BY starts_at, id",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Timestamptz, _>(now)
    .load(conn)
    .await?;
    let read = |row: ExceptionRow| StoredException {
        id: row.id,
        exception: Exception { is_open: row.is_open, span: Span { from: row.starts_at, until: row.ends_at } },
    };
    Ok(rows.into_iter().map(read).collect())
}

/// With whom a client makes appointments: those of the care team who take some; where nobody of it does, all of the
/// practice who do.
pub async fn clinicians_for(conn: &mut AsyncPgConnection, client: UserId) -> Result<Vec<(Person, String)>> {
    clinicians(
        conn,
        "SELECT * FROM (
            SELECT u.id, u.name, u.role, s.time_zone, c.user_id IS NOT NULL AS cares,
                bool_or(c.user_id IS NOT NULL) OVER () AS anybody_cares
            FROM users me JOIN clinician_schedules s ON s.practice_id = me.practice_id
            JOIN users u ON u.id = s.user_id AND u.status = 'active' AND u.role <> 'client'
            LEFT JOIN client_care c ON c.client_id = me.id AND c.user_id = u.id
            WHERE me.id = $1
        ) found WHERE cares OR NOT anybody_cares ORDER BY name, id LIMIT 200",
        client.0,
    )
    .await
}

/// Everybody of the practice who takes appointments.
pub async fn clinicians_of(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Vec<(Person, String)>> {
    clinicians(
        conn,
        "SELECT u.id, u.name, u.role, s.time_zone FROM clinician_schedules s
        JOIN users u ON u.id = s.user_id AND u.status = 'active' AND u.role <> 'client'
        WHERE s.practice_id = $1 ORDER BY u.name, u.id LIMIT 200",
        practice.0,
    )
    .await
}

async fn clinicians(conn: &mut AsyncPgConnection, text: &'static str, id: uuid::Uuid) -> Result<Vec<(Person, String)>> {
    #[derive(QueryableByName)]
    struct PersonRow {
        #[diesel(sql_type = sql::Uuid)]
        id: UserId,
        #[diesel(sql_type = sql::Text)]
        name: String,
        #[diesel(sql_type = sql::Text)]
        role: String,
        #[diesel(sql_type = sql::Text)]
        time_zone: String,
    }
    let rows: Vec<PersonRow> = db::statement(text).bind::<sql::Uuid, _>(id).load(conn).await?;
    let read = |row: PersonRow| {
        let role = Role::parse(&row.role).ok_or_else(|| unknown("role"))?;
        Ok((Person { id: row.id, name: row.name, role }, row.time_zone))
    };
    rows.into_iter().map(read).collect()
}

/// Who changes whose, and when.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    pub actor: &'a Actor,
    pub practice: PracticeId,
    /// Whose schedule.
    pub user: UserId,
    pub now: DateTime<Utc>,
}

impl Change<'_> {
    /// Puts another schedule in place of the one with this revision; its exceptions are changed one by one.
    ///
    /// # Errors
    /// `Conflict` when somebody changed it meanwhile; `Invalid` for somebody who does not work here.
    pub async fn replace(
        self,
        conn: &mut AsyncPgConnection,
        revision: i64,
        schedule: &Schedule,
        room_url: Option<&str>,
    ) -> Result<()> {
        let minutes = |span: TimeDelta| i32::try_from(span.num_minutes()).unwrap_or(i32::MAX);
        conn.transaction(async |conn| {
            self.require_colleague(conn).await?;
            let changed = db::statement(
                "INSERT INTO clinician_schedules (user_id, practice_id, revision, time_zone, session_minutes,
                    buffer_minutes, step_minutes, notice_minutes, horizon_days, room_url, changed_by, changed_at)
                SELECT $1, $2, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12
                WHERE $3 = 0 OR EXISTS (SELECT FROM clinician_schedules WHERE user_id = $1)
                ON CONFLICT (user_id) DO UPDATE SET revision = clinician_schedules.revision + 1, time_zone = $4,
                    session_minutes = $5, buffer_minutes = $6, step_minutes = $7, notice_minutes = $8,
                    horizon_days = $9, room_url = $10, changed_by = $11, changed_at = $12
                WHERE clinician_schedules.revision = $3",
            )
            .bind::<sql::Uuid, _>(self.user)
            .bind::<sql::Uuid, _>(self.practice)
            .bind::<sql::BigInt, _>(revision)
            .bind::<sql::Text, _>(schedule.zone.name())
            .bind::<sql::Integer, _>(minutes(schedule.session))
            .bind::<sql::Integer, _>(minutes(schedule.buffer))
            .bind::<sql::Integer, _>(minutes(schedule.step))
            .bind::<sql::Integer, _>(minutes(schedule.notice))
            .bind::<sql::Integer, _>(i32::try_from(schedule.horizon.num_days()).unwrap_or(i32::MAX))
            .bind::<sql::Nullable<sql::Text>, _>(room_url)
            .bind::<sql::Nullable<sql::Uuid>, _>(self.actor.user)
            .bind::<sql::Timestamptz, _>(self.now)
            .execute(conn)
            .await?;
            if changed == 0 {
                return Err(Error::conflict("Somebody changed these hours meanwhile: look at them again."));
            }
            write_hours(conn, self.user, &schedule.hours).await?;
            let detail = json!({"revision": revision + 1, "hours": schedule.hours.len()});
            let event = Event::new(self.actor, "availability.changed").in_practice(self.practice);
            Ok(audit::record(conn, event.on("user", self.user).with(detail)).await?)
        })
        .await
    }

    /// Notes that somebody is there, or away, for once; true where it was noted before under this id.
    ///
    /// # Errors
    /// `Invalid` for a span that makes no sense or somebody without a schedule; `Conflict` where there are too many, or the
    /// id was used for something else.
    pub async fn add(self, conn: &mut AsyncPgConnection, id: ExceptionId, new: Exception) -> Result<bool> {
        let by = self.actor.user.ok_or(Error::Unauthenticated)?;
        let Exception { is_open, span } = new;
        if span.is_empty() || span.until <= self.now {
            return Err(Error::field("/endsAt", "The end has to be after the beginning, and still ahead."));
        }
        if span.until > self.now + FARTHEST_END {
            return Err(Error::field("/endsAt", "At most two years ahead."));
        }
        conn.transaction(async |conn| {
            self.require_colleague(conn).await?;
            if read(conn, self.practice, self.user, self.now).await?.is_none() {
                return Err(Error::field("/user", "Set the weekly hours first."));
            }
            if exceptions(conn, self.user, self.now).await?.len() as i64 >= MOST_EXCEPTIONS {
                return Err(Error::conflict("There are too many exceptions: remove some first."));
            }
            let made = db::statement(
                "INSERT INTO clinician_exceptions (id, user_id, is_open, starts_at, ends_at, made_by, made_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
            )
            .bind::<sql::Uuid, _>(id)
            .bind::<sql::Uuid, _>(self.user)
            .bind::<sql::Bool, _>(is_open)
            .bind::<sql::Timestamptz, _>(span.from)
            .bind::<sql::Timestamptz, _>(span.until)
            .bind::<sql::Uuid, _>(by)
            .bind::<sql::Timestamptz, _>(self.now)
            .execute(conn)
            .await?;
            if made == 0 {
                let before = StoredException { id, exception: new };
                if exceptions(conn, self.user, self.now).await?.contains(&before) {
                    return Ok(true);
                }
                return Err(Error::conflict("This Idempotency-Key was used for something else. Take a new one."));
            }
            let detail = json!({"user": self.user, "open": is_open, "startsAt": span.from, "endsAt": span.until});
            let event = Event::new(self.actor, "availabilityException.added").on("availabilityException", id);
            audit::record(conn, event.with(detail)).await?;
            Ok(false)
        })
        .await
    }

    async fn require_colleague(self, conn: &mut AsyncPgConnection) -> Result<()> {
        if store::working(conn, self.practice).await?.contains(&self.user) {
            return Ok(());
        }
        Err(Error::field("/user", "Choose a colleague of your practice who can sign in."))
    }
}

/// Takes an exception back; of the caller's own, or of anybody of the practice.
///
/// # Errors
/// `NotFound`.
pub async fn remove(
    conn: &mut AsyncPgConnection,
    actor: &Actor,
    practice: PracticeId,
    own: Option<UserId>,
    id: ExceptionId,
) -> Result<()> {
    conn.transaction(async |conn| {
        let gone = db::statement(
            "DELETE FROM clinician_exceptions e USING clinician_schedules s
            WHERE e.id = $1 AND s.user_id = e.user_id AND s.practice_id = $2 AND ($3 IS NULL OR e.user_id = $3)",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Nullable<sql::Uuid>, _>(own)
        .execute(conn)
        .await?;
        if gone == 0 {
            return Err(Error::NotFound);
        }
        let event = Event::new(actor, "availabilityException.removed").on("availabilityException", id);
        Ok(audit::record(conn, event).await?)
    })
    .await
}

async fn write_hours(conn: &mut AsyncPgConnection, user: UserId, hours: &[Hours]) -> QueryResult<()> {
    db::statement("DELETE FROM clinician_hours WHERE user_id = $1").bind::<sql::Uuid, _>(user).execute(conn).await?;
    db::statement(
        "INSERT INTO clinician_hours (user_id, weekday, starts, ends)
        SELECT $1, weekday, starts, ends FROM unnest($2, $3, $4) AS h(weekday, starts, ends)",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Array<sql::SmallInt>, _>(
        hours.iter().map(|hours| i16::from(hours.weekday.number_from_monday() as u8)).collect::<Vec<_>>(),
    )
    .bind::<sql::Array<sql::Time>, _>(hours.iter().map(|hours| hours.starts).collect::<Vec<_>>())
    .bind::<sql::Array<sql::Time>, _>(hours.iter().map(|hours| hours.ends).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

fn unknown(what: &str) -> Error {
    Error::Internal(anyhow::anyhow!("a stored {what} of a schedule is unknown"))
}
