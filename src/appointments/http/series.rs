//! `PUT ehr/appointments/{appointment}/series`, `POST ehr/appointments/{appointment}/series/cancel`: a series, seen from one
//! of its appointments.

use super::view::{self, Shown};
use crate::{
    accounts::{Permission, access::Viewer},
    app::Services,
    appointments::{
        Mode, access,
        course::{
            Act,
            whole::{Change, Changed, Scope},
        },
    },
    db::Pool,
    error::Result,
    http::{detached, json::Body, principal::EhrPrincipal, when},
    ids::AppointmentId,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a series is to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SeriesChange)]
pub struct SeriesChange {
    scope: Scope,
    /// Of this appointment; the others move by the same difference on the clocks of the series' zone.
    #[serde(deserialize_with = "when::one")]
    starts_at: DateTime<Utc>,
    /// Left out: as it is.
    mode: Option<Mode>,
    /// Those whose new time is taken stay where they are; otherwise nothing is changed.
    #[serde(default)]
    leave_taken: bool,
}

/// Which of a series are cancelled.
#[derive(Deserialize, ToSchema)]
#[schema(as = SeriesCancellation)]
pub struct SeriesCancellation {
    scope: Scope,
}

/// What became of a series.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangedSeries)]
pub struct ChangedSeries {
    /// Those that were changed, the nearest first.
    items: Vec<Shown>,
    /// New beginnings that were taken: these appointments stayed where they were.
    taken: Vec<DateTime<Utc>>,
}

/// Moves a series, or the rest of it.
pub async fn change(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    input: Body<SeriesChange>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<ChangedSeries>> {
    let SeriesChange { scope, starts_at, mode, leave_taken } = input.0;
    let change = Change { scope, starts_at, mode, leave_taken };
    done(caller, pool, services, async move |act, conn| act.change_series(conn, *id, change).await).await
}

/// Cancels a series, or the rest of it.
pub async fn cancel(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    input: Body<SeriesCancellation>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<ChangedSeries>> {
    let scope = input.0.scope;
    done(caller, pool, services, async move |act, conn| {
        let changed = act.cancel_series(conn, *id, scope).await?;
        Ok(Changed { changed, taken: Vec::new() })
    })
    .await
}

async fn done(
    caller: EhrPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
    act: impl AsyncFnOnce(Act<'_>, &mut AsyncPgConnection) -> Result<Changed> + 'static,
) -> Result<web::Json<ChangedSeries>> {
    caller.require(Permission::WorkAppointments)?;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let (viewer, actor) = (caller.viewer(), caller.actor());
        let Changed { changed, taken } =
            act(Act { viewer, actor: &actor, now: services.clock.now() }, &mut conn).await?;
        let items = shown(&mut conn, &services, viewer, changed).await?;
        Ok(web::Json(ChangedSeries { items, taken }))
    })
    .await
}

async fn shown(
    conn: &mut AsyncPgConnection,
    services: &Services,
    viewer: Viewer,
    ids: Vec<AppointmentId>,
) -> Result<Vec<Shown>> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(access::find(conn, viewer, id).await?.appointment);
    }
    view::shown(conn, services, viewer.practice, &found).await
}
