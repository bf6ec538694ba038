//! `POST portal/forms/{assignment}/files?field=`: a file, to be named in an answer afterwards. `GET …/files/{file}`: its
//! content, for its client. `GET ehr/submissions/{submission}/files/{file}`: the same, once it was submitted.

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
        idempotency::IdempotencyKey,
        principal::{EhrPrincipal, PortalPrincipal},
        upload::{Content, Upload},
    },
    ids::{FormAssignmentId, FormSubmissionId, ObjectId},
    objects::{self, Purpose, Received},
};
use actix_web::web;
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
    let (assignment, file) = *at;
    let mut conn = pool.get().await?;
    let assigned = assignments::find(&mut conn, caller.viewer(), assignment, services.clock.now()).await?;
    let object = files::find(&mut conn, &services.keyring, &assigned, file).await?;
    let actor = caller.actor();
    audit::record(&mut conn, assigned.event(&actor, "form.fileDownloaded").with(json!({"file": file}))).await?;
    drop(conn);
    Content::of(&services.objects, &object).await
}

/// For those who look after the client.
pub async fn download_submitted(
    caller: EhrPrincipal,
    at: web::Path<(FormSubmissionId, ObjectId)>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Content> {
    caller.require(Permission::WorkForms)?;
    let (submission, file) = *at;
    let mut conn = pool.get().await?;
    let opened = submissions::find(&mut conn, &services.keyring, caller.viewer(), submission).await?;
    let was_submitted = opened.submission.files.iter().any(|sealed| sealed.id == file);
    let object = objects::find(&mut conn, &services.keyring, opened.access.client(), file).await?;
    let object = object.filter(|_| was_submitted).ok_or(Error::NotFound)?;
    let actor = caller.actor();
    audit::record(&mut conn, opened.event(&actor, "submission.fileDownloaded").with(json!({"file": file}))).await?;
    drop(conn);
    Content::of(&services.objects, &object).await
}
