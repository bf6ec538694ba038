//! `POST ehr/clients/{client}/break-glass`; who did so: `GET portal/privacy/break-glass` for the client,
//! `GET admin/break-glass` for the practice.

use crate::{
    accounts::{
        Permission,
        access::find_client_access,
        break_glass::{self, Grant, SeenByClient, SeenByPractice},
    },
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{
        agent::Agent,
        answer::Created,
        detached,
        json::Body,
        page::{List, NewestQuery},
        principal::{EhrPrincipal, PortalPrincipal},
    },
    ids::UserId,
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::Deserialize;
use utoipa::ToSchema;

/// Why.
#[derive(Deserialize, ToSchema)]
#[schema(as = BreakGlassReason)]
pub struct Asked {
    reason: String,
}

/// Opens a client's record for an hour.
pub async fn grant(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    input: Body<Asked>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Grant>> {
    caller.require(Permission::BreakGlass)?;
    let client = *client;
    let granted = detached::to_the_end(async move {
        let (viewer, actor) = (caller.viewer(), caller.actor());
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            break_glass::grant(conn, &services.keyring, viewer, &actor, client, &input.0.reason).await
        })
        .await
    });
    Ok(Created(granted.await?))
}

/// Who opened the caller's own record.
pub async fn of_oneself(
    caller: PortalPrincipal,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<SeenByClient>>> {
    let (limit, after) = query.read()?;
    let mut conn = pool.get().await?;
    let access = find_client_access(&mut conn, caller.viewer(), caller.user_id).await?.ok_or(Error::NotFound)?;
    let found = break_glass::read_of_client(&mut conn, &access, after, limit + 1).await?;
    audit::record(&mut conn, Event::new(&caller.actor(), "breakGlass.listed").of_client(access.client())).await?;
    Ok(web::Json(List::newest(found, limit, |seen| seen.grant.id.0)))
}

/// Who opened whose record, and why.
pub async fn of_practice(
    caller: Agent,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<SeenByPractice>>> {
    caller.require(Permission::ReadAudit)?;
    let (limit, after) = query.read()?;
    let (mut conn, actor) = (pool.get().await?, caller.actor());
    let practice = caller.practice();
    let found = break_glass::read_of_practice(&mut conn, &services.keyring, practice, after, limit + 1).await?;
    audit::record(&mut conn, Event::new(&actor, "breakGlass.listed")).await?;
    Ok(web::Json(List::newest(found, limit, |seen| seen.grant.id.0)))
}
