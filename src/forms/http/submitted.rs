//! `GET portal/forms/submissions`, `GET portal/forms/submissions/{submission}`, `GET …/pdf`: what one submitted.

use super::submissions::{as_pdf, file};
use crate::{
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::Result,
    forms::submissions::{self, Submission, Summary},
    http::{
        answer::Pdf,
        page::{List, NewestQuery},
        principal::PortalPrincipal,
    },
    ids::FormSubmissionId,
};
use actix_web::web;

/// One's own.
pub async fn list(
    caller: PortalPrincipal,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<Summary>>> {
    let (limit, before) = page.read()?;
    let mut conn = pool.get().await?;
    let wanted = submissions::Wanted { limit, before, ..submissions::Wanted::default() };
    let found = submissions::list(&mut conn, caller.viewer(), wanted).await?;
    let actor = caller.actor();
    audit::record(&mut conn, Event::new(&actor, "submissions.listed").of_client(caller.user_id)).await?;
    Ok(web::Json(List::newest(found, limit, |submission| submission.id.0)))
}

/// With what was asked and answered.
pub async fn show(
    caller: PortalPrincipal,
    submission: web::Path<FormSubmissionId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Submission>> {
    let mut conn = pool.get().await?;
    let opened = submissions::find(&mut conn, &services.keyring, caller.viewer(), *submission).await?;
    audit::record(&mut conn, opened.event(&caller.actor(), "submission.viewed")).await?;
    Ok(web::Json(opened.submission))
}

/// The same as a file.
pub async fn pdf(
    caller: PortalPrincipal,
    submission: web::Path<FormSubmissionId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    let opened = file(&pool, &services, caller.viewer(), &caller.actor(), *submission).await?;
    as_pdf(opened).await
}
