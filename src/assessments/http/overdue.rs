//! `GET ehr/assessments/overdue`: who has not answered in time, of those whom one looks after.

use crate::{
    accounts::{
        Permission,
        access::{listed, only_by_emergency},
    },
    app::Services,
    assessments::{
        instruments,
        store::{self, Overdue},
    },
    audit,
    db::Pool,
    error::Result,
    http::{
        page::{List, limit},
        principal::EhrPrincipal,
    },
    ids::AssessmentId,
    threads::model::Named,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `?limit=`.
#[derive(Deserialize, IntoParams)]
pub struct Most {
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// One that waits for longer than it should.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OverdueAssessment)]
pub struct OverdueShown {
    id: AssessmentId,
    client: Named,
    instrument: String,
    name: String,
    due_at: DateTime<Utc>,
    /// The client has begun.
    started: bool,
}

impl From<Overdue> for OverdueShown {
    fn from(late: Overdue) -> Self {
        let name = instruments::current(&late.instrument).map_or(&*late.instrument, |found| found.name).to_owned();
        Self {
            id: late.id,
            client: late.client,
            instrument: late.instrument,
            name,
            due_at: late.due_at,
            started: late.is_started,
        }
    }
}

/// The longest overdue first; it gets shorter from its beginning, so that it has no further pages.
pub async fn list(
    caller: EhrPrincipal,
    most: web::Query<Most>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<OverdueShown>>> {
    caller.require(Permission::WorkAssessments)?;
    let most = limit(most.limit)?;
    let mut conn = pool.get().await?;
    let found = store::overdue(&mut conn, caller.viewer(), services.clock.now(), most).await?;
    let actor = caller.actor();
    let clients = found.iter().map(|late| late.client.id).collect();
    let emergency = only_by_emergency(&mut conn, caller.viewer(), &clients).await?;
    audit::record_all(&mut conn, &listed(&actor, "assessments.listed", &clients, &emergency)).await?;
    Ok(web::Json(List::whole(found.into_iter().map(OverdueShown::from).collect())))
}
