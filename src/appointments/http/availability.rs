//! `GET|PUT ehr/availability`, `POST ehr/availability/exceptions`, `DELETE ehr/availability/exceptions/{exception}`: when
//! somebody takes appointments. One's own; for whoever makes appointments for the whole practice, anybody's.

use crate::{
    accounts::{Permission, Person},
    app::Services,
    appointments::{
        access::sees_all,
        availability::{self, Change, MOST_HOURS, StoredException},
        hours::{Exception, Hours, Schedule},
        room,
    },
    db::Pool,
    emergency::rota::{Span, store},
    error::{Error, FieldError, Result},
    http::{
        answer::{NoContent, Stored},
        detached,
        idempotency::IdempotencyKey,
        json::Body,
        principal::EhrPrincipal,
        when,
    },
    ids::{ExceptionId, UserId},
};
use actix_web::web;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `?user=`.
#[derive(Deserialize, IntoParams)]
pub struct WhoseQuery {
    /// Left out: the caller's own.
    user: Option<UserId>,
}

/// When somebody takes appointments.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Availability {
    user: UserId,
    /// 0: they take none yet; what follows is a suggestion.
    revision: i64,
    #[serde(flatten)]
    weekly: Weekly,
    /// Those that are not over.
    exceptions: Vec<ShownException>,
    /// Everybody who takes appointments.
    clinicians: Vec<Person>,
}

/// What is the same every week.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WeeklyAvailability)]
pub struct Weekly {
    /// IANA name: the hours are as clocks there show them.
    time_zone: String,
    #[schema(max_items = 70)]
    hours: Vec<ShownHours>,
    /// How long an appointment is.
    #[schema(minimum = 5, maximum = 480)]
    session_minutes: i64,
    /// Free after each.
    #[schema(minimum = 0, maximum = 240)]
    buffer_minutes: i64,
    /// Between one possible beginning and the next.
    #[schema(minimum = 5, maximum = 480)]
    step_minutes: i64,
    /// Nobody asks for a time nearer than that.
    #[schema(minimum = 0, maximum = 43200)]
    notice_minutes: i64,
    /// Nor for one farther than that.
    #[schema(minimum = 1, maximum = 365)]
    horizon_days: i64,
    /// Where they meet clients over video; null: in a room of the practice's provider.
    #[schema(max_length = 500)]
    room_url: Option<String>,
}

/// Every week.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = AvailabilityHours)]
pub struct ShownHours {
    /// 1: Monday.
    #[schema(minimum = 1, maximum = 7)]
    weekday: u8,
    /// Such as 09:00.
    starts: String,
    /// 00:00: until midnight.
    ends: String,
}

/// Another week in place of the one with this revision.
#[derive(Deserialize, ToSchema)]
pub struct ChangedAvailability {
    /// Left out: the caller's own.
    user: Option<UserId>,
    revision: i64,
    #[serde(flatten)]
    weekly: Weekly,
}

/// Away, or there all the same.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AvailabilityException)]
pub struct ShownException {
    id: ExceptionId,
    open: bool,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
}

/// Away, or there all the same.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewAvailabilityException)]
pub struct NewException {
    /// Left out: the caller's own.
    user: Option<UserId>,
    open: bool,
    #[serde(deserialize_with = "when::one")]
    starts_at: DateTime<Utc>,
    #[serde(deserialize_with = "when::one")]
    ends_at: DateTime<Utc>,
}

/// When somebody takes appointments.
pub async fn show(
    caller: EhrPrincipal,
    query: web::Query<WhoseQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Availability>> {
    let user = whose(&caller, query.user)?;
    read(&mut *pool.get().await?, &caller, user, services.clock.now()).await
}

/// Puts another week in its place.
pub async fn change(
    caller: EhrPrincipal,
    input: Body<ChangedAvailability>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Availability>> {
    let ChangedAvailability { user, revision, weekly } = input.0;
    let user = whose(&caller, user)?;
    let link = room::check_link(weekly.room_url.as_deref().unwrap_or_default())?;
    let schedule = weekly.read()?;
    detached::to_the_end(async move {
        let (actor, practice, now) = (caller.actor(), caller.practice_id, services.clock.now());
        let mut conn = pool.get().await?;
        let change = Change { actor: &actor, practice, user, now };
        change.replace(&mut conn, revision, &schedule, link.as_deref()).await?;
        read(&mut conn, &caller, user, now).await
    })
    .await
}

/// Notes that somebody is away, or there all the same.
pub async fn add(
    caller: EhrPrincipal,
    key: IdempotencyKey,
    input: Body<NewException>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<ShownException>> {
    let NewException { user, open, starts_at, ends_at } = input.0;
    let user = whose(&caller, user)?;
    let id = ExceptionId(key.or_given(None).0);
    let new = Exception { is_open: open, span: Span { from: starts_at, until: ends_at } };
    let repeated = detached::to_the_end(async move {
        let (actor, practice, now) = (caller.actor(), caller.practice_id, services.clock.now());
        Change { actor: &actor, practice, user, now }.add(&mut *pool.get().await?, id, new).await
    });
    Ok(Stored { repeated: repeated.await?, content: shown(StoredException { id, exception: new }) })
}

/// Takes one back.
pub async fn remove(caller: EhrPrincipal, id: web::Path<ExceptionId>, pool: web::Data<Pool>) -> Result<NoContent> {
    caller.require(Permission::WorkAppointments)?;
    detached::to_the_end(async move {
        let own = (!sees_all(caller.viewer())).then_some(caller.user_id);
        let actor = caller.actor();
        availability::remove(&mut *pool.get().await?, &actor, caller.practice_id, own, *id).await
    })
    .await?;
    Ok(NoContent)
}

/// Somebody else's is for whoever makes appointments for the whole practice.
fn whose(caller: &EhrPrincipal, asked: Option<UserId>) -> Result<UserId> {
    caller.require(Permission::WorkAppointments)?;
    match asked {
        Some(user) if user != caller.user_id && !sees_all(caller.viewer()) => {
            Err(Error::Forbidden("These hours are a colleague's. Ask them, or the front desk."))
        }
        asked => Ok(asked.unwrap_or(caller.user_id)),
    }
}

async fn read(
    conn: &mut AsyncPgConnection,
    caller: &EhrPrincipal,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<web::Json<Availability>> {
    if !store::working(conn, caller.practice_id).await?.contains(&user) {
        return Err(Error::field("/user", "Choose a colleague of your practice who can sign in."));
    }
    let stored = availability::read(conn, caller.practice_id, user, now).await?;
    let (revision, weekly) = match stored {
        Some(stored) => (stored.revision, Weekly::of(&stored.schedule, stored.room_url)),
        None => (0, Weekly::suggested(store::zone(conn, caller.practice_id).await?)),
    };
    let exceptions = availability::exceptions(conn, user, now).await?.into_iter().map(shown).collect();
    let clinicians = availability::clinicians_of(conn, caller.practice_id).await?;
    let clinicians = clinicians.into_iter().map(|(person, _)| person).collect();
    Ok(web::Json(Availability { user, revision, weekly, exceptions, clinicians }))
}

fn shown(stored: StoredException) -> ShownException {
    let Exception { is_open, span } = stored.exception;
    ShownException { id: stored.id, open: is_open, starts_at: span.from, ends_at: span.until }
}

impl Weekly {
    fn of(schedule: &Schedule, room_url: Option<String>) -> Self {
        let hours = |hours: &Hours| ShownHours {
            weekday: u8::try_from(hours.weekday.number_from_monday()).unwrap_or(1),
            starts: hours.starts.format("%H:%M").to_string(),
            ends: hours.ends.format("%H:%M").to_string(),
        };
        Self {
            time_zone: schedule.zone.name().to_owned(),
            hours: schedule.hours.iter().map(hours).collect(),
            session_minutes: schedule.session.num_minutes(),
            buffer_minutes: schedule.buffer.num_minutes(),
            step_minutes: schedule.step.num_minutes(),
            notice_minutes: schedule.notice.num_minutes(),
            horizon_days: schedule.horizon.num_days(),
            room_url,
        }
    }

    fn suggested(zone: Tz) -> Self {
        Self {
            time_zone: zone.name().to_owned(),
            hours: Vec::new(),
            session_minutes: 50,
            buffer_minutes: 10,
            step_minutes: 60,
            notice_minutes: 24 * 60,
            horizon_days: 60,
            room_url: None,
        }
    }

    fn read(&self) -> Result<Schedule> {
        let mut errors = Vec::new();
        let mut refuse =
            |pointer: String, message: &str| errors.push(FieldError { pointer, message: message.to_owned() });
        let zone = self.time_zone.parse::<Tz>();
        if zone.is_err() {
            refuse("/timeZone".into(), "Choose a time zone of the IANA list, such as America/Chicago.");
        }
        for (name, value, possible) in [
            ("sessionMinutes", self.session_minutes, 5..=480),
            ("bufferMinutes", self.buffer_minutes, 0..=240),
            ("stepMinutes", self.step_minutes, 5..=480),
            ("noticeMinutes", self.notice_minutes, 0..=43_200),
            ("horizonDays", self.horizon_days, 1..=365),
        ] {
            if !possible.contains(&value) {
                refuse(format!("/{name}"), &format!("Between {} and {}.", possible.start(), possible.end()));
            }
        }
        if self.hours.len() > MOST_HOURS {
            refuse("/hours".into(), "At most 70 spans a week.");
        }
        let mut hours: Vec<Hours> = Vec::new();
        for (at, sent) in self.hours.iter().take(MOST_HOURS).enumerate() {
            let weekday = sent.weekday.checked_sub(1).and_then(|day| Weekday::try_from(day).ok());
            if weekday.is_none() {
                refuse(format!("/hours/{at}/weekday"), "1 is Monday, 7 is Sunday.");
            }
            let [starts, ends] = [("starts", &sent.starts), ("ends", &sent.ends)].map(|(field, text)| {
                let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
                if time.is_none() {
                    refuse(format!("/hours/{at}/{field}"), "Write the time as hours and minutes, such as 09:00.");
                }
                time
            });
            let (Some(weekday), Some(starts), Some(ends)) = (weekday, starts, ends) else { continue };
            if ends <= starts && ends != NaiveTime::MIN {
                refuse(format!("/hours/{at}/ends"), "The end has to be after the beginning; 00:00 is midnight.");
            }
            if hours.iter().any(|other| (other.weekday, other.starts) == (weekday, starts)) {
                refuse(format!("/hours/{at}/starts"), "There are hours that begin then already.");
            }
            hours.push(Hours { weekday, starts, ends });
        }
        match zone {
            Ok(zone) if errors.is_empty() => Ok(Schedule {
                zone,
                hours,
                exceptions: Vec::new(),
                session: TimeDelta::minutes(self.session_minutes),
                buffer: TimeDelta::minutes(self.buffer_minutes),
                step: TimeDelta::minutes(self.step_minutes),
                notice: TimeDelta::minutes(self.notice_minutes),
                horizon: TimeDelta::days(self.horizon_days),
            }),
            _ => Err(Error::Invalid(errors)),
        }
    }
}
