//! `POST ehr/escalations/{escalation}/acknowledge|hand-over|skip|resolve`: each answers with the emergency as it is now.

use crate::{
    accounts::Permission,
    app::Services,
    db::Pool,
    emergency::{
        acts::Act,
        model::Escalation,
        truth::{self, ForStaff},
    },
    error::{Error, Result},
    http::{detached, json::Body, principal::EhrPrincipal},
    ids::{EscalationId, UserId},
    threads::model::Text,
};
use actix_web::web;
use diesel_async::AsyncPgConnection;
use serde::Deserialize;
use utoipa::ToSchema;

/// To whom.
#[derive(Deserialize, ToSchema)]
#[schema(as = HandEscalationOver)]
pub struct HandOver {
    to: UserId,
}

/// What was done.
#[derive(Deserialize, ToSchema)]
#[schema(as = ResolveEscalation)]
pub struct Resolve {
    #[schema(max_length = 4000)]
    note: Text,
}

type Answer = Result<web::Json<ForStaff>>;

pub async fn acknowledge(
    caller: EhrPrincipal,
    id: web::Path<EscalationId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Answer {
    let id = *id;
    act(&caller, pool, services, async move |act: &Act<'_>, conn: &mut AsyncPgConnection| {
        act.acknowledge(conn, id).await
    })
    .await
}

pub async fn hand_over(
    caller: EhrPrincipal,
    id: web::Path<EscalationId>,
    input: Body<HandOver>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Answer {
    let (id, to) = (*id, input.0.to);
    act(&caller, pool, services, async move |act: &Act<'_>, conn: &mut AsyncPgConnection| {
        act.hand_over(conn, id, to).await
    })
    .await
}

pub async fn skip(
    caller: EhrPrincipal,
    id: web::Path<EscalationId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Answer {
    let id = *id;
    act(&caller, pool, services, async move |act: &Act<'_>, conn: &mut AsyncPgConnection| act.skip(conn, id).await)
        .await
}

pub async fn resolve(
    caller: EhrPrincipal,
    id: web::Path<EscalationId>,
    input: Body<Resolve>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Answer {
    let (id, note) = (*id, input.0.note);
    act(&caller, pool, services, async move |act: &Act<'_>, conn: &mut AsyncPgConnection| {
        act.resolve(conn, id, &note).await
    })
    .await
}

/// What was begun is done, and then told, whether or not its caller still waits.
async fn act<F>(caller: &EhrPrincipal, pool: web::Data<Pool>, services: web::Data<Services>, what: F) -> Answer
where
    F: AsyncFnOnce(&Act<'_>, &mut AsyncPgConnection) -> Result<Escalation> + 'static,
{
    caller.require(Permission::WorkEscalations)?;
    let (viewer, actor) = (caller.viewer(), caller.actor());
    let done = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let act = Act { keyring: &services.keyring, clock: &services.clock, viewer, actor: &actor, via: "call" };
        let escalation = what(&act, &mut conn).await?;
        services.bell.ring();
        if let Some(thread) = escalation.thread {
            // Who was let in may read and write at once.
            services.hub.thread_changed(thread).await;
        }
        truth::for_staff(&mut conn, viewer, &[escalation]).await?.pop().ok_or(Error::NotFound)
    });
    Ok(web::Json(done.await?))
}
