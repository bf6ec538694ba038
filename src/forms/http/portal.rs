//! `GET portal/forms`, `GET portal/forms/{assignment}`, `PATCH …/save-draft`, `POST …/submit`, `GET …/history`.

use crate::{
    app::Services,
    audit,
    db::Pool,
    error::Result,
    forms::{
        Definition,
        answers::Answers,
        assignments::{self, Summary},
        drafts::{self, Draft, Saving},
        files::{self, FormFile},
        history::{self, Happening},
        submit::{Submitting, submit},
    },
    http::{
        answer::Stored,
        idempotency::IdempotencyKey,
        json::{Body, FORM_BYTES},
        page::{List, NewestQuery},
        principal::PortalPrincipal,
    },
    ids::{EntryId, FormAssignmentId, FormSubmissionId},
};
use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which forms.
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// Those alone that are still to be filled in.
    #[serde(default)]
    open: bool,
}

/// A form to fill in, with what was written so far.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormToFillIn {
    #[serde(flatten)]
    summary: Summary,
    definition: Definition,
    draft: Draft,
    /// Those that were added to it, whether or not an answer names them.
    files: Vec<FormFile>,
}

/// What was changed.
#[derive(Deserialize, ToSchema)]
pub struct FormDraftChange {
    /// Of the draft that it started from; left out: whatever is there.
    revision: Option<i64>,
    /// By the keys of their fields; null takes an answer away, and what is left out stays.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    answers: Answers,
}

/// What is submitted: the draft.
#[derive(Deserialize, ToSchema)]
pub struct FormToSubmit {
    /// What its sender calls it, in place of Idempotency-Key.
    id: Option<EntryId>,
    /// Of the draft that was seen; left out: whatever is there.
    revision: Option<i64>,
    /// What was changed since.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    answers: Answers,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
pub struct FormSubmitted {
    submission: FormSubmissionId,
}

/// One's own.
pub async fn list(
    caller: PortalPrincipal,
    wanted: web::Query<Wanted>,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Summary>>> {
    super::list(&caller, (caller.user_id, wanted.open), &page, &pool, &services).await
}

/// With what was written so far.
pub async fn show(
    caller: PortalPrincipal,
    assignment: web::Path<FormAssignmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<FormToFillIn>> {
    let mut conn = pool.get().await?;
    let assigned = assignments::find(&mut conn, caller.viewer(), *assignment, services.clock.now()).await?;
    let draft = drafts::find(&mut conn, &services.keyring, &assigned).await?;
    let files = files::list(&mut conn, &services.keyring, assigned.id).await?;
    let actor = caller.actor();
    audit::record(&mut conn, assigned.event(&actor, "form.viewed")).await?;
    let assignments::Assigned { summary, definition, .. } = assigned;
    Ok(web::Json(FormToFillIn { summary, definition, draft, files }))
}

/// Keeps what is being written.
pub async fn save_draft(
    caller: PortalPrincipal,
    assignment: web::Path<FormAssignmentId>,
    input: Body<FormDraftChange, FORM_BYTES>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Draft>> {
    let FormDraftChange { revision, answers: changed } = input.0;
    let saved = super::change(&caller, *assignment, (pool, services), move |conn, by| {
        Box::pin(async move {
            let saving = Saving { changed, revision };
            let draft = drafts::save(conn, &by.services.keyring, &by.assigned, saving, by.now).await?;
            audit::record(conn, by.assigned.event(&by.actor, "form.draftSaved")).await?;
            Ok(draft)
        })
    });
    Ok(web::Json(saved.await?))
}

/// Submits it, signed.
pub async fn send(
    caller: PortalPrincipal,
    assignment: web::Path<FormAssignmentId>,
    key: IdempotencyKey,
    input: Body<FormToSubmit, FORM_BYTES>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<FormSubmitted>> {
    let FormToSubmit { id, revision, answers: changed } = input.0;
    let submitting = Submitting { sent_as: key.or_given(id), revision, changed };
    super::change(&caller, *assignment, (pool, services), move |conn, by| {
        Box::pin(async move {
            let (submission, repeated) =
                submit(conn, &by.services.keyring, &by.assigned, &by.actor, submitting, by.now).await?;
            Ok(Stored { repeated, content: FormSubmitted { submission } })
        })
    })
    .await
}

/// What happened to it, and to the same form before.
pub async fn history(
    caller: PortalPrincipal,
    assignment: web::Path<FormAssignmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Happening>>> {
    let mut conn = pool.get().await?;
    let assigned = assignments::find(&mut conn, caller.viewer(), *assignment, services.clock.now()).await?;
    let happened = history::of(&mut conn, &assigned).await?;
    let actor = caller.actor();
    audit::record(&mut conn, assigned.event(&actor, "form.viewed")).await?;
    Ok(web::Json(List::whole(happened)))
}
