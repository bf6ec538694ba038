//! `GET portal/documents/{document}`, `GET ehr/documents/{document}`.

use super::of_document;
use crate::{
    app::Services,
    audit,
    db::Pool,
    documents::{access::DocumentAccess, model::DocumentDetail, show},
    error::Result,
    http::{detached, principal::Caller},
    ids::DocumentId,
};
use actix_web::web;
use diesel_async::{AsyncConnection, AsyncPgConnection};

/// With its versions and signatures.
pub async fn show<C: Caller>(
    caller: C,
    document: web::Path<DocumentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<DocumentDetail>> {
    let (viewer, actor, document) = (caller.viewer(), caller.actor(), *document);
    let shown = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = of_document(conn, viewer, document).await?;
            audit::record(conn, access.event(&actor, "document.viewed")).await?;
            detail(conn, &services, &access).await
        })
        .await
    });
    Ok(web::Json(shown.await?))
}

/// As it is after a change.
pub(super) async fn detail(
    conn: &mut AsyncPgConnection,
    services: &Services,
    access: &DocumentAccess,
) -> Result<DocumentDetail> {
    show::show(conn, &services.keyring, access).await
}
