//! `GET ehr/escalations/{escalation}`: one emergency with everybody whom it called.

use crate::{
    accounts::Permission,
    app::Services,
    audit,
    db::Pool,
    emergency::{
        acts::Act,
        found::{self, Found},
        pages, store,
        truth::{self, ForStaff, Page},
    },
    error::{Error, Result},
    http::{detached, principal::EhrPrincipal},
    ids::EscalationId,
    threads::model::Text,
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::Serialize;
use utoipa::ToSchema;

/// How it went.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EscalationWithPages)]
pub struct Shown {
    #[serde(flatten)]
    escalation: ForStaff,
    pages: Vec<Page>,
    /// The crisis phrase that was found last, where one was; for who may know whose it is.
    finding: Option<Found>,
    /// What was done about it; for who may know whose it is.
    note: Option<Text>,
}

/// Whoever was called and looks has seen it.
pub async fn show(
    caller: EhrPrincipal,
    id: web::Path<EscalationId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    caller.require(Permission::WorkEscalations)?;
    let (viewer, actor, id) = (caller.viewer(), caller.actor(), *id);
    let shown = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let found = store::find(conn, viewer.practice, id).await?.ok_or(Error::NotFound)?;
            let now = store::now(conn, &services.clock).await?;
            if pages::note_seen(conn, id, viewer.user, now).await? {
                audit::record(conn, found.event(&actor, "escalation.seen")).await?;
            }
            let mut shown = truth::for_staff(conn, viewer, std::slice::from_ref(&found)).await?;
            let escalation = shown.pop().ok_or(Error::NotFound)?;
            let pages = truth::pages(conn, id).await?;
            let act = Act { keyring: &services.keyring, clock: &services.clock, viewer, actor: &actor, via: "call" };
            let may_know = escalation.client.is_some() || escalation.drill;
            let note = if may_know { act.read_note(conn, id).await? } else { None };
            let finding = if may_know { found::find(conn, id).await? } else { None };
            audit::record(conn, found.event(&actor, "escalation.viewed")).await?;
            Ok::<_, Error>(Shown { escalation, pages, finding, note })
        })
        .await
    });
    Ok(web::Json(shown.await?))
}
