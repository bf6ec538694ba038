//! `GET portal/documents`, `GET ehr/clients/{client}/documents`: what there is, and finding it.

use super::of_client;
use crate::{
    app::Services,
    audit,
    db::Pool,
    documents::{
        list::{self, Filter},
        model::{Category, Document},
    },
    error::{Error, Result},
    http::{
        detached,
        page::{self, List},
        principal::{EhrPrincipal, PortalPrincipal, Principal},
    },
    ids::UserId,
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

/// The most characters to look for.
const WORDS: usize = 200;

/// `?category=&q=&limit=&cursor=`
#[derive(Deserialize, IntoParams)]
pub struct Asked {
    category: Option<Category>,
    /// Part of a title or of a file's name.
    q: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<Uuid>,
}

/// One's own.
pub async fn portal(
    caller: PortalPrincipal,
    asked: web::Query<Asked>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Document>>> {
    let client = caller.user_id;
    list(&caller, client, asked.into_inner(), pool, services).await
}

/// A client's.
pub async fn ehr(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    asked: web::Query<Asked>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Document>>> {
    list(&caller, *client, asked.into_inner(), pool, services).await
}

async fn list(
    caller: &Principal,
    client: UserId,
    asked: Asked,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Document>>> {
    let limit = page::limit(asked.limit)?;
    if asked.q.as_ref().is_some_and(|q| q.chars().count() > WORDS || q.contains('\0')) {
        return Err(Error::field("/q", "Look for at most 200 characters."));
    }
    let filter = Filter { category: asked.category, words: asked.q };
    let (viewer, actor, cursor) = (caller.viewer(), caller.actor(), asked.cursor);
    let found = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = of_client(conn, viewer, client).await?;
            let found = list::list(conn, &services.keyring, &access, &filter, (limit, cursor)).await?;
            let event = access.event(&actor, "documents.listed");
            audit::record(conn, event.with(json!({"searched": filter.words.is_some()}))).await?;
            Ok::<_, Error>(found)
        })
        .await
    });
    Ok(web::Json(List::newest(found.await?, limit, |document| document.id.0)))
}
