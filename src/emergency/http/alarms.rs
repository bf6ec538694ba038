//! `GET ehr/alarms`: what is wrong with the emergency service itself, for the banner of staff.

use crate::{
    accounts::Permission,
    app::Services,
    db::Pool,
    emergency::{lookout, store},
    error::Result,
    http::{
        page::List,
        principal::{EhrPrincipal, Passive},
    },
    ids::PracticeId,
};
use actix_web::web;
use chrono::TimeDelta;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use utoipa::ToSchema;

/// What should have been done so long ago was forgotten, on whichever node it was due.
const OVERDUE: TimeDelta = TimeDelta::seconds(45);

/// Something that staff must know to keep people safe.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    /// `loopSilent`, `overdue` or `coverageHole`.
    pub kind: &'static str,
    pub words: &'static str,
}

/// All of them.
pub async fn list(
    caller: Passive<EhrPrincipal>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Alarm>>> {
    caller.0.require(Permission::WorkEscalations)?;
    let mut conn = pool.get().await?;
    Ok(web::Json(List::whole(find(&mut conn, &services, caller.0.practice_id).await?)))
}

/// What is wrong now.
pub(super) async fn find(
    conn: &mut AsyncPgConnection,
    services: &Services,
    practice: PracticeId,
) -> Result<Vec<Alarm>> {
    let mut alarms = Vec::new();
    if !services.board.silent().is_empty() {
        alarms.push(Alarm {
            kind: "loopSilent",
            words: "Carehub may not be calling people for emergencies. Watch this list, and call colleagues yourself.",
        });
    }
    let now = store::now(conn, &services.clock).await?;
    if store::overdue(conn, practice, now, OVERDUE).await? > 0 {
        alarms.push(Alarm {
            kind: "overdue",
            words: "An emergency is not being carried on. Take it, or call colleagues yourself.",
        });
    }
    if lookout::has_holes(conn, practice).await? {
        alarms.push(Alarm {
            kind: "coverageHole",
            words: "An emergency would reach nobody at some time of the coming week. See who is on call, and let somebody cover.",
        });
    }
    Ok(alarms)
}
