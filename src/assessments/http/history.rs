//! `GET portal/assessments/history`: what the client has answered.

use super::view::{AssessmentSummary, Reader, summary};
use crate::{
    accounts::access::find_client_access,
    app::Services,
    assessments::{model::AssessmentState, store},
    audit,
    db::Pool,
    error::{Error, Result},
    http::{
        page::{List, NewestQuery},
        principal::PortalPrincipal,
    },
};
use actix_web::web;

/// Newest first.
pub async fn list(
    caller: PortalPrincipal,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<AssessmentSummary>>> {
    let (limit, before) = page.read()?;
    let mut conn = pool.get().await?;
    let access = find_client_access(&mut conn, caller.viewer(), caller.user_id).await?.ok_or(Error::NotFound)?;
    let answered =
        store::list(&mut conn, &services.keyring, &access, &[AssessmentState::Submitted], before, limit + 1).await?;
    audit::record(&mut conn, access.event(&caller.actor(), "assessmentResults.viewed")).await?;
    let List { items, next } = List::newest(answered, limit, |one| one.id.0);
    let language = &caller.identity().language;
    let items = items.iter().map(|one| summary(one, Reader::Client, language)).collect();
    Ok(web::Json(List { items, next }))
}
