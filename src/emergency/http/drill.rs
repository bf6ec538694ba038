//! `POST ehr/escalations/drill`, `GET ehr/escalations/report?from=&to=`.

use crate::{
    accounts::Permission,
    app::Services,
    db::Pool,
    emergency::{
        drill,
        report::{self, Report},
        store,
        truth::{self, ForStaff},
    },
    error::{Error, Result},
    http::{answer::Created, detached, principal::EhrPrincipal, when},
};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

const LONGEST: TimeDelta = TimeDelta::days(366);
const USUAL: TimeDelta = TimeDelta::days(30);

/// `?from=&to=`.
#[derive(Deserialize, IntoParams)]
pub struct ReportQuery {
    /// Left out: 30 days before the end.
    #[serde(default, deserialize_with = "when::maybe")]
    from: Option<DateTime<Utc>>,
    /// Not with it. Left out: now.
    #[serde(default, deserialize_with = "when::maybe")]
    to: Option<DateTime<Utc>>,
}

/// Calls people as in an emergency, and says that it is none.
pub async fn begin(
    caller: EhrPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<ForStaff>> {
    caller.require(Permission::WorkEscalations)?;
    let begun = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let (actor, viewer) = (caller.actor(), caller.viewer());
        let now = store::now(&mut conn, &services.clock).await?;
        let id = drill::begin(&mut conn, &actor, viewer.practice, now).await?;
        services.bell.ring();
        let found = store::find(&mut conn, viewer.practice, id).await?.ok_or(Error::NotFound)?;
        truth::for_staff(&mut conn, viewer, &[found]).await?.pop().ok_or(Error::NotFound)
    });
    Ok(Created(begun.await?))
}

/// How escalations went.
pub async fn report(
    caller: EhrPrincipal,
    query: web::Query<ReportQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Report>> {
    caller.require(Permission::WorkEscalations)?;
    let to = query.to.unwrap_or_else(|| services.clock.now());
    let from = query.from.unwrap_or(to - USUAL);
    if to <= from || to - from > LONGEST {
        return Err(Error::field("/to", "The end has to be after the beginning, and at most a year after it."));
    }
    Ok(web::Json(report::read(&mut *pool.get().await?, caller.practice_id, from, to).await?))
}
