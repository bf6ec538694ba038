//! `POST portal/documents`, `POST ehr/clients/{client}/documents`: a document with its first version.
//! `POST ehr/documents/{document}/versions`: a version after the others. The body is the file.

use super::{of_client, of_document, show::detail};
use crate::{
    app::Services,
    db::Pool,
    documents::{
        change::{self, Addition},
        model::{Category, DocumentDetail},
    },
    error::{Error, Result},
    http::{
        answer::Stored,
        detached,
        idempotency::IdempotencyKey,
        principal::{EhrPrincipal, PortalPrincipal, Principal},
        upload::Upload,
    },
    ids::{DocumentId, UserId},
    objects::{Purpose, Received},
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use utoipa::IntoParams;

/// `?category=`
#[derive(Deserialize, IntoParams)]
pub struct Filed {
    #[serde(default)]
    category: Category,
}

/// `?category=&share=`
#[derive(Deserialize, IntoParams)]
pub struct FiledAndShared {
    #[serde(default)]
    category: Category,
    /// Whether the client sees it at once.
    #[serde(default)]
    share: bool,
}

/// By a client: the practice sees it, and the client goes on seeing it.
pub async fn portal(
    caller: PortalPrincipal,
    filed: web::Query<Filed>,
    key: IdempotencyKey,
    file: Upload,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<DocumentDetail>> {
    let filed = FiledAndShared { category: filed.category, share: true };
    add(&caller, caller.user_id, filed, key, file, pool, services).await
}

/// By whoever cares for the client.
pub async fn ehr(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    filed: web::Query<FiledAndShared>,
    key: IdempotencyKey,
    file: Upload,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<DocumentDetail>> {
    add(&caller, *client, filed.into_inner(), key, file, pool, services).await
}

async fn add(
    caller: &Principal,
    client: UserId,
    filed: FiledAndShared,
    key: IdempotencyKey,
    file: Upload,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<DocumentDetail>> {
    let access = of_client(&mut *pool.get().await?, caller.viewer(), client).await?;
    access.require_change()?;
    let Received { object, .. } = file.receive(caller, client, Purpose::Document, key, (&pool, &services)).await?;
    let (viewer, actor) = (caller.viewer(), caller.actor());
    let added = detached::to_the_end(async move {
        let addition =
            Addition { category: filed.category, file: &object, shared: filed.share, now: services.clock.now() };
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            // Asked again: a long upload may outlive the right to make it.
            let access = of_client(conn, viewer, client).await?;
            let (document, is_new) = change::add(conn, &services.keyring, &access, &actor, &addition).await?;
            let access = of_document(conn, viewer, document).await?;
            Ok::<_, Error>(Stored { repeated: !is_new, content: detail(conn, &services, &access).await? })
        })
        .await
    });
    added.await
}

/// Another version.
pub async fn version(
    caller: EhrPrincipal,
    document: web::Path<DocumentId>,
    key: IdempotencyKey,
    file: Upload,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<DocumentDetail>> {
    let (viewer, actor, document) = (caller.viewer(), caller.actor(), *document);
    let access = of_document(&mut *pool.get().await?, viewer, document).await?;
    access.require_change()?;
    let client = access.client().client();
    let received = file.receive(&caller, client, Purpose::Document, key, (&pool, &services)).await?;
    let Received { object, repeated } = received;
    let added = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = of_document(conn, viewer, document).await?;
            change::add_version(conn, &access, &actor, &object, services.clock.now()).await?;
            Ok::<_, Error>(Stored { repeated, content: detail(conn, &services, &access).await? })
        })
        .await
    });
    added.await
}
