//! `POST portal/documents/{document}/sign`: the client's typed signature under the version that was asked for.

use super::{of_document, show::detail};
use crate::{
    app::Services,
    db::Pool,
    documents::{model::DocumentDetail, show, signature},
    error::{Error, Result},
    http::{detached, json::Body, principal::PortalPrincipal},
    ids::DocumentId,
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use utoipa::ToSchema;

/// A signature.
#[derive(Deserialize, ToSchema)]
#[schema(as = SignDocument)]
pub struct Signing {
    /// Which version was read.
    version: i32,
    /// The signer's name, typed.
    name: String,
    /// That the name is meant as a signature.
    agree: bool,
}

/// Signs.
pub async fn sign(
    caller: PortalPrincipal,
    document: web::Path<DocumentId>,
    input: Body<Signing>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<DocumentDetail>> {
    let Signing { version, name, agree } = input.0;
    if !agree {
        return Err(Error::field("/agree", "Say that typing your name is your signature, or do not sign."));
    }
    let (viewer, actor, document) = (caller.viewer(), caller.actor(), *document);
    let signed = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = of_document(conn, viewer, document).await?;
            let (version, file) = show::find_file(conn, &services.keyring, &access, Some(version)).await?;
            let now = services.clock.now();
            signature::sign(conn, &services.keyring, &access, &actor, (version, &file), &name, now).await?;
            detail(conn, &services, &access).await
        })
        .await
    });
    Ok(web::Json(signed.await?))
}
