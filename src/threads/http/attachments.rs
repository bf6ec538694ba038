//! `POST portal/messages/attachments`, `POST ehr/messages/attachments?thread=`: a file, to be named in a message
//! afterwards. `GET …/attachments/{attachment}`: its content, to whoever sees the thread that it was sent in.

use crate::{
    app::Services,
    audit,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Stored,
        detached,
        idempotency::IdempotencyKey,
        principal::{Caller, EhrPrincipal, PortalPrincipal, Principal},
        upload::{Content, Upload},
    },
    ids::{ObjectId, ThreadId, UserId},
    objects::{Described, Incoming, Purpose, Received},
    threads::{access::find_access, attachments},
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use utoipa::IntoParams;

/// `?thread=`
#[derive(Deserialize, IntoParams)]
pub struct Where {
    /// Where it will be sent: its client's key seals it.
    thread: Option<ThreadId>,
}

/// By a client.
pub async fn upload(
    caller: PortalPrincipal,
    key: IdempotencyKey,
    file: Upload,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Described>> {
    receive(&caller, caller.user_id, key, file, &pool, &services).await
}

/// By staff who take part in the thread.
pub async fn upload_by_staff(
    caller: EhrPrincipal,
    into: web::Query<Where>,
    key: IdempotencyKey,
    file: Upload,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Described>> {
    let thread = into.thread.ok_or_else(|| Error::field("/thread", "Say into which thread the file will be sent."))?;
    let access = find_access(&mut *pool.get().await?, caller.viewer(), thread).await?.ok_or(Error::NotFound)?;
    if !access.takes_part() {
        return Err(Error::Forbidden("Take part in this thread first: claim it, or ask a colleague."));
    }
    receive(&caller, access.client(), key, file, &pool, &services).await
}

async fn receive(
    caller: &Principal,
    client: UserId,
    key: IdempotencyKey,
    file: Upload,
    pool: &Pool,
    services: &Services,
) -> Result<Stored<Described>> {
    let incoming = Incoming {
        id: key.or_new::<ObjectId>(),
        practice: caller.practice_id,
        client,
        uploader: caller.user_id,
        purpose: Purpose::Attachment,
        name: file.name.clone(),
        actor: caller.actor(),
        now: services.clock.now(),
    };
    let received = services.objects.receive(pool, &services.keyring, incoming, file.into_body()).await?;
    let Received { object, repeated } = received;
    Ok(Stored { repeated, content: Described::from(&object) })
}

/// Its content.
pub async fn download<C: Caller>(
    caller: C,
    attachment: web::Path<ObjectId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Content> {
    let (viewer, actor, id, keyring) = (caller.viewer(), caller.actor(), *attachment, services.keyring.clone());
    let object = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let found = attachments::find(conn, &keyring, viewer, id).await?;
            let (access, object) = found.ok_or(Error::NotFound)?;
            let event = access.event(&actor, "attachment.downloaded");
            audit::record(conn, event.with(serde_json::json!({"file": id}))).await?;
            Ok::<_, Error>(object)
        })
        .await
    });
    Content::of(&services.objects, &object.await?).await
}
