//! `GET portal/slots`, `GET ehr/slots`: free times; `GET portal/appointments/terms`: what a client may do by themselves,
//! and with whom.

use crate::{
    accounts::{Permission, Person},
    app::Services,
    appointments::{
        availability, book,
        policy::{self, Rules},
        slots,
    },
    db::Pool,
    emergency::rota::{Span, store},
    error::{Error, Result},
    http::{
        page::List,
        principal::{EhrPrincipal, PortalPrincipal},
        when,
    },
    ids::{PracticeId, UserId},
};
use actix_web::web;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Of one call.
pub const MOST_DAYS: i64 = 62;

/// `?clinician=&from=&until=`.
#[derive(Deserialize, IntoParams)]
pub struct SlotQuery {
    /// Needed.
    clinician: Option<UserId>,
    /// They begin from here on, such as `next` of the answer before; left out: now.
    #[serde(default, deserialize_with = "when::maybe")]
    from: Option<DateTime<Utc>>,
    /// They begin before this; at most 62 days after `from`. Left out: two weeks after it.
    #[serde(default, deserialize_with = "when::maybe")]
    until: Option<DateTime<Utc>>,
}

/// A free time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
}

/// Somebody who takes appointments.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TakesAppointments {
    #[serde(flatten)]
    person: Person,
    /// IANA name.
    time_zone: String,
}

/// What a client may do by themselves, and with whom.
#[derive(Serialize, ToSchema)]
#[schema(as = AppointmentTerms)]
pub struct Terms {
    #[serde(flatten)]
    rules: Rules,
    clinicians: Vec<TakesAppointments>,
}

/// The client's way to free times.
pub async fn for_client(
    caller: PortalPrincipal,
    query: web::Query<SlotQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Slot>>> {
    let mut conn = pool.get().await?;
    let clinicians = availability::clinicians_for(&mut conn, caller.user_id).await?;
    if !clinicians.iter().any(|(person, _)| Some(person.id) == query.clinician) {
        return Err(unknown_clinician());
    }
    let now = services.clock.now();
    find(&mut conn, caller.practice_id, &query, Some(caller.user_id), now).await
}

/// The practice's: however near and far.
pub async fn for_staff(
    caller: EhrPrincipal,
    query: web::Query<SlotQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Slot>>> {
    caller.require(Permission::WorkAppointments)?;
    let (mut conn, now) = (pool.get().await?, services.clock.now());
    find(&mut conn, caller.practice_id, &query, None, now).await
}

/// What a client may do by themselves.
pub async fn terms(caller: PortalPrincipal, pool: web::Data<Pool>) -> Result<web::Json<Terms>> {
    let mut conn = pool.get().await?;
    let rules = policy::read(&mut conn, caller.practice_id).await?.rules;
    let clinicians = availability::clinicians_for(&mut conn, caller.user_id).await?;
    let clinicians =
        clinicians.into_iter().map(|(person, time_zone)| TakesAppointments { person, time_zone }).collect();
    Ok(web::Json(Terms { rules, clinicians }))
}

async fn find(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    query: &SlotQuery,
    client: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<web::Json<List<Slot>>> {
    let from = query.from.unwrap_or(now);
    let until = query.until.unwrap_or(from + TimeDelta::days(14));
    if until <= from || until - from > TimeDelta::days(MOST_DAYS) {
        return Err(Error::field("/until", "It has to be after from, by at most 62 days."));
    }
    let clinician = query.clinician.ok_or_else(unknown_clinician)?;
    let Some(mut schedule) = availability::read(conn, practice, clinician, now).await?.map(|stored| stored.schedule)
    else {
        // A colleague without hours has no free time, and the practice settles one all the same.
        if client.is_none() && store::working(conn, practice).await?.contains(&clinician) {
            return Ok(web::Json(List::whole(Vec::new())));
        }
        return Err(unknown_clinician());
    };
    // How near and how far clients ask: the practice decides that for itself.
    if client.is_none() {
        (schedule.notice, schedule.horizon) = (TimeDelta::zero(), book::FARTHEST);
    }
    // What begins before may reach into it, and what comes after into the buffer.
    let day = TimeDelta::days(1);
    let reach = Span { from: from.max(now), until: (until + day).min(now + schedule.horizon + day) };
    let taken = book::taken(conn, clinician, reach, client, now).await?;
    let free = slots::free(&schedule, &taken, Span { from, until }, now);
    // Where it goes on is an instant, as callers write them.
    let next = free.get(slots::MOST).map(|slot| slot.from.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    let shown = free.into_iter().take(slots::MOST);
    let items = shown.map(|slot| Slot { starts_at: slot.from, ends_at: slot.until }).collect();
    Ok(web::Json(List { items, next }))
}

fn unknown_clinician() -> Error {
    Error::field("/clinician", "Choose somebody of your practice who takes appointments.")
}
