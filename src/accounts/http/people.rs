//! `GET ehr/clients?q=&scope=`, `GET ehr/colleagues`: the people of the caller's own practice.

use crate::{
    accounts::{
        Permission, Role,
        people::{self, FoundClient, Reach},
    },
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{agent::Agent, page::List},
    hub::Presence,
    ids::UserId,
};
use actix_web::web;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// The fewest characters of a name by which the whole practice is searched.
const SEARCH_CHARACTERS: usize = 2;

/// `?q=&scope=`: part of a name, and whether only of one's own clients.
#[derive(Deserialize, IntoParams)]
pub struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    #[param(inline)]
    scope: Reach,
}

/// A colleague to assign a thread to.
#[derive(Serialize, ToSchema)]
pub struct Colleague {
    id: UserId,
    name: String,
    role: Role,
    presence: Presence,
}

/// Clients by name.
pub async fn clients(
    caller: Agent,
    search: web::Query<Search>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<FoundClient>>> {
    caller.require(Permission::FindPeople)?;
    let Search { q, scope } = search.into_inner();
    let viewer = caller.viewer();
    let all = viewer.role.grants(Permission::ReachAllClients);
    if scope == Reach::Practice && !all && q.trim().chars().count() < SEARCH_CHARACTERS {
        return Err(Error::field("/q", "Give at least two letters of the name to search the whole practice."));
    }
    let mut conn = pool.get().await?;
    let found = people::find_clients(&mut conn, viewer, scope, &q).await?;
    let actor = caller.actor();
    let event = Event::new(&actor, "clients.listed").with(json!({"scope": scope, "count": found.len()}));
    audit::record(&mut conn, event).await?;
    Ok(web::Json(List::whole(found)))
}

/// Colleagues by name, the caller among them.
pub async fn colleagues(
    caller: Agent,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Colleague>>> {
    caller.require(Permission::FindPeople)?;
    let found = people::find_colleagues(&mut *pool.get().await?, caller.practice()).await?;
    let colleague = |person: crate::accounts::Person| Colleague {
        presence: services.hub.presence(person.id),
        id: person.id,
        name: person.name,
        role: person.role,
    };
    Ok(web::Json(List::whole(found.into_iter().map(colleague).collect())))
}
