//! The pages about appointments, behind both doors. Frames around calls: whose appointment it is stands on a page only
//! once the call has said that its caller may know it.

use super::{
    assets,
    shell::{Away, Shell, framed, page},
};
use crate::{accounts::Audience, http::principal::MaybePrincipal};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use uuid::Uuid;

framed! {
    /// `GET /portal/appointments`
    own: Own("appointments/own.html"), Portal, "appointments.js";
    /// `GET /portal/appointments/new`
    request: Request("appointments/request.html"), Portal, "appointments.js";
    /// `GET /ehr/appointments`
    schedule: Schedule("appointments/schedule.html"), Ehr, "ehr-appointments.js", WorkAppointments;
    /// `GET /ehr/appointments/requests`
    requests: Requests("appointments/requests.html"), Ehr, "ehr-appointments.js", WorkAppointments;
    /// `GET /ehr/availability`
    availability: Availability("appointments/availability.html"), Ehr, "ehr-appointments.js", WorkAppointments;
    /// `GET /ehr/admin/appointment-policy`
    policy: Policy("appointments/policy.html"), Ehr, "ehr-appointments.js", ManageAppointments;
}

#[derive(Template)]
#[template(path = "appointments/one.html")]
struct One {
    assets: &'static str,
    shell: Shell,
    appointment: Uuid,
}

/// `GET /portal/appointments/{appointment}`
pub async fn of_client(request: HttpRequest, who: MaybePrincipal, id: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Portal, who, &request)?.running("appointments.js");
    Ok(page(StatusCode::OK, &One { assets: assets::base(), shell, appointment: id.into_inner() }))
}

/// `GET /ehr/appointments/{appointment}`
pub async fn of_staff(request: HttpRequest, who: MaybePrincipal, id: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Ehr, who, &request)?.running("ehr-appointments.js");
    Ok(page(StatusCode::OK, &One { assets: assets::base(), shell, appointment: id.into_inner() }))
}
