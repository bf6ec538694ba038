//! `GET admin/audit`: the practice's audit log, for whoever may read it.

use crate::{
    accounts::Permission,
    audit::{
        self, Event,
        search::{Filter, Found, Place, search},
    },
    db::Pool,
    error::{Error, Result},
    http::{
        agent::Agent,
        page::{self, List},
        when,
    },
    ids::UserId,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

/// `?client=&actor=&action=&from=&to=&limit=&cursor=`.
#[derive(Deserialize, IntoParams)]
pub struct Query {
    /// Of this client's record.
    client: Option<UserId>,
    /// Done by this person.
    actor: Option<UserId>,
    /// The action, or all of a noun: `thread.`.
    action: Option<String>,
    /// From this instant on.
    #[serde(default, deserialize_with = "when::maybe")]
    from: Option<DateTime<Utc>>,
    /// Before this instant.
    #[serde(default, deserialize_with = "when::maybe")]
    to: Option<DateTime<Utc>>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<Uuid>,
}

/// Rows that fit, the newest first.
pub async fn list(caller: Agent, query: web::Query<Query>, pool: web::Data<Pool>) -> Result<web::Json<List<Found>>> {
    caller.require(Permission::ReadAudit)?;
    let Query { client, actor, action, from, to, limit, cursor } = query.into_inner();
    let limit = page::limit(limit)?;
    // PostgreSQL takes no NUL in a text, and no action holds one.
    if action.as_ref().is_some_and(|action| action.contains('\0')) {
        return Ok(web::Json(List::whole(Vec::new())));
    }
    let reader = caller.actor();
    let asked = json!({"client": client, "actor": actor, "from": from, "to": to});
    let filter = Filter { practice: Some(caller.practice()), client, actor, action, from, to, not_by: None };
    let mut conn = pool.get().await?;
    let found = conn
        .transaction(async |conn| {
            let found = search(conn, &filter, cursor.map_or(Place::Newest, Place::Before), limit + 1).await?;
            let event = Event::new(&reader, "audit.viewed").with(asked);
            audit::record(conn, client.into_iter().fold(event, Event::of_client)).await?;
            Ok::<_, Error>(found)
        })
        .await?;
    Ok(web::Json(List::newest(found, limit, |row: &Found| row.id)))
}
