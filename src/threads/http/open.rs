//! `POST portal/messages`, `POST ehr/threads`: a new thread with its first message.

use crate::{
    app::Services,
    db::Pool,
    emergency::thread,
    error::{Error, Result},
    http::{
        answer::Stored,
        detached,
        idempotency::IdempotencyKey,
        json::Body,
        principal::{EhrPrincipal, PortalPrincipal, Principal},
    },
    ids::{EntryId, ObjectId, UserId},
    threads::{
        model::{Entry, Kind, Priority, Summary, Text},
        open::{Opening, open_thread},
    },
};
use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a client sends.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewThread)]
pub struct Written {
    id: Option<EntryId>,
    subject: Text,
    body: Text,
    #[serde(default)]
    priority: Priority,
    /// Ids of uploads.
    #[serde(default)]
    #[schema(max_items = 10)]
    attachments: Vec<ObjectId>,
}

/// What staff send: for whom, too.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewThreadForClient)]
pub struct WrittenTo {
    id: Option<EntryId>,
    client: UserId,
    subject: Text,
    body: Text,
    #[serde(default)]
    priority: Priority,
    /// Ids of uploads for this client.
    #[serde(default)]
    #[schema(max_items = 10)]
    attachments: Vec<ObjectId>,
}

/// The thread, and what was written.
#[derive(Serialize, ToSchema)]
pub struct Opened {
    thread: Summary,
    entry: Entry,
}

/// By a client, for themselves.
pub async fn portal(
    caller: PortalPrincipal,
    key: IdempotencyKey,
    input: Body<Written>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Opened>> {
    open(&caller, caller.user_id, key, input.0, pool, services).await
}

/// By staff, for a client of their practice.
pub async fn ehr(
    caller: EhrPrincipal,
    key: IdempotencyKey,
    input: Body<WrittenTo>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Opened>> {
    let WrittenTo { id, client, subject, body, priority, attachments } = input.0;
    open(&caller, client, key, Written { id, subject, body, priority, attachments }, pool, services).await
}

async fn open(
    caller: &Principal,
    client: UserId,
    key: IdempotencyKey,
    written: Written,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Opened>> {
    let Written { id, subject, body, priority, attachments } = written;
    let recognised = services.recogniser.recognise(caller.practice_id, caller.role, Kind::Message, priority, &body.0);
    let is_emergency = recognised.is_some();
    let priority = if is_emergency { Priority::Emergency } else { priority };
    let opening = Opening { id: key.or_given(id), client, subject, body, priority, attachments };
    services.hub.take_send(caller.identity()).map_err(|retry_after| Error::RateLimited { retry_after })?;
    let (sender, actor) = (caller.viewer(), caller.actor());
    let opened = detached::to_the_end(async move {
        let also = thread::Opening { keyring: &services.keyring, recogniser: &services.recogniser, recognised };
        let mut conn = pool.get().await?;
        let opened = open_thread(&mut conn, &services.keyring, sender, &actor, &opening, &also).await?;
        if !opened.repeated {
            if is_emergency {
                services.bell.ring();
            }
            services.hub.thread_changed(opened.thread.id).await;
        }
        Ok(opened)
    })
    .await?;
    Ok(Stored { repeated: opened.repeated, content: Opened { thread: opened.thread, entry: opened.entry } })
}
