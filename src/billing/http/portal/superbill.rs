//! `GET portal/billing/superbill`: services of some days, for one's insurer.

use crate::{
    app::Services,
    billing::http::{days::Days, papers},
    db::Pool,
    error::Result,
    http::{answer::Pdf, principal::PortalPrincipal},
};
use actix_web::web;

/// As a file.
pub async fn pdf(
    caller: PortalPrincipal,
    days: web::Query<Days>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    papers::superbill(&pool, &caller, caller.user_id, &days, services).await
}
