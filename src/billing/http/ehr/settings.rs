//! `GET|PUT ehr/billing/settings`, `GET ehr/billing/clinicians`, `PUT ehr/billing/clinicians/{colleague}`.

use crate::{
    accounts::Permission,
    app::Services,
    billing::{
        access,
        clinicians::{self, Clinician, Known},
        settings::{self, Settings, Stored},
    },
    db::Pool,
    error::Result,
    http::{detached, json::Body, page::List, principal::EhrPrincipal},
    ids::UserId,
};
use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

/// Settings in place of those with this revision.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangedBillingSettings)]
pub struct Changed {
    revision: i64,
    #[serde(flatten)]
    settings: Settings,
}

/// As they are.
pub async fn show(caller: EhrPrincipal, pool: web::Data<Pool>) -> Result<web::Json<Stored>> {
    caller.require(Permission::ManageBilling)?;
    Ok(web::Json(settings::find(&mut *pool.get().await?, caller.practice_id).await?))
}

/// Changes them.
pub async fn change(
    caller: EhrPrincipal,
    input: Body<Changed>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Stored>> {
    caller.require(Permission::ManageBilling)?;
    let Changed { revision, settings } = input.0;
    detached::to_the_end(async move {
        let access = access::of_practice(caller.viewer())?;
        let now = services.clock.now();
        let mut conn = pool.get().await?;
        Ok(web::Json(settings::store(&mut conn, &access, &caller.actor(), revision, settings, now).await?))
    })
    .await
}

/// What is printed of those who see clients.
pub async fn clinicians(caller: EhrPrincipal, pool: web::Data<Pool>) -> Result<web::Json<List<Clinician>>> {
    caller.require(Permission::ManageBilling)?;
    let access = access::of_practice(caller.viewer())?;
    Ok(web::Json(List::whole(clinicians::list(&mut *pool.get().await?, &access).await?)))
}

/// Changes what is printed of one of them.
pub async fn change_clinician(
    caller: EhrPrincipal,
    colleague: web::Path<UserId>,
    input: Body<Known>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Clinician>> {
    caller.require(Permission::ManageBilling)?;
    detached::to_the_end(async move {
        let access = access::of_practice(caller.viewer())?;
        let now = services.clock.now();
        let mut conn = pool.get().await?;
        Ok(web::Json(clinicians::store(&mut conn, &access, &caller.actor(), *colleague, input.0, now).await?))
    })
    .await
}
