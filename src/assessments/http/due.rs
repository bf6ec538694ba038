//! `GET portal/assessments`: what waits for the client's answers.

use super::view::{AssessmentSummary, Reader, summary};
use crate::{
    accounts::access::find_client_access,
    app::Services,
    assessments::{model::AssessmentState, store},
    audit,
    db::Pool,
    error::{Error, Result},
    http::{page::List, principal::PortalPrincipal},
};
use actix_web::web;

/// Of so many instruments nobody is asked at once.
const MOST: i64 = 200;

/// Those that are due soonest come first.
pub async fn list(
    caller: PortalPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<AssessmentSummary>>> {
    let mut conn = pool.get().await?;
    let access = find_client_access(&mut conn, caller.viewer(), caller.user_id).await?.ok_or(Error::NotFound)?;
    let mut open = store::list(&mut conn, &services.keyring, &access, &[AssessmentState::Open], None, MOST).await?;
    open.sort_by_key(|assessment| (assessment.due_at, assessment.id));
    audit::record(&mut conn, access.event(&caller.actor(), "assessments.listed")).await?;
    let language = &caller.identity().language;
    Ok(web::Json(List::whole(open.iter().map(|one| summary(one, Reader::Client, language)).collect())))
}
