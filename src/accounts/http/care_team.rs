//! `GET|POST ehr/clients/{client}/care-team`, `DELETE ehr/clients/{client}/care-team/{user}`.

use crate::{
    accounts::care::{self, Member, TeamAccess},
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{answer::NoContent, detached, json::Body, page::List, principal::EhrPrincipal},
    ids::UserId,
    threads::withdrawal,
};
use actix_web::web;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Whom.
#[derive(Deserialize, ToSchema)]
#[schema(as = CareTeamJoining)]
pub struct Joining {
    user: UserId,
}

/// Who is in it.
pub async fn show(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<Member>>> {
    let mut conn = pool.get().await?;
    let access = find(&mut conn, &caller, *client).await?;
    let team = care::read_team(&mut conn, &access).await?;
    audit::record(&mut conn, Event::new(&caller.actor(), "careTeam.viewed").of_client(access.client())).await?;
    Ok(web::Json(List::whole(team)))
}

/// Lets a colleague in; whoever is in already stays.
pub async fn join(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    input: Body<Joining>,
    pool: web::Data<Pool>,
) -> Result<NoContent> {
    let (client, user) = (*client, input.0.user);
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = find(conn, &caller, client).await?;
            if care::join(conn, &access, user).await? {
                let actor = caller.actor();
                let event = Event::new(&actor, "careTeam.joined").of_client(client).on("user", user);
                audit::record(conn, event).await?;
            }
            Ok::<_, Error>(())
        })
        .await
    })
    .await?;
    Ok(NoContent)
}

/// Takes somebody out, and out of all threads of the client.
pub async fn leave(
    caller: EhrPrincipal,
    path: web::Path<(UserId, UserId)>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let (client, user) = *path;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let left = conn.transaction(async |conn| {
            let access = find(conn, &caller, client).await?;
            let gone = care::leave(conn, &access, user).await?;
            let left = withdrawal::withdraw(conn, &services.keyring, gone, client).await?;
            let actor = caller.actor();
            let event = Event::new(&actor, "careTeam.left").of_client(client).on("user", user);
            audit::record(conn, event.with(json!({"threads": left.len()}))).await?;
            Ok::<_, Error>(left)
        });
        for thread in left.await? {
            services.hub.thread_changed(thread).await;
        }
        Ok(())
    })
    .await?;
    Ok(NoContent)
}

async fn find(conn: &mut AsyncPgConnection, caller: &EhrPrincipal, client: UserId) -> Result<TeamAccess> {
    care::find_team_access(conn, caller.viewer(), client).await?.ok_or(Error::NotFound)
}
