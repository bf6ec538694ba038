//! Handing an entry or a mark to the hub, and saying in HTTP what became of it.

use crate::{
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{NoContent, Stored},
        principal::Principal,
    },
    hub::{NewMessage, PostError, Posted},
    ids::{EntryId, ThreadId},
    threads::{
        access::{Through, find_access},
        attachments::NO_SUCH_FILE,
        commit::Refusal,
        model::{Kind, Marks},
    },
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// What the sender of an entry gets.
#[derive(Serialize, ToSchema)]
pub struct Receipt {
    id: EntryId,
    thread: ThreadId,
    seq: i64,
    at: DateTime<Utc>,
}

/// Stores an entry of the caller's.
pub async fn post(
    caller: &Principal,
    message: NewMessage,
    pool: &Pool,
    services: &Services,
) -> Result<Stored<Receipt>> {
    let (kind, thread) = (message.kind, message.thread);
    let posted = match services.hub.post(caller.identity(), message).await {
        Ok(posted) => posted,
        Err(error) => return Err(refusal(error, caller, thread, kind, pool).await),
    };
    let Posted { id, thread, seq, at, repeated } = posted;
    Ok(Stored { repeated, content: Receipt { id, thread, seq, at } })
}

/// Moves the caller's marks.
pub async fn mark(
    caller: &Principal,
    thread: ThreadId,
    marks: Marks,
    pool: &Pool,
    services: &Services,
) -> Result<NoContent> {
    match services.hub.mark(caller.identity(), thread, marks).await {
        Ok(()) => Ok(NoContent),
        Err(error) => Err(refusal(error, caller, thread, Kind::Message, pool).await),
    }
}

/// Why the hub did not take it. A thread in the pool is no secret to staff, so they are told what to do.
async fn refusal(error: PostError, caller: &Principal, thread: ThreadId, kind: Kind, pool: &Pool) -> Error {
    if !matches!(error, PostError::Refused(Refusal::NotFound)) || !caller.role.is_staff() {
        return explain(error, kind);
    }
    let seen = async { Ok(find_access(&mut *pool.get().await?, caller.viewer(), thread).await?) };
    match seen.await {
        Ok(Some(access)) if access.through() == Through::Pool => Error::Forbidden("Claim this thread first."),
        Ok(Some(_)) => Error::Forbidden("You can read this thread, but take no part in it."),
        Ok(None) => Error::NotFound,
        Err(error) => error,
    }
}

fn explain(error: PostError, kind: Kind) -> Error {
    let amends = matches!(kind, Kind::Correction | Kind::Retraction);
    match error {
        // What a correction or retraction is about is named in the address.
        PostError::Refused(Refusal::BadReplyTo) if amends => Error::NotFound,
        PostError::Refused(Refusal::BadReplyTo) => {
            Error::field("/replyTo", "The message that this replies to is not in this thread.")
        }
        PostError::Refused(Refusal::BadAttachment) => Error::field("/attachments", NO_SUCH_FILE),
        PostError::Refused(Refusal::NotFound) => Error::NotFound,
        PostError::Refused(Refusal::ThreadClosed) => Error::ThreadClosed,
        PostError::Refused(Refusal::NotAuthor) => {
            Error::Forbidden("Only its author can correct or take back a message.")
        }
        PostError::Refused(Refusal::Newer) => newer(Vec::new()),
        PostError::Newer(entries) => newer(entries),
        PostError::Conflict => Error::conflict("This id was used for another message. Choose a new one."),
        PostError::RateLimited { retry_after } => Error::RateLimited { retry_after },
        PostError::Busy { retry_after } => Error::Busy { retry_after },
        PostError::Failed => Error::Internal(anyhow::anyhow!("the hub could not store an entry")),
    }
}

fn newer(entries: Vec<crate::threads::model::Entry>) -> Error {
    let entries = serde_json::to_value(entries).unwrap_or_default();
    Error::Conflict {
        detail: "A colleague has written since. Read that first; send again without basedOn to send it anyway.",
        extra: [("entries".to_owned(), entries)].into_iter().collect(),
    }
}
