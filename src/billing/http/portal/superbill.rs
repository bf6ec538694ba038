//! `GET portal/billing/superbill`: services of some days, for one's insurer.

use crate::{
    app::Services,
    billing::{
        http::{
            calls::{self, Noted, Whose},
            days::Days,
            papers,
        },
        papers::{head, superbill},
        print,
    },
    db::Pool,
    error::Result,
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
    let ((from, until), now) = (days.both()?, services.clock.now());
    let (head, found) = calls::read(&pool, &caller, Whose::Client(caller.user_id), move |conn, access| {
        Box::pin(async move {
            let head = head::find(conn, &access, now).await?;
            let found = superbill::find(conn, &services.keyring, &access, &head.practice, (from, until)).await?;
            let noted = Noted::new("superbill.downloaded").with(json!({"from": from, "until": until}));
            Ok(((head, found), noted))
        })
    })
    .await?;
    let name = format!("superbill-{from}-{until}.pdf");
    papers::set(name, move || print::superbill::pdf(&head, &found)).await
}
