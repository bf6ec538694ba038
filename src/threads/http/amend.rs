//! What staff add to the record: `POST ehr/threads/{thread}/notes`, and `…/entries/{entry}/correction|retraction` by
//! the entry's author. The original always stays.

use super::post::{Receipt, post};
use crate::{
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Stored,
        idempotency::IdempotencyKey,
        json::{Body, MaybeBody},
        principal::EhrPrincipal,
    },
    hub::NewMessage,
    ids::{EntryId, ThreadId},
    threads::model::{BodyError, Kind, Priority, Text, check_body},
};
use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

/// A note, or a new wording.
#[derive(Deserialize, ToSchema)]
#[schema(as = NoteOrCorrection)]
pub struct Written {
    id: Option<EntryId>,
    body: Text,
}

/// Why something is taken back.
#[derive(Deserialize, Default, ToSchema)]
pub struct Retraction {
    id: Option<EntryId>,
    #[serde(default)]
    reason: Text,
}

/// A note among staff.
pub async fn note(
    caller: EhrPrincipal,
    thread: web::Path<ThreadId>,
    key: IdempotencyKey,
    input: Body<Written>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Receipt>> {
    let Written { id, body } = input.0;
    check_body(&body.0)?;
    post(&caller, entry(key.or_given(id), *thread, Kind::Note, body, None), &pool, &services).await
}

/// A new wording of one's own message.
pub async fn correction(
    caller: EhrPrincipal,
    path: web::Path<(ThreadId, EntryId)>,
    key: IdempotencyKey,
    input: Body<Written>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Receipt>> {
    let ((thread, original), Written { id, body }) = (*path, input.0);
    check_body(&body.0)?;
    post(&caller, entry(key.or_given(id), thread, Kind::Correction, body, Some(original)), &pool, &services).await
}

/// Takes back one's own message.
pub async fn retraction(
    caller: EhrPrincipal,
    path: web::Path<(ThreadId, EntryId)>,
    key: IdempotencyKey,
    input: MaybeBody<Retraction>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Receipt>> {
    let ((thread, original), Retraction { id, reason }) = (*path, input.0);
    // No reason need be given.
    match check_body(&reason.0) {
        Ok(()) | Err(BodyError::Empty) => {}
        Err(error) => return Err(Error::from(error)),
    }
    post(&caller, entry(key.or_given(id), thread, Kind::Retraction, reason, Some(original)), &pool, &services).await
}

fn entry(id: EntryId, thread: ThreadId, kind: Kind, body: Text, reply_to: Option<EntryId>) -> NewMessage {
    NewMessage { id, thread, kind, body, priority: Priority::Normal, reply_to, attachments: Vec::new(), based_on: None }
}
