//! `GET|PUT ehr/on-call`, `POST ehr/on-call/overrides`, `DELETE ehr/on-call/overrides/{override}`.

use super::duty::{Names, names};
use crate::{
    accounts::{Permission, Person},
    app::Services,
    db::Pool,
    emergency::rota::{
        Layer, Shift, Span,
        change::{Change, Deviation},
        overrides::{self, Override, OverrideKind},
        store,
    },
    error::{Error, FieldError, Result},
    http::{
        answer::{Created, NoContent},
        detached,
        json::Body,
        principal::EhrPrincipal,
        when,
    },
    ids::{OverrideId, PracticeId, UserId},
};
use actix_web::web;
use chrono::{DateTime, NaiveTime, Utc, Weekday};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who is on call in an ordinary week, and what deviates from it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OnCallRota {
    /// IANA name, of the practice: the shifts' times are as clocks there show them.
    time_zone: String,
    revision: i64,
    shifts: Vec<OnCallShift>,
    /// Those that are not over.
    overrides: Vec<OnCallOverride>,
}

/// Every week.
#[derive(Serialize, ToSchema)]
pub struct OnCallShift {
    layer: Layer,
    user: Person,
    /// Of its start; 1: Monday.
    weekday: u32,
    /// Such as 22:00.
    starts: String,
    /// Not after its start: on the next day.
    ends: String,
}

/// A cover or leave.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OnCallOverride {
    id: OverrideId,
    kind: OverrideKind,
    /// Null: leave, which is from all layers.
    layer: Option<Layer>,
    user: Person,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
}

/// A week in place of the one with this revision.
#[derive(Deserialize, ToSchema)]
pub struct ChangedRota {
    revision: i64,
    shifts: Vec<ChangedShift>,
}

/// Every week.
#[derive(Deserialize, ToSchema)]
pub struct ChangedShift {
    layer: Layer,
    user: UserId,
    /// 1: Monday.
    #[schema(minimum = 1, maximum = 7)]
    weekday: u8,
    /// Such as 22:00, as clocks in the practice show it.
    starts: String,
    /// Not after its start: on the next day. The same: a whole day.
    ends: String,
}

/// Who covers, or is away.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewOverride {
    kind: OverrideKind,
    /// Of a cover; leave is from all layers.
    layer: Option<Layer>,
    user: UserId,
    #[serde(deserialize_with = "when::one")]
    starts_at: DateTime<Utc>,
    #[serde(deserialize_with = "when::one")]
    ends_at: DateTime<Utc>,
}

/// The rota.
pub async fn show(
    caller: EhrPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<OnCallRota>> {
    caller.require(Permission::WorkEscalations)?;
    Ok(web::Json(read(&mut *pool.get().await?, caller.practice_id, services.clock.now()).await?))
}

/// Puts another week in its place.
pub async fn change(
    caller: EhrPrincipal,
    input: Body<ChangedRota>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<OnCallRota>> {
    caller.require(Permission::ManageEscalation)?;
    let shifts = read_shifts(&input.0.shifts)?;
    detached::to_the_end(async move {
        let (actor, practice, now) = (caller.actor(), caller.practice_id, services.clock.now());
        let mut conn = pool.get().await?;
        Change { actor: &actor, practice, now }.replace_week(&mut conn, input.0.revision, &shifts).await?;
        Ok(web::Json(read(&mut conn, practice, now).await?))
    })
    .await
}

/// Notes that somebody covers, or is away.
pub async fn add(
    caller: EhrPrincipal,
    input: Body<NewOverride>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<OnCallOverride>> {
    caller.require(Permission::WorkEscalations)?;
    let NewOverride { kind, layer, user, starts_at, ends_at } = input.0;
    let layer = match (kind, layer) {
        (OverrideKind::Leave, _) => None,
        (OverrideKind::Cover, Some(layer)) => Some(layer),
        (OverrideKind::Cover, None) => return Err(Error::field("/layer", "Say which layer is covered.")),
    };
    let new = Deviation { layer, user, span: Span { from: starts_at, until: ends_at } };
    let made = detached::to_the_end(async move {
        let (actor, practice, now) = (caller.actor(), caller.practice_id, services.clock.now());
        let mut conn = pool.get().await?;
        let made = Change { actor: &actor, practice, now }.add(&mut conn, new).await?;
        let names = names(&mut conn, practice, [made.deviation.user]).await?;
        Ok(shown(&made, &names))
    });
    Ok(Created(made.await?))
}

/// Takes one back.
pub async fn remove(
    caller: EhrPrincipal,
    id: web::Path<OverrideId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require(Permission::WorkEscalations)?;
    detached::to_the_end(async move {
        let (actor, practice, now) = (caller.actor(), caller.practice_id, services.clock.now());
        Change { actor: &actor, practice, now }.remove(&mut *pool.get().await?, *id).await
    })
    .await?;
    Ok(NoContent)
}

async fn read(conn: &mut AsyncPgConnection, practice: PracticeId, now: DateTime<Utc>) -> Result<OnCallRota> {
    let revision = store::revision(conn, practice).await?;
    let shifts = store::shifts(conn, practice).await?;
    let overrides = overrides::list(conn, practice, now).await?;
    let users = shifts.iter().map(|shift| shift.user).chain(overrides.iter().map(|found| found.deviation.user));
    let names = names(conn, practice, users).await?;
    Ok(OnCallRota {
        time_zone: store::zone(conn, practice).await?.name().to_owned(),
        revision,
        shifts: shifts.iter().map(|shift| shown_shift(shift, &names)).collect(),
        overrides: overrides.iter().map(|found| shown(found, &names)).collect(),
    })
}

fn shown_shift(shift: &Shift, names: &Names) -> OnCallShift {
    OnCallShift {
        layer: shift.layer,
        user: names.person(shift.user),
        weekday: shift.weekday.number_from_monday(),
        starts: shift.starts.format("%H:%M").to_string(),
        ends: shift.ends.format("%H:%M").to_string(),
    }
}

fn shown(found: &Override, names: &Names) -> OnCallOverride {
    let Deviation { layer, user, span } = found.deviation;
    OnCallOverride {
        id: found.id,
        kind: OverrideKind::of(layer),
        layer,
        user: names.person(user),
        starts_at: span.from,
        ends_at: span.until,
    }
}

fn read_shifts(sent: &[ChangedShift]) -> Result<Vec<Shift>> {
    let (mut shifts, mut errors) = (Vec::new(), Vec::new());
    for (at, shift) in sent.iter().enumerate() {
        let mut refuse = |field: &str, message: &str| {
            errors.push(FieldError { pointer: format!("/shifts/{at}/{field}"), message: message.to_owned() });
        };
        let weekday = shift.weekday.checked_sub(1).and_then(|day| Weekday::try_from(day).ok());
        if weekday.is_none() {
            refuse("weekday", "1 is Monday, 7 is Sunday.");
        }
        let [starts, ends] = [("starts", &shift.starts), ("ends", &shift.ends)].map(|(field, text)| {
            let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
            if time.is_none() {
                refuse(field, "Write the time as hours and minutes, such as 22:00.");
            }
            time
        });
        if let (Some(weekday), Some(starts), Some(ends)) = (weekday, starts, ends) {
            shifts.push(Shift { layer: shift.layer, user: shift.user, weekday, starts, ends });
        }
    }
    if errors.is_empty() { Ok(shifts) } else { Err(Error::Invalid(errors)) }
}
