//! The practice's pages about billing. Frames around calls: whose account it is stands on a page only once the call has
//! said that its caller may know it.

use super::{
    assets,
    shell::{Away, Shell, framed, page},
};
use crate::{
    accounts::{Audience, Permission},
    http::principal::MaybePrincipal,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use uuid::Uuid;

framed! {
    /// `GET /ehr/billing`
    overview: Overview("billing/overview.html"), Ehr, "ehr-billing.js", ManageBilling;
    /// `GET /ehr/billing/invoices`
    invoices: Invoices("billing/invoices.html"), Ehr, "ehr-billing.js", ManageBilling;
    /// `GET /ehr/billing/settings`
    settings: Settings("billing/settings.html"), Ehr, "ehr-billing.js", ManageBilling;
}

#[derive(Template)]
#[template(path = "billing/invoice.html")]
struct Invoice {
    assets: &'static str,
    shell: Shell,
    invoice: Uuid,
}

/// `GET /ehr/billing/invoices/{invoice}`
pub async fn invoice(request: HttpRequest, who: MaybePrincipal, id: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Ehr, who, &request)?.running("ehr-billing.js");
    let shell = shell.require(Permission::ManageBilling)?;
    Ok(page(StatusCode::OK, &Invoice { assets: assets::base(), shell, invoice: id.into_inner() }))
}

#[derive(Template)]
#[template(path = "billing/account.html")]
struct Account {
    assets: &'static str,
    shell: Shell,
    client: Uuid,
}

/// `GET /ehr/billing/clients/{client}`
pub async fn account(request: HttpRequest, who: MaybePrincipal, id: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Ehr, who, &request)?.running("ehr-billing.js");
    let shell = shell.require(Permission::ManageBilling)?;
    Ok(page(StatusCode::OK, &Account { assets: assets::base(), shell, client: id.into_inner() }))
}
