//! `POST ehr/documents/{document}/share`, `…/unshare`, `…/request-signature`, `PATCH ehr/documents/{document}`.

use super::{of_document, show::detail};
use crate::{
    app::Services,
    audit::Actor,
    db::Pool,
    documents::{
        access::DocumentAccess,
        change::{self, check_title},
        model::{Category, DocumentDetail},
        signature,
    },
    error::Result,
    http::{detached, json::Body, principal::EhrPrincipal},
    ids::DocumentId,
};
use actix_web::web;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = DocumentChange)]
pub struct Change {
    title: Option<String>,
    category: Option<Category>,
}

/// What is done to a document.
enum Act {
    Share(bool),
    RequestSignature,
    Rename(Option<String>, Option<Category>),
}

/// Lets the client see it.
pub async fn share(
    caller: EhrPrincipal,
    document: web::Path<DocumentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<DocumentDetail>> {
    act(caller, *document, Act::Share(true), pool, services).await
}

/// Lets the client see it no more.
pub async fn unshare(
    caller: EhrPrincipal,
    document: web::Path<DocumentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<DocumentDetail>> {
    act(caller, *document, Act::Share(false), pool, services).await
}

/// Asks the client to sign its newest version.
pub async fn request_signature(
    caller: EhrPrincipal,
    document: web::Path<DocumentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<DocumentDetail>> {
    act(caller, *document, Act::RequestSignature, pool, services).await
}

/// Another title or category.
pub async fn change(
    caller: EhrPrincipal,
    document: web::Path<DocumentId>,
    input: Body<Change>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<DocumentDetail>> {
    let title = input.0.title.as_deref().map(check_title).transpose()?;
    act(caller, *document, Act::Rename(title, input.0.category), pool, services).await
}

async fn act(
    caller: EhrPrincipal,
    document: DocumentId,
    act: Act,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<DocumentDetail>> {
    let (viewer, actor) = (caller.viewer(), caller.actor());
    let done = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = of_document(conn, viewer, document).await?;
            carry_out(conn, &services, &access, &actor, act).await?;
            detail(conn, &services, &access).await
        })
        .await
    });
    Ok(web::Json(done.await?))
}

async fn carry_out(
    conn: &mut AsyncPgConnection,
    services: &Services,
    access: &DocumentAccess,
    actor: &Actor,
    act: Act,
) -> Result<()> {
    let now = services.clock.now();
    match act {
        Act::Share(shared) => change::share(conn, access, actor, shared, now).await,
        Act::RequestSignature => signature::request(conn, access, actor, now).await,
        Act::Rename(title, category) => {
            change::rename(conn, &services.keyring, access, actor, (title.as_deref(), category)).await
        }
    }
}
