//! `GET ehr/billing/appointments/{appointment}/charges`: for those who bill, and for the clinician who saw the client.

use crate::{
    accounts::Permission,
    app::Services,
    appointments::access as appointments,
    audit,
    billing::{
        account, charges,
        http::view::{self, ShownCharge},
    },
    db::Pool,
    error::{Error, Result},
    http::{page::List, principal::EhrPrincipal},
    ids::AppointmentId,
};
use actix_web::web;
use diesel_async::AsyncConnection;

/// What an appointment was charged.
pub async fn charges(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ShownCharge>>> {
    caller.require(Permission::WorkAppointments)?;
    let mut conn = pool.get().await?;
    let items = conn.transaction(async |conn| {
        let found = appointments::find(conn, caller.viewer(), *id).await?;
        let own = found.appointment.clinician == caller.user_id;
        if !own && !caller.role.grants(Permission::ManageBilling) {
            return Err(Error::NotFound);
        }
        let made = charges::of_appointment(conn, &services.keyring, *id).await?;
        audit::record(conn, found.event(&caller.actor(), "charges.listed")).await?;
        let account = account::of(conn, found.appointment.client).await?;
        view::charges(conn, caller.practice_id, &account, made).await
    });
    Ok(web::Json(List::whole(items.await?)))
}
