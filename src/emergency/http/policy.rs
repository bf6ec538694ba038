//! `GET|PUT admin/escalation-policy`, `POST admin/escalation-policy/check`.

use crate::{
    accounts::Permission,
    app::Services,
    db::Pool,
    emergency::{
        policy::{
            Plan, change, facts,
            hole::{self, Hole},
            store::{self, Version},
        },
        reach,
        rota::change::Change,
    },
    error::{Error, Result},
    http::{detached, json::Body, principal::AdminPrincipal},
    ids::PracticeId,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The policy that is on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EscalationPolicy {
    /// 0: the built-in one.
    version: i32,
    plan: Plan,
    switched_on_at: Option<DateTime<Utc>>,
    /// Where it reaches nobody within the next 30 days, as things are now.
    holes: Vec<Hole>,
    /// The newest first, with the one that is on.
    history: Vec<Version>,
}

/// A plan, and which version it takes the place of.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewEscalationPolicy {
    #[serde(flatten)]
    plan: Plan,
    /// The version that was seen; 0: the built-in one.
    version: i32,
}

/// What a plan would come to.
#[derive(Serialize, ToSchema)]
pub struct EscalationPolicyCheck {
    /// Empty: it may be switched on.
    holes: Vec<Hole>,
}

/// The policy that is on, its holes and its history.
pub async fn show(
    caller: AdminPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<EscalationPolicy>> {
    caller.require(Permission::ManageEscalation)?;
    Ok(web::Json(read(&mut *pool.get().await?, &services, caller.practice_id).await?))
}

/// Says where a plan would reach nobody; changes nothing.
pub async fn check(
    caller: AdminPrincipal,
    plan: Body<Plan>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<EscalationPolicyCheck>> {
    caller.require(Permission::ManageEscalation)?;
    let errors = plan.0.field_errors();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let holes = holes(&mut *pool.get().await?, &services, caller.practice_id, &plan.0).await?;
    Ok(web::Json(EscalationPolicyCheck { holes }))
}

/// Switches a plan on.
pub async fn switch_on(
    caller: AdminPrincipal,
    new: Body<NewEscalationPolicy>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<EscalationPolicy>> {
    caller.require(Permission::ManageEscalation)?;
    caller.require_recent()?;
    detached::to_the_end(async move {
        let (actor, practice, NewEscalationPolicy { plan, version }) = (caller.actor(), caller.practice_id, new.0);
        let mut conn = pool.get().await?;
        let by = Change { actor: &actor, practice, now: services.clock.now() };
        change::switch_on(&mut conn, by, &plan, version, reach::configured(&services.config)).await?;
        Ok(web::Json(read(&mut conn, &services, practice).await?))
    })
    .await
}

async fn read(conn: &mut AsyncPgConnection, services: &Services, practice: PracticeId) -> Result<EscalationPolicy> {
    let active = store::active(conn, practice).await?;
    let history = store::history(conn, practice).await?;
    let holes = holes(conn, services, practice, &active.plan).await?;
    let switched_on_at = history.first().map(|newest| newest.switched_on_at);
    Ok(EscalationPolicy { version: active.version, plan: active.plan, switched_on_at, holes, history })
}

async fn holes(
    conn: &mut AsyncPgConnection,
    services: &Services,
    practice: PracticeId,
    plan: &Plan,
) -> Result<Vec<Hole>> {
    let within = facts::ahead(services.clock.now());
    let facts = facts::read(conn, practice, within, reach::configured(&services.config)).await?;
    Ok(hole::holes(plan, &facts))
}
