//! `GET ehr/appointments/{appointment}/assessments`: what its client was asked before it, and the scores.

use super::view::{AssessmentSummary, Reader, summary};
use crate::{
    accounts::{Permission, access::find_client_access},
    app::Services,
    appointments::access,
    assessments::store,
    audit,
    db::Pool,
    error::Result,
    http::{page::List, principal::EhrPrincipal},
    ids::AppointmentId,
};
use actix_web::web;
use diesel_async::AsyncConnection;

/// Those that one may see: an appointment alone opens no record, and whoever does not look after its client finds none.
pub async fn list(
    caller: EhrPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<AssessmentSummary>>> {
    caller.require(Permission::WorkAssessments)?;
    let mut conn = pool.get().await?;
    let items = conn.transaction(async |conn| {
        let appointment = access::find(conn, caller.viewer(), *id).await?;
        let record = find_client_access(conn, caller.viewer(), appointment.appointment.client).await?;
        let found = match &record {
            Some(record) => store::before_appointment(conn, &services.keyring, record, id.0).await?,
            None => Vec::new(),
        };
        audit::record(conn, appointment.event(&caller.actor(), "assessmentResults.viewed")).await?;
        Ok::<_, crate::error::Error>(found.iter().map(|one| summary(one, Reader::Staff, "en")).collect())
    });
    Ok(web::Json(List::whole(items.await?)))
}
