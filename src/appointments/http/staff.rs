//! `GET|POST ehr/appointments`, `GET ehr/appointments/{appointment}`, `GET ehr/appointments/{appointment}/join`.

use super::{
    client::{self, Place},
    view::{self, Shown},
};
use crate::{
    accounts::{
        Permission,
        access::{listed, only_by_emergency},
    },
    app::Services,
    appointments::{
        Mode, access,
        list::{self, Search, Status},
        series::{self, New},
    },
    audit,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Stored,
        detached,
        idempotency::IdempotencyKey,
        json::Body,
        page::{List, PageQuery},
        principal::EhrPrincipal,
        when,
    },
    ids::{AppointmentId, EntryId, UserId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `?status=&from=&until=&clinician=&client=&limit=&cursor=`.
#[derive(Deserialize, IntoParams)]
pub struct ListQuery {
    #[serde(default)]
    #[param(inline)]
    status: Status,
    /// They reach into what begins here.
    #[serde(default, deserialize_with = "when::maybe")]
    from: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "when::maybe")]
    until: Option<DateTime<Utc>>,
    clinician: Option<UserId>,
    client: Option<UserId>,
    // Flattened, numbers of a query would arrive as text.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// An appointment to make, or a series of them.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewAppointment)]
pub struct NewAppointment {
    /// Chosen by the caller, so that sending again makes nothing twice.
    id: Option<AppointmentId>,
    client: UserId,
    clinician: UserId,
    #[serde(deserialize_with = "when::one")]
    starts_at: DateTime<Utc>,
    /// Left out: as the clinician's schedule says.
    #[schema(minimum = 5, maximum = 480)]
    minutes: Option<i64>,
    #[serde(default)]
    mode: Mode,
    /// RRULE of RFC 5545 over clocks of the clinician's zone, such as FREQ=WEEKLY;COUNT=10.
    #[schema(max_length = 200)]
    rule: Option<String>,
    /// Leave out of a series what is taken.
    #[serde(default)]
    skip_taken: bool,
}

/// What was made.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeAppointments)]
pub struct Made {
    items: Vec<Shown>,
    /// Beginnings that were taken, and left out.
    skipped: Vec<DateTime<Utc>>,
}

/// What one may see of the practice's.
pub async fn list(
    caller: EhrPrincipal,
    query: web::Query<ListQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Shown>>> {
    caller.require(Permission::WorkAppointments)?;
    let ListQuery { status, from, until, clinician, client, limit, cursor } = query.into_inner();
    let (limit, after) = PageQuery { limit, cursor }.read()?;
    let after = after.map(|after| (after.last_entry_at, AppointmentId(after.thread.0)));
    let mut conn = pool.get().await?;
    let page = conn.transaction(async |conn| {
        let search = Search { status, from, until, clinician, client };
        let found = list::find(conn, caller.viewer(), search, after, limit + 1, services.clock.now()).await?;
        let items = view::shown(conn, &services, caller.practice_id, &found).await?;
        let actor = caller.actor();
        let clients = found.iter().map(|one| one.client).collect();
        // One's own, and everybody's for the front desk, are seen by another right.
        let by_right = |clinician| access::sees_all(caller.viewer()) || clinician == caller.user_id;
        let others = found.iter().filter(|one| !by_right(one.clinician)).map(|one| one.client).collect();
        let emergency = only_by_emergency(conn, caller.viewer(), &others).await?;
        audit::record_all(conn, &listed(&actor, "appointments.listed", &clients, &emergency)).await?;
        Ok::<_, Error>(view::page(items, limit))
    });
    Ok(web::Json(page.await?))
}

/// Makes one, or a series.
pub async fn make(
    caller: EhrPrincipal,
    key: IdempotencyKey,
    input: Body<NewAppointment>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Made>> {
    caller.require(Permission::WorkAppointments)?;
    let NewAppointment { id, client, clinician, starts_at, minutes, mode, rule, skip_taken } = input.0;
    let id = AppointmentId(key.or_given(id.map(|id| EntryId(id.0))).0);
    let rule = rule.map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty());
    let new = New { id, client, clinician, starts_at, minutes, mode, rule, skip_taken };
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let (viewer, actor, now) = (caller.viewer(), caller.actor(), services.clock.now());
        let series::Made { repeated, made, skipped } = series::make(&mut conn, viewer, &actor, &new, now).await?;
        let mut items = Vec::with_capacity(made.len());
        for id in made {
            items.push(access::find(&mut conn, viewer, id).await?.appointment);
        }
        let items = view::shown(&mut conn, &services, caller.practice_id, &items).await?;
        Ok(Stored { repeated, content: Made { items, skipped } })
    })
    .await
}

/// One of them.
pub async fn show(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    caller.require(Permission::WorkAppointments)?;
    let mut conn = pool.get().await?;
    let found = access::find(&mut conn, caller.viewer(), *id).await?;
    let shown = view::now(&mut conn, &services, caller.viewer(), *id).await?;
    audit::record(&mut conn, found.event(&caller.actor(), "appointment.viewed")).await?;
    Ok(web::Json(shown))
}

/// Where to meet over video.
pub async fn join(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Place>> {
    caller.require(Permission::WorkAppointments)?;
    client::place(&caller, *id, &pool, &services).await
}
