//! `GET|POST admin/api-keys`, `DELETE admin/api-keys/{key}`.

use crate::{
    accounts::{
        Permission,
        api_keys::{self, ApiKey, NewKey, Scope},
    },
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{Created, NoContent},
        detached,
        json::Body,
        page::{List, NewestQuery},
        principal::AdminPrincipal,
    },
    ids::ApiKeyId,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// For which system, to do what, and until when.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewApiKey)]
pub struct Wish {
    name: String,
    scopes: Vec<Scope>,
    expires_at: DateTime<Utc>,
}

/// A key with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeApiKey)]
pub struct Made {
    #[serde(flatten)]
    key: ApiKey,
    /// Presented as `Authorization: Bearer …`.
    secret: String,
}

/// Makes one.
pub async fn make(
    caller: AdminPrincipal,
    wish: Body<Wish>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Made>> {
    caller.require(Permission::ManageApiKeys)?;
    let Wish { name, scopes, expires_at } = wish.0;
    let new = NewKey { practice: caller.practice_id, by: caller.user_id, name, scopes, expires_at };
    let made = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let (key, secret) = api_keys::make(conn, services.clock.now(), &new).await?;
            let actor = caller.actor();
            let event = Event::new(&actor, "apiKey.made").on("apiKey", key.id);
            audit::record(conn, event.with(json!({"scopes": key.scopes, "expiresAt": key.expires_at}))).await?;
            Ok::<_, Error>((key, secret))
        })
        .await
    });
    let (key, secret) = made.await?;
    Ok(Created(Made { key, secret: secret.expose_secret().to_owned() }))
}

/// All of the practice, newest first.
pub async fn list(
    caller: AdminPrincipal,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<ApiKey>>> {
    caller.require(Permission::ManageApiKeys)?;
    let (limit, before) = query.read()?;
    let found = api_keys::list(&mut *pool.get().await?, caller.practice_id, before, limit + 1).await?;
    Ok(web::Json(List::newest(found, limit, |key| key.id.0)))
}

/// Revokes one: its next call is refused.
pub async fn revoke(caller: AdminPrincipal, key: web::Path<ApiKeyId>, pool: web::Data<Pool>) -> Result<NoContent> {
    caller.require(Permission::ManageApiKeys)?;
    let key = *key;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            if !api_keys::revoke(conn, caller.practice_id, key).await? {
                return Err(Error::NotFound);
            }
            let actor = caller.actor();
            audit::record(conn, Event::new(&actor, "apiKey.revoked").on("apiKey", key)).await?;
            Ok(())
        })
        .await
    })
    .await?;
    Ok(NoContent)
}
