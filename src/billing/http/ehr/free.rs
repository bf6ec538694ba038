//! `GET ehr/billing/free`, `PUT|DELETE ehr/billing/appointments/{appointment}/free`: appointments that cost nothing.

use crate::{
    accounts::{Permission, Person, people},
    app::Services,
    billing::{
        access,
        free::{self, Free},
        http::calls::{self, Noted, Whose},
    },
    db::Pool,
    error::{Error, Result},
    http::{answer::NoContent, page::List, principal::EhrPrincipal},
    ids::{AppointmentId, UserId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// How many are listed, marked last first.
const MOST: i64 = 100;

/// An appointment that took place and costs nothing.
#[derive(Serialize, ToSchema)]
#[schema(as = FreeAppointment)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    appointment: AppointmentId,
    client: Person,
    clinician: Person,
    starts_at: DateTime<Utc>,
    marked_by: Person,
    marked_at: DateTime<Utc>,
}

fn shown(one: Free, people: &HashMap<UserId, Person>) -> Result<Shown> {
    let person = |id| people.get(&id).cloned().ok_or(Error::NotFound);
    Ok(Shown {
        appointment: one.appointment,
        client: person(one.client)?,
        clinician: person(one.clinician)?,
        starts_at: one.starts_at,
        marked_by: person(one.marked_by)?,
        marked_at: one.marked_at,
    })
}

/// Those that were marked last.
pub async fn list(caller: EhrPrincipal, pool: web::Data<Pool>) -> Result<web::Json<List<Shown>>> {
    caller.require(Permission::ManageBilling)?;
    let mut conn = pool.get().await?;
    let items = conn.transaction(async |conn| {
        let access = access::of_practice(caller.viewer())?;
        let found = free::list(conn, &access, MOST).await?;
        let users: Vec<UserId> = found.iter().flat_map(|one| [one.client, one.clinician, one.marked_by]).collect();
        let people = people::find_people(conn, access.practice(), &users).await?;
        let actor = caller.actor();
        let clients = found.iter().map(|one| one.client).collect();
        calls::listed(conn, &actor, "billingFree.listed", clients).await?;
        found.into_iter().map(|one| shown(one, &people)).collect::<Result<Vec<_>>>()
    });
    Ok(web::Json(List::whole(items.await?)))
}

/// Marks one.
pub async fn mark(
    caller: EhrPrincipal,
    appointment: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require(Permission::ManageBilling)?;
    let id = *appointment;
    let marked = calls::change(pool, caller, Whose::Appointment(id), move |conn, access| {
        Box::pin(async move {
            let made = free::mark(conn, &access, id, services.clock.now()).await?;
            Ok((NoContent, made.then(|| Noted::new("appointment.markedFree").on("appointment", id))))
        })
    });
    Ok(marked.await?.content)
}

/// Takes the mark back.
pub async fn unmark(
    caller: EhrPrincipal,
    appointment: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
) -> Result<NoContent> {
    caller.require(Permission::ManageBilling)?;
    let id = *appointment;
    let unmarked = calls::change(pool, caller, Whose::Appointment(id), move |conn, access| {
        Box::pin(async move {
            free::unmark(conn, &access, id).await?;
            Ok((NoContent, Some(Noted::new("appointment.unmarkedFree").on("appointment", id))))
        })
    });
    Ok(unmarked.await?.content)
}
