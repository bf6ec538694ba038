//! `GET|PUT admin/appointment-policy`.

use crate::{
    accounts::Permission,
    app::Services,
    appointments::policy::{self, Policy, Rules},
    db::Pool,
    error::Result,
    http::{detached, json::Body, principal::AdminPrincipal},
};
use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

/// Rules in place of those with this revision.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangedAppointmentPolicy)]
pub struct ChangedPolicy {
    revision: i64,
    #[serde(flatten)]
    rules: Rules,
}

/// As they are.
pub async fn show(caller: AdminPrincipal, pool: web::Data<Pool>) -> Result<web::Json<Policy>> {
    caller.require(Permission::ManageAppointments)?;
    Ok(web::Json(policy::read(&mut *pool.get().await?, caller.practice_id).await?))
}

/// Changes them.
pub async fn change(
    caller: AdminPrincipal,
    input: Body<ChangedPolicy>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Policy>> {
    caller.require(Permission::ManageAppointments)?;
    let ChangedPolicy { revision, rules } = input.0;
    detached::to_the_end(async move {
        let (actor, practice, now) = (caller.actor(), caller.practice_id, services.clock.now());
        Ok(web::Json(policy::change(&mut *pool.get().await?, &actor, practice, revision, rules, now).await?))
    })
    .await
}
