//! `GET ehr/submissions`, `GET ehr/submissions/{submission}`, `GET …/pdf`, `POST …/review`.

use crate::{
    accounts::{
        Permission,
        access::{Viewer, listed, only_by_emergency},
        profile,
    },
    app::Services,
    audit::{self, Actor},
    db::Pool,
    error::{Error, Result},
    forms::{
        print,
        review::{self, Said},
        submissions::{self, Submission, Summary},
    },
    http::{
        answer::Pdf,
        detached,
        json::Body,
        page::{List, NewestQuery},
        principal::EhrPrincipal,
    },
    ids::{FormSubmissionId, UserId},
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which submissions.
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// Reviewed, or not yet; left out: both.
    reviewed: Option<bool>,
    /// Of this client alone.
    client: Option<UserId>,
}

/// What was said about it. Both may be left out.
#[derive(Deserialize, ToSchema)]
pub struct FormReviewed {
    /// For those who work for the practice.
    note: Option<String>,
    /// For the client, too.
    message: Option<String>,
}

/// A submission, and whose form it is: what a file is made of.
pub(super) struct ToPrint {
    submission: Submission,
    practice: String,
}

/// Of one's own clients.
pub async fn list(
    caller: EhrPrincipal,
    wanted: web::Query<Wanted>,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<Summary>>> {
    caller.require(Permission::WorkForms)?;
    let (limit, before) = page.read()?;
    let Wanted { reviewed, client } = wanted.into_inner();
    let mut conn = pool.get().await?;
    let wanted = submissions::Wanted { reviewed, client, limit, before };
    let found = submissions::list(&mut conn, caller.viewer(), wanted).await?;
    let actor = caller.actor();
    let clients = found.iter().map(|submission| submission.client.id).collect();
    let emergency = only_by_emergency(&mut conn, caller.viewer(), &clients).await?;
    audit::record_all(&mut conn, &listed(&actor, "submissions.listed", &clients, &emergency)).await?;
    Ok(web::Json(List::newest(found, limit, |submission| submission.id.0)))
}

/// With what was asked and answered, and what was noted about it.
pub async fn show(
    caller: EhrPrincipal,
    submission: web::Path<FormSubmissionId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Submission>> {
    caller.require(Permission::WorkForms)?;
    let mut conn = pool.get().await?;
    let opened = submissions::find(&mut conn, &services.keyring, caller.viewer(), *submission).await?;
    audit::record(&mut conn, opened.event(&caller.actor(), "submission.viewed")).await?;
    Ok(web::Json(opened.submission))
}

/// Notes that one looked at it.
pub async fn review(
    caller: EhrPrincipal,
    submission: web::Path<FormSubmissionId>,
    input: Body<FormReviewed>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Submission>> {
    caller.require(Permission::WorkForms)?;
    let FormReviewed { note, message } = input.0;
    let reviewed = detached::to_the_end(async move {
        let (actor, now) = (caller.actor(), services.clock.now());
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let opened = submissions::find(conn, &services.keyring, caller.viewer(), *submission).await?;
            let said = Said { note, message };
            review::review(conn, &services.keyring, &opened, (&actor, caller.user_id), said, now).await?;
            Ok(submissions::find(conn, &services.keyring, caller.viewer(), *submission).await?.submission)
        })
        .await
    });
    Ok(web::Json(reviewed.await?))
}

/// As a file.
pub async fn pdf(
    caller: EhrPrincipal,
    submission: web::Path<FormSubmissionId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    caller.require(Permission::WorkForms)?;
    let opened = file(&pool, &services, caller.viewer(), &caller.actor(), *submission).await?;
    as_pdf(opened).await
}

/// Reads what a file is made of, and notes that somebody took it away.
pub(super) async fn file(
    pool: &Pool,
    services: &Services,
    viewer: Viewer,
    actor: &Actor,
    id: FormSubmissionId,
) -> Result<ToPrint> {
    let mut conn = pool.get().await?;
    let opened = submissions::find(&mut conn, &services.keyring, viewer, id).await?;
    let person = profile::find_profile(&mut conn, viewer.user).await?.ok_or(Error::NotFound)?;
    audit::record(&mut conn, opened.event(actor, "submission.downloaded")).await?;
    Ok(ToPrint { submission: opened.submission, practice: person.practice.name })
}

/// Sets it, on a thread of its own. Its name says nothing about anybody.
pub(super) async fn as_pdf(printed: ToPrint) -> Result<Pdf> {
    let at = printed.submission.summary.submitted_at;
    let set = tokio::task::spawn_blocking(move || print::pdf(&printed.submission, &printed.practice)).await;
    let content = set.map_err(|_| anyhow::anyhow!("setting a document did not come to its end"))??;
    Ok(Pdf { name: format!("form-{}.pdf", at.format("%Y-%m-%d")), content })
}
