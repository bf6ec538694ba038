//! `GET portal/billing/statements`, `GET portal/billing/statements/{month}`, `GET …/{month}/pdf`: one's month statements.

use crate::{
    app::Services,
    billing::http::statements::{self, ListQuery, Shown, ShownTotal},
    db::Pool,
    error::Result,
    http::{answer::Pdf, page::List, principal::PortalPrincipal},
};
use actix_web::web;

/// All of them, the newest first.
pub async fn list(
    caller: PortalPrincipal,
    query: web::Query<ListQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ShownTotal>>> {
    statements::list(&pool, &caller, caller.user_id, query.into_inner(), services).await
}

/// One of them.
pub async fn show(
    caller: PortalPrincipal,
    month: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    statements::one(&pool, &caller, (caller.user_id, month.into_inner()), services).await
}

/// The same on paper.
pub async fn pdf(
    caller: PortalPrincipal,
    month: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    statements::pdf(&pool, &caller, (caller.user_id, month.into_inner()), services).await
}
