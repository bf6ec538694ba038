//! What the practice does with an appointment: confirm, propose another time or take that back, move, check in, complete,
//! note that nobody came, cancel.

use super::view::{self, OtherTime, Shown};
use crate::{
    accounts::Permission,
    app::Services,
    appointments::course::Act,
    db::Pool,
    error::Result,
    http::{json::Body, principal::EhrPrincipal},
    ids::AppointmentId,
};
use actix_web::web;
use diesel_async::AsyncPgConnection;

/// Says yes.
pub async fn confirm(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    changed(caller, *id, pool, services, async |act, conn, id| act.confirm(conn, id).await).await
}

/// Names another time, for the client to accept.
pub async fn propose(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    input: Body<OtherTime>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let at = input.0.starts_at;
    changed(caller, *id, pool, services, async move |act, conn, id| act.propose(conn, id, at).await).await
}

/// Takes back the other time that it proposed: it stays as it is.
pub async fn withdraw(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    changed(caller, *id, pool, services, async |act, conn, id| act.decline(conn, id).await).await
}

/// Moves it.
pub async fn reschedule(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    input: Body<OtherTime>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let at = input.0.starts_at;
    changed(caller, *id, pool, services, async move |act, conn, id| act.settle(conn, id, at).await).await
}

/// The client is there.
pub async fn check_in(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    changed(caller, *id, pool, services, async |act, conn, id| act.check_in(conn, id).await).await
}

/// It took place.
pub async fn complete(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    changed(caller, *id, pool, services, async |act, conn, id| act.complete(conn, id).await).await
}

/// The client did not come.
pub async fn no_show(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    changed(caller, *id, pool, services, async |act, conn, id| act.no_show(conn, id).await).await
}

/// Cancels it.
pub async fn cancel(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    changed(caller, *id, pool, services, async |act, conn, id| act.cancel(conn, id, false).await).await
}

async fn changed(
    caller: EhrPrincipal,
    id: AppointmentId,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
    act: impl AsyncFnOnce(Act<'_>, &mut AsyncPgConnection, AppointmentId) -> Result<()> + 'static,
) -> Result<web::Json<Shown>> {
    caller.require(Permission::WorkAppointments)?;
    view::changed(caller, id, pool, services, act).await
}
