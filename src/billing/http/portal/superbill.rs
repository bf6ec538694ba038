//! `GET portal/billing/superbill`: services of some days, for one's insurer.

use crate::{
    app::Services,
    audit,
    billing::{
        access,
        http::days::Days,
        papers::{head, superbill},
        print,
    },
    db::Pool,
    error::{Error, Result},
    http::{answer::Pdf, principal::PortalPrincipal},
};
use actix_web::web;
use serde_json::json;

/// As a file.
pub async fn pdf(
    caller: PortalPrincipal,
    days: web::Query<Days>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    let ((from, until), now, actor) = (days.both()?, services.clock.now(), caller.actor());
    let mut conn = pool.get().await?;
    let (head, found) = conn
        .build_transaction()
        .repeatable_read()
        .run(async |conn| {
            let access = access::of_client(conn, caller.viewer(), caller.user_id).await?;
            let head = head::find(conn, &access, now).await?;
            let found = superbill::find(conn, &services.keyring, &access, &head.practice, (from, until)).await?;
            let event = access.event(&actor, "superbill.downloaded").with(json!({"from": from, "until": until}));
            audit::record(conn, event).await?;
            Ok::<_, Error>((head, found))
        })
        .await?;
    drop(conn);
    let name = format!("superbill-{from}-{until}.pdf");
    super::set(name, move || print::superbill::pdf(&head, &found)).await
}
