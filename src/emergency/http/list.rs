//! `GET ehr/escalations?state=`: the practice's emergencies, newest first.

use super::alarms::{self, Alarm};
use crate::{
    accounts::Permission,
    app::Services,
    audit::{self, Event},
    db::Pool,
    emergency::{
        store,
        truth::{self, ForStaff},
    },
    error::{Error, Result},
    http::{
        page::{List, NewestQuery},
        principal::{EhrPrincipal, Passive},
    },
};
use actix_web::web;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// `?state=`.
#[derive(Deserialize, IntoParams)]
pub struct Which {
    /// `open` or `resolved`; without it all.
    state: Option<String>,
}

/// A page of the list, with what is wrong with the service itself.
#[derive(Serialize, ToSchema)]
#[schema(as = Escalations)]
pub struct Listed {
    items: Vec<ForStaff>,
    next: Option<String>,
    alarms: Vec<Alarm>,
}

/// Pages ask again and again: that is no activity.
pub async fn list(
    caller: Passive<EhrPrincipal>,
    which: web::Query<Which>,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Listed>> {
    let caller = caller.0;
    caller.require(Permission::WorkEscalations)?;
    let open = match which.state.as_deref() {
        None => None,
        Some("open") => Some(true),
        Some("resolved") => Some(false),
        Some(_) => return Err(Error::field("/state", "state is open or resolved.")),
    };
    let (limit, before) = page.read()?;
    let mut conn = pool.get().await?;
    let found = store::list(&mut conn, caller.practice_id, open, before, limit + 1).await?;
    let List { items, next } = List::newest(found, limit, |escalation| escalation.id.0);
    let items = truth::for_staff(&mut conn, caller.viewer(), &items).await?;
    // An empty list shows nothing of anybody.
    if !items.is_empty() {
        let shown: Vec<_> = items.iter().map(|escalation| escalation.id).collect();
        let actor = caller.actor();
        let event = Event::new(&actor, "escalations.listed").with(json!({"escalations": shown}));
        audit::record(&mut conn, event).await?;
    }
    let alarms = alarms::find(&mut conn, &services, caller.practice_id).await?;
    Ok(web::Json(Listed { items, next, alarms }))
}
