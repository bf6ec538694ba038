//! The client's pages of billing: what they owe, what they paid, how they pay. Frames around calls: no figure stands on a
//! page before the call has given it.

use super::{
    assets, places,
    shell::{Away, Shell, page},
};
use crate::{accounts::Audience, app::Services, billing::http::stripe::policy, http::principal::MaybePrincipal};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use uuid::Uuid;

const SCRIPT: &str = "billing.js";

fn enter(request: &HttpRequest, who: MaybePrincipal) -> Result<Shell, Away> {
    let mut shell = Shell::enter(Audience::Portal, who, request)?.running(SCRIPT);
    shell.beside = places::own_billing(shell.spoken(), request.path());
    Ok(shell)
}

macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident: $template:ident($path:literal);)+) => {$(
        #[derive(Template)]
        #[template(path = $path)]
        struct $template {
            assets: &'static str,
            shell: Shell,
        }

        $(#[$doc])*
        pub async fn $name(request: HttpRequest, who: MaybePrincipal) -> Result<HttpResponse, Away> {
            let shell = enter(&request, who)?;
            Ok(page(StatusCode::OK, &$template { assets: assets::base(), shell }))
        }
    )+};
}

pages! {
    /// `GET /portal/billing`
    overview: Overview("paying/overview.html");
    /// `GET /portal/billing/charges`
    charges: Charges("paying/charges.html");
    /// `GET /portal/billing/invoices`
    invoices: Invoices("paying/invoices.html");
    /// `GET /portal/billing/statements`
    statements: Statements("paying/statements.html");
    /// `GET /portal/billing/history`
    history: History("paying/history.html");
    /// `GET /portal/billing/plans`
    plans: Plans("paying/plans.html");
}

#[derive(Template)]
#[template(path = "paying/statement.html")]
struct Statement {
    assets: &'static str,
    shell: Shell,
    month: String,
}

/// `GET /portal/billing/statements/{month}`
pub async fn statement(
    request: HttpRequest,
    who: MaybePrincipal,
    month: web::Path<String>,
) -> Result<HttpResponse, Away> {
    let shell = enter(&request, who)?;
    Ok(page(StatusCode::OK, &Statement { assets: assets::base(), shell, month: month.into_inner() }))
}

#[derive(Template)]
#[template(path = "paying/invoice.html")]
struct Invoice {
    assets: &'static str,
    shell: Shell,
    invoice: Uuid,
    takes_cards: bool,
}

/// `GET /portal/billing/invoices/{invoice}`
pub async fn invoice(request: HttpRequest, who: MaybePrincipal, id: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = enter(&request, who)?;
    let takes_cards = takes_cards(&request);
    Ok(page(StatusCode::OK, &Invoice { assets: assets::base(), shell, invoice: id.into_inner(), takes_cards }))
}

#[derive(Template)]
#[template(path = "paying/pay.html")]
struct Pay {
    assets: &'static str,
    shell: Shell,
}

#[derive(Template)]
#[template(path = "paying/methods.html")]
struct Methods {
    assets: &'static str,
    shell: Shell,
    takes_cards: bool,
}

/// `GET /portal/billing/pay`
pub async fn pay(request: HttpRequest, who: MaybePrincipal) -> Result<HttpResponse, Away> {
    let shell = enter(&request, who)?;
    let page = page(StatusCode::OK, &Pay { assets: assets::base(), shell });
    Ok(taking_cards(page, &request))
}

/// `GET /portal/billing/methods`
pub async fn methods(request: HttpRequest, who: MaybePrincipal) -> Result<HttpResponse, Away> {
    let shell = enter(&request, who)?;
    let page = page(StatusCode::OK, &Methods { assets: assets::base(), shell, takes_cards: takes_cards(&request) });
    Ok(taking_cards(page, &request))
}

fn takes_cards(request: &HttpRequest) -> bool {
    request.app_data::<web::Data<Services>>().is_some_and(|services| services.stripe.is_some())
}

/// Lets a page load Stripe's script, where cards are taken.
fn taking_cards(mut page: HttpResponse, request: &HttpRequest) -> HttpResponse {
    let services = request.app_data::<web::Data<Services>>();
    if let Some((name, value)) = services.and_then(|services| policy::of_page(services, request)) {
        page.headers_mut().insert(name, value);
    }
    page
}
