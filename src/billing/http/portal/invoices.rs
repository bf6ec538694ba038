//! `GET portal/billing/invoices`, `GET portal/billing/invoices/{invoice}[/pdf]`: what one is asked to pay until when, what it
//! is for, and what of it is paid.

use super::charges;
use crate::{
    app::Services,
    billing::{
        charges as billed,
        http::{
            calls::{self, Noted, Whose},
            papers,
        },
        invoices::{self, Invoice},
        money::{Amount, Currency},
        settle::Status,
    },
    db::Pool,
    error::Result,
    http::{
        answer::Pdf,
        page::{List, NewestQuery},
        principal::PortalPrincipal,
    },
    ids::InvoiceId,
};
use actix_web::web;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// An invoice of one's own.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnInvoice)]
pub struct Shown {
    id: InvoiceId,
    /// Of the practice.
    number: i64,
    status: Status,
    issued_on: NaiveDate,
    due_on: NaiveDate,
    total: Amount,
    paid: Amount,
    /// What is not paid of it.
    open: Amount,
    currency: Currency,
    voided_at: Option<DateTime<Utc>>,
}

/// An invoice of one's own with what it is for.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnInvoiceDetail)]
pub struct Detail {
    #[serde(flatten)]
    invoice: Shown,
    lines: Vec<charges::Shown>,
}

fn shown(invoice: Invoice) -> Shown {
    let is_void = invoice.voided_at.is_some();
    Shown {
        id: invoice.id,
        number: invoice.number,
        status: invoice.status,
        issued_on: invoice.issued_on,
        due_on: invoice.due_on,
        total: invoice.total,
        paid: if is_void { Amount::ZERO } else { invoice.total - invoice.open },
        open: invoice.open,
        currency: invoice.currency,
        voided_at: invoice.voided_at,
    }
}

/// One's own, the newest first.
pub async fn list(
    caller: PortalPrincipal,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Shown>>> {
    let listed = (&*query, "invoices.listed");
    calls::page(
        &pool,
        &caller,
        caller.user_id,
        listed,
        |one: &Shown| one.id.0,
        |conn, access, (before, limit)| {
            Box::pin(async move {
                let found = invoices::of_client(conn, &access, before, limit, services.clock.now()).await?;
                Ok(found.into_iter().map(shown).collect())
            })
        },
    )
    .await
}

/// One of them.
pub async fn show(
    caller: PortalPrincipal,
    invoice: web::Path<InvoiceId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Detail>> {
    let id = *invoice;
    let found = calls::read(&pool, &caller, Whose::Invoice(id), |conn, access| {
        Box::pin(async move {
            let found = invoices::find(conn, &access, id, services.clock.now()).await?;
            let lines = billed::of_invoice(conn, &services.keyring, &access, id).await?;
            let lines = charges::shown(conn, &access, lines).await?;
            let detail = Detail { invoice: shown(found), lines };
            Ok((detail, Noted::new("invoice.viewed").on("invoice", id)))
        })
    });
    Ok(web::Json(found.await?))
}

/// The same on paper.
pub async fn pdf(
    caller: PortalPrincipal,
    invoice: web::Path<InvoiceId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    papers::invoice(&pool, &caller, *invoice, services).await
}
