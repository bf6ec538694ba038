//! `POST ehr/threads/{thread}/escalate`: a member of staff who reads of a danger raises the alarm.

use crate::{
    accounts::Permission,
    app::Services,
    db::Pool,
    emergency::{
        acts::Act,
        truth::{self, ForStaff},
    },
    error::{Error, Result},
    http::{answer::Created, detached, principal::EhrPrincipal},
    ids::ThreadId,
    threads::access::find_access,
};
use actix_web::web;

/// Raises it as if the client had.
pub async fn escalate(
    caller: EhrPrincipal,
    thread: web::Path<ThreadId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<ForStaff>> {
    caller.require(Permission::WorkEscalations)?;
    let (viewer, actor, thread) = (caller.viewer(), caller.actor(), *thread);
    let raised = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let access = find_access(&mut conn, viewer, thread).await?.ok_or(Error::NotFound)?;
        let act = Act { keyring: &services.keyring, clock: &services.clock, viewer, actor: &actor, via: "call" };
        let escalation = act.raise(&mut conn, &access, &services.recogniser).await?;
        services.bell.ring();
        services.hub.thread_changed(thread).await;
        truth::for_staff(&mut conn, viewer, &[escalation]).await?.pop().ok_or(Error::NotFound)
    });
    Ok(Created(raised.await?))
}
