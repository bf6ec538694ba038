//! `GET …/documents/{document}/download`: a link. `GET …/documents/{document}/content`: what the link leads to, for five
//! minutes, to the person and the session that asked for it. `GET …/documents/{document}/preview`: a page as a picture.

use super::of_document;
use crate::{
    app::Services,
    audit,
    db::Pool,
    documents::{link::Bound, show},
    error::{Error, Result},
    http::{
        detached,
        principal::Caller,
        upload::{Content, PageQuery, Picture},
    },
    ids::DocumentId,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// `?version=`
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// The newest, where none is named.
    version: Option<i32>,
}

/// A link to content.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DownloadLink)]
pub struct Link {
    /// Good until then, for the session that asked for it.
    url: String,
    expires_at: DateTime<Utc>,
}

/// What stands in a link.
#[derive(Deserialize, IntoParams)]
pub struct Signed {
    version: Option<i32>,
    expires: Option<i64>,
    mark: Option<String>,
}

/// A link to a version.
pub async fn link<C: Caller>(
    caller: C,
    document: web::Path<DocumentId>,
    wanted: web::Query<Wanted>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Link>> {
    let (viewer, actor, document) = (caller.viewer(), caller.actor(), *document);
    let (who, door) = ((caller.user_id, caller.session_id), if caller.role.is_staff() { "ehr" } else { "portal" });
    let version = wanted.version;
    let link = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = of_document(conn, viewer, document).await?;
            let (version, _) = show::find_file(conn, &services.keyring, &access, version).await?;
            let bound = Bound::from_now(document, version, who, services.clock.now());
            let mark = bound.sign(conn, &services.keyring).await?;
            audit::record(conn, access.event(&actor, "document.linkGiven").with(json!({"version": version}))).await?;
            let expires = bound.expires;
            let url =
                format!("/api/v1/{door}/documents/{document}/content?version={version}&expires={expires}&mark={mark}");
            let expires_at = DateTime::from_timestamp(expires, 0).unwrap_or_default();
            Ok::<_, Error>(Link { url, expires_at })
        })
        .await
    });
    Ok(web::Json(link.await?))
}

/// What a link leads to.
pub async fn content<C: Caller>(
    caller: C,
    document: web::Path<DocumentId>,
    signed: web::Query<Signed>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Content> {
    let (viewer, actor, document) = (caller.viewer(), caller.actor(), *document);
    let Signed { version, expires, mark } = signed.into_inner();
    let (version, expires, mark) = (version.unwrap_or_default(), expires.unwrap_or_default(), mark.unwrap_or_default());
    let bound = Bound { document, version, user: caller.user_id, session: caller.session_id, expires };
    let shared = services.clone();
    let object = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = of_document(conn, viewer, document).await?;
            if !bound.is_good(conn, &shared.keyring, &mark, shared.clock.now()).await? {
                return Err(Error::Forbidden(
                    "This link is not yours, or its five minutes are over. Ask for a new one.",
                ));
            }
            let (version, object) = show::find_file(conn, &shared.keyring, &access, Some(version)).await?;
            audit::record(conn, access.event(&actor, "document.downloaded").with(json!({"version": version}))).await?;
            Ok::<_, Error>(object)
        })
        .await
    });
    Content::of(&services.objects, &object.await?).await
}

/// A page of a version, to be looked at.
pub async fn preview<C: Caller>(
    caller: C,
    document: web::Path<DocumentId>,
    wanted: web::Query<Wanted>,
    page: web::Query<PageQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Picture> {
    let (viewer, actor, document, version) = (caller.viewer(), caller.actor(), *document, wanted.version);
    let keyring = services.keyring.clone();
    let object = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = of_document(conn, viewer, document).await?;
            let (version, object) = show::find_file(conn, &keyring, &access, version).await?;
            audit::record(conn, access.event(&actor, "document.previewed").with(json!({"version": version}))).await?;
            Ok::<_, Error>(object)
        })
        .await
    });
    Picture::of(&services.objects, &object.await?, &page).await
}
