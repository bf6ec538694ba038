//! `POST portal/messages/attachments`, `POST ehr/messages/attachments?thread=|client=`: a file, to be named in a
//! message afterwards. `GET …/attachments/{attachment}`: its content, to whoever sees the thread that it was sent in;
//! `GET …/preview`: a page of it as a picture.

use crate::{
    accounts::people,
    app::Services,
    audit,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Stored,
        detached,
        idempotency::IdempotencyKey,
        principal::{Caller, EhrPrincipal, PortalPrincipal, Principal},
        upload::{Content, PageQuery, Picture, Upload},
    },
    ids::{ObjectId, ThreadId, UserId},
    objects::{Described, Object, Purpose, Received},
    threads::{
        access::{Viewer, find_access},
        attachments,
    },
};
use actix_web::web;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::Deserialize;
use utoipa::IntoParams;

/// `?thread=` or `?client=`
#[derive(Deserialize, IntoParams)]
pub struct Where {
    /// Where it will be sent: its client's key seals it.
    thread: Option<ThreadId>,
    /// To whom a thread will be opened with it.
    client: Option<UserId>,
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

/// By staff who take part in the thread, or may open one.
pub async fn upload_by_staff(
    caller: EhrPrincipal,
    into: web::Query<Where>,
    key: IdempotencyKey,
    file: Upload,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Described>> {
    let client = find_client(&mut *pool.get().await?, caller.viewer(), into.into_inner()).await?;
    receive(&caller, client, key, file, &pool, &services).await
}

/// Whose record a file of staff belongs to.
async fn find_client(conn: &mut AsyncPgConnection, viewer: Viewer, into: Where) -> Result<UserId> {
    match into {
        Where { thread: Some(thread), .. } => {
            let access = find_access(conn, viewer, thread).await?.ok_or(Error::NotFound)?;
            if !access.takes_part() {
                return Err(Error::Forbidden("Take part in this thread first: claim it, or ask a colleague."));
            }
            Ok(access.client())
        }
        Where { client: Some(client), .. } if people::may_write_to(conn, viewer, client).await? => Ok(client),
        Where { client: Some(_), .. } => Err(Error::NotFound),
        _ => Err(Error::field("/thread", "Say into which thread, or to which client, the file will be sent.")),
    }
}

async fn receive(
    caller: &Principal,
    client: UserId,
    key: IdempotencyKey,
    file: Upload,
    pool: &Pool,
    services: &Services,
) -> Result<Stored<Described>> {
    let received = file.receive(caller, client, Purpose::Attachment, key, (pool, services)).await?;
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
    let object = find(&caller, *attachment, "attachment.downloaded", pool, &services).await?;
    Content::of(&services.objects, &object).await
}

/// A page of it, to be looked at.
pub async fn preview<C: Caller>(
    caller: C,
    attachment: web::Path<ObjectId>,
    page: web::Query<PageQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Picture> {
    let object = find(&caller, *attachment, "attachment.previewed", pool, &services).await?;
    Picture::of(&services.objects, &object, &page).await
}

/// One that was sent where the caller sees it, with a row in the audit log for what they do with it.
async fn find(
    caller: &Principal,
    id: ObjectId,
    action: &'static str,
    pool: web::Data<Pool>,
    services: &Services,
) -> Result<Object> {
    let (viewer, actor, keyring) = (caller.viewer(), caller.actor(), services.keyring.clone());
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let found = attachments::find(conn, &keyring, viewer, id).await?;
            let (access, object) = found.ok_or(Error::NotFound)?;
            audit::record(conn, access.event(&actor, action).with(serde_json::json!({"file": id}))).await?;
            Ok::<_, Error>(object)
        })
        .await
    })
    .await
}
