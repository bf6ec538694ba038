//! `GET|PUT admin/crisis-resources`.

use crate::{
    accounts::Permission,
    app::Services,
    db::Pool,
    emergency::{
        crisis::{
            own,
            store::{self, Change},
        },
        resources::{self, Resource, Resources},
    },
    error::Result,
    http::{detached, json::Body, principal::AdminPrincipal},
    ids::PracticeId,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Where a client in danger is sent at once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrisisResourcesSet {
    /// 0: the practice has set nothing.
    version: i32,
    changed_at: Option<DateTime<Utc>>,
    /// The practice's own, by language.
    resources: Resources,
    /// What is named in each language, with the built-in ones where the practice has none.
    named: BTreeMap<String, Vec<Resource>>,
    /// What a client reads, by language.
    notices: BTreeMap<String, String>,
}

/// The practice's own as they shall be; empty: the built-in ones again.
#[derive(Deserialize, ToSchema)]
pub struct NewCrisisResources {
    /// The version that was seen.
    version: i32,
    resources: Resources,
}

/// The resources.
pub async fn show(caller: AdminPrincipal, pool: web::Data<Pool>) -> Result<web::Json<CrisisResourcesSet>> {
    caller.require(Permission::ManageEscalation)?;
    read(&mut *pool.get().await?, caller.practice_id).await
}

/// Changes them.
pub async fn change(
    caller: AdminPrincipal,
    input: Body<NewCrisisResources>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<CrisisResourcesSet>> {
    caller.require(Permission::ManageEscalation)?;
    caller.require_recent()?;
    let NewCrisisResources { version, resources } = input.0;
    own::check_resources(&resources)?;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let (actor, practice) = (caller.actor(), caller.practice_id);
        let by = Change { actor: &actor, practice, seen: version, now: services.clock.now() };
        store::change_resources(&mut conn, by, &resources).await?;
        services.crisis.take_resources(practice, store::resources(&mut conn, practice).await?);
        read(&mut conn, practice).await
    })
    .await
}

async fn read(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<web::Json<CrisisResourcesSet>> {
    let own = store::resources(conn, practice).await?;
    let named = own.value.effective();
    let notices = named.keys().map(|language| (language.clone(), resources::notice(&own.value, language))).collect();
    let (version, changed_at, resources) = (own.version, own.changed_at, own.value);
    Ok(web::Json(CrisisResourcesSet { version, changed_at, resources, named, notices }))
}
