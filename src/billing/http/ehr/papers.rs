//! `GET ehr/billing/clients/{client}/statements`, `GET …/{month}`, `GET …/{month}/pdf`, `GET …/superbill`,
//! `GET ehr/billing/payments/{payment}/receipt`: what clients have on paper, for those who bill.

use crate::{
    accounts::Permission,
    app::Services,
    billing::http::{
        days::Days,
        papers,
        statements::{self, ListQuery, Shown, ShownTotal},
    },
    db::Pool,
    error::Result,
    http::{answer::Pdf, page::List, principal::EhrPrincipal},
    ids::{PaymentId, UserId},
};
use actix_web::web;

/// A client's month statements, the newest first.
pub async fn statements(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    query: web::Query<ListQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ShownTotal>>> {
    caller.require(Permission::ManageBilling)?;
    statements::list(&pool, &caller, *client, query.into_inner(), services).await
}

/// One of them.
pub async fn statement(
    caller: EhrPrincipal,
    which: web::Path<(UserId, String)>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    caller.require(Permission::ManageBilling)?;
    statements::one(&pool, &caller, which.into_inner(), services).await
}

/// The same on paper.
pub async fn statement_pdf(
    caller: EhrPrincipal,
    which: web::Path<(UserId, String)>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    caller.require(Permission::ManageBilling)?;
    statements::pdf(&pool, &caller, which.into_inner(), services).await
}

/// A client's services of some days, for their insurer.
pub async fn superbill(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    days: web::Query<Days>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    caller.require(Permission::ManageBilling)?;
    papers::superbill(&pool, &caller, *client, &days, services).await
}

/// A receipt.
pub async fn receipt(
    caller: EhrPrincipal,
    payment: web::Path<PaymentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    caller.require(Permission::ManageBilling)?;
    papers::receipt(&pool, &caller, *payment, services).await
}
