//! `GET ehr/clients?q=`, `GET ehr/colleagues`: the people of the caller's own practice.

use crate::{
    accounts::{Role, people},
    app::Services,
    db::Pool,
    error::Result,
    http::{page::List, principal::EhrPrincipal},
    hub::Presence,
    ids::UserId,
};
use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `?q=`: part of a name.
#[derive(Deserialize, IntoParams)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// A client to open a thread with.
#[derive(Serialize, ToSchema)]
pub struct Client {
    id: UserId,
    name: String,
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
    caller: EhrPrincipal,
    search: web::Query<Search>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<Client>>> {
    let found = people::find_clients(&mut *pool.get().await?, caller.practice_id, &search.q).await?;
    Ok(web::Json(List::whole(found.into_iter().map(|person| Client { id: person.id, name: person.name }).collect())))
}

/// Colleagues by name, the caller among them.
pub async fn colleagues(
    caller: EhrPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Colleague>>> {
    let found = people::find_colleagues(&mut *pool.get().await?, caller.practice_id).await?;
    let colleague = |person: crate::accounts::Person| Colleague {
        presence: services.hub.presence(person.id),
        id: person.id,
        name: person.name,
        role: person.role,
    };
    Ok(web::Json(List::whole(found.into_iter().map(colleague).collect())))
}
