//! `POST portal/forms/{assignment}/files?field=`: a file, to be named in an answer afterwards. `GET …/files/{file}`: its
//! content, for its client. `GET ehr/submissions/{submission}/files/{file}`: the same, once it was submitted. `GET
//! …/preview` below either: a page of it as a picture.

use crate::{
    accounts::Permission,
    app::Services,
    audit,
    db::Pool,
    error::{Error, Result},
    forms::{
        assignments,
        files::{self, FormFile},
        submissions,
    },
    http::{
        answer::Stored,
        detached,
        idempotency::IdempotencyKey,
        principal::{EhrPrincipal, PortalPrincipal},
        upload::{Content, PageQuery, Picture, Upload},
    },
    ids::{FormAssignmentId, FormSubmissionId, ObjectId},
    objects::{self, Object, Purpose, Received},
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

/// `?field=`
#[derive(Deserialize, IntoParams)]
pub struct Where {
    /// The key of the field that asks for it.
    #[serde(default)]
    field: String,
}

/// Takes one in.
pub async fn add(
    caller: PortalPrincipal,
    assignment: web::Path<FormAssignmentId>,
    into: web::Query<Where>,
    key: IdempotencyKey,
    file: Upload,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<FormFile>> {
    let (assignment, Where { field }) = (*assignment, into.into_inner());
    let found = assignments::find(&mut *pool.get().await?, caller.viewer(), assignment, services.clock.now()).await?;
    files::may_be_added(&found, &field)?;
    let received = file.receive(&caller, found.access.client(), Purpose::FormAnswer, key, (&pool, &services)).await?;
    let Received { object, .. } = received;
    // Asked again: while a long upload was under way, the form may have been submitted or taken back.
    super::change(&caller, assignment, (pool, services), move |conn, by| {
        Box::pin(async move {
            let keyring = &by.services.keyring;
            let added = files::add(conn, keyring, &by.assigned, &by.actor, (&field, &object), by.now).await?;
            Ok(Stored { repeated: added.1, content: added.0 })
        })
    })
    .await
}

/// For its client.
pub async fn download(
    caller: PortalPrincipal,
    at: web::Path<(FormAssignmentId, ObjectId)>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Content> {
    let object = find(&caller, *at, "form.fileDownloaded", pool, &services).await?;
    Content::of(&services.objects, &object).await
}

/// A page of it, to be looked at by its client.
pub async fn preview(
    caller: PortalPrincipal,
    at: web::Path<(FormAssignmentId, ObjectId)>,
    page: web::Query<PageQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Picture> {
    let object = find(&caller, *at, "form.filePreviewed", pool, &services).await?;
    Picture::of(&services.objects, &object, &page).await
}

/// For those who look after the client.
pub async fn download_submitted(
    caller: EhrPrincipal,
    at: web::Path<(FormSubmissionId, ObjectId)>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Content> {
    let object = find_submitted(&caller, *at, "submission.fileDownloaded", pool, &services).await?;
    Content::of(&services.objects, &object).await
}

/// A page of it, to be looked at by those who look after the client.
pub async fn preview_submitted(
    caller: EhrPrincipal,
    at: web::Path<(FormSubmissionId, ObjectId)>,
    page: web::Query<PageQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Picture> {
    let object = find_submitted(&caller, *at, "submission.filePreviewed", pool, &services).await?;
    Picture::of(&services.objects, &object, &page).await
}

/// One of the caller's own, with a row in the audit log for what they do with it.
async fn find(
    caller: &PortalPrincipal,
    (assignment, file): (FormAssignmentId, ObjectId),
    action: &'static str,
    pool: web::Data<Pool>,
    services: &Services,
) -> Result<Object> {
    let (viewer, actor) = (caller.viewer(), caller.actor());
    let (keyring, now) = (services.keyring.clone(), services.clock.now());
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let assigned = assignments::find(conn, viewer, assignment, now).await?;
            let object = files::find(conn, &keyring, &assigned, file).await?;
            audit::record(conn, assigned.event(&actor, action).with(json!({"file": file}))).await?;
            Ok::<_, Error>(object)
        })
        .await
    })
    .await
}

/// One that was submitted, the same way.
async fn find_submitted(
    caller: &EhrPrincipal,
    (submission, file): (FormSubmissionId, ObjectId),
    action: &'static str,
    pool: web::Data<Pool>,
    services: &Services,
) -> Result<Object> {
    caller.require(Permission::WorkForms)?;
    let (viewer, actor, keyring) = (caller.viewer(), caller.actor(), services.keyring.clone());
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let opened = submissions::find(conn, &keyring, viewer, submission).await?;
            let was_submitted = opened.submission.files.iter().any(|sealed| sealed.id == file);
            let object = objects::find(conn, &keyring, opened.access.client(), file).await?;
            let object = object.filter(|_| was_submitted).ok_or(Error::NotFound)?;
            audit::record(conn, opened.event(&actor, action).with(json!({"file": file}))).await?;
            Ok::<_, Error>(object)
        })
        .await
    })
    .await
}
