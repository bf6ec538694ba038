//! `POST portal/messages/{thread}/reply`, `POST ehr/threads/{thread}/reply`.

use super::post::{Receipt, post};
use crate::{
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{answer::Stored, idempotency::IdempotencyKey, json::Body, principal::Caller},
    hub::NewMessage,
    ids::{EntryId, ObjectId, ThreadId},
    threads::model::{Kind, MOST_ATTACHMENTS, Priority, Text, check_body_beside},
};
use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is sent.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Reply)]
pub struct Written {
    id: Option<EntryId>,
    body: Text,
    #[serde(default)]
    priority: Priority,
    reply_to: Option<EntryId>,
    /// The last `seq` that a clinician had seen.
    based_on: Option<i64>,
    /// Ids of uploads.
    #[serde(default)]
    #[schema(max_items = 10)]
    attachments: Vec<ObjectId>,
}

/// A message into a thread.
pub async fn reply<C: Caller>(
    caller: C,
    thread: web::Path<ThreadId>,
    key: IdempotencyKey,
    input: Body<Written>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Receipt>> {
    let Written { id, body, priority, reply_to, based_on, attachments } = input.0;
    check_body_beside(&body.0, attachments.len())?;
    if attachments.len() > MOST_ATTACHMENTS {
        return Err(Error::field("/attachments", "A message takes at most 10 attachments."));
    }
    let message = NewMessage {
        id: key.or_given(id),
        thread: *thread,
        kind: Kind::Message,
        body,
        priority,
        reply_to,
        attachments,
        based_on: based_on.filter(|_| caller.role.is_staff()),
    };
    post(&caller, message, &pool, &services).await
}
