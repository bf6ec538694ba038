//! `GET ehr/billing/invoices`, `GET ehr/billing/invoices/{invoice}`, `POST …/void`,
//! `GET|POST ehr/billing/clients/{client}/invoices`.

use super::charges::Reason;
use crate::{
    accounts::Permission,
    app::Services,
    audit::{self, Event},
    billing::{
        access::{self, ClientBilling},
        account, charges,
        http::view::{self, ShownCharge, ShownInvoice},
        invoices,
        settle::Status,
    },
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Stored,
        detached,
        idempotency::IdempotencyKey,
        json::Body,
        page::{self, List, NewestQuery},
        principal::EhrPrincipal,
    },
    ids::{ChargeId, InvoiceId, UserId},
};
use actix_web::web;
use chrono::NaiveDate;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// `?status=&limit=&cursor=`.
#[derive(Deserialize, IntoParams)]
pub struct ListQuery {
    #[param(inline)]
    status: Option<Status>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<i64>,
}

/// An invoice to issue.
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = NewInvoice)]
#[serde(rename_all = "camelCase", default)]
pub struct New {
    /// Left out: all charges that are on no invoice.
    #[schema(max_items = 200)]
    charges: Option<Vec<ChargeId>>,
    /// Left out: as the settings say.
    due_on: Option<NaiveDate>,
}

/// An invoice with its charges.
#[derive(Serialize, ToSchema)]
#[schema(as = InvoiceDetail)]
pub struct Detail {
    #[serde(flatten)]
    invoice: ShownInvoice,
    lines: Vec<ShownCharge>,
}

/// The practice's, newest first. A page of a status that few have may be short and go on all the same.
pub async fn list(
    caller: EhrPrincipal,
    query: web::Query<ListQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ShownInvoice>>> {
    caller.require(Permission::ManageBilling)?;
    let limit = page::limit(query.limit)?;
    let mut conn = pool.get().await?;
    let listed = conn.transaction(async |conn| {
        let access = access::of_practice(caller.viewer())?;
        let now = services.clock.now();
        let found = invoices::of_practice(conn, &access, query.status, query.cursor, limit, now).await?;
        let actor = caller.actor();
        let clients: BTreeSet<UserId> = found.items.iter().map(|invoice| invoice.client).collect();
        let listed = || Event::new(&actor, "invoices.listed");
        let mut events: Vec<Event<'_>> = clients.into_iter().map(|client| listed().of_client(client)).collect();
        if events.is_empty() {
            events.push(listed().with(json!({"count": 0})));
        }
        audit::record_all(conn, &events).await?;
        let items = view::invoices(conn, access.practice(), found.items).await?;
        Ok::<_, Error>(List { items, next: found.next.map(|number| number.to_string()) })
    });
    Ok(web::Json(listed.await?))
}

/// Those of an account, newest first.
pub async fn of_client(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ShownInvoice>>> {
    caller.require(Permission::ManageBilling)?;
    let (limit, before) = query.read()?;
    let mut conn = pool.get().await?;
    let items = conn.transaction(async |conn| {
        let access = access::of_client(conn, caller.viewer(), *client).await?;
        let found = invoices::of_client(conn, &access, before, limit + 1, services.clock.now()).await?;
        audit::record(conn, access.event(&caller.actor(), "invoices.listed")).await?;
        view::invoices(conn, access.practice(), found).await
    });
    Ok(web::Json(List::newest(items.await?, limit, |invoice| invoice.id.0)))
}

/// One of them.
pub async fn show(
    caller: EhrPrincipal,
    invoice: web::Path<InvoiceId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Detail>> {
    caller.require(Permission::ManageBilling)?;
    let mut conn = pool.get().await?;
    let shown = conn.transaction(async |conn| {
        let access = access::of_invoice(conn, caller.viewer(), *invoice).await?;
        audit::record(conn, access.event(&caller.actor(), "invoice.viewed").on("invoice", *invoice)).await?;
        detail(conn, &services, &access, *invoice).await
    });
    Ok(web::Json(shown.await?))
}

/// Asks a client to pay.
pub async fn issue(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    key: IdempotencyKey,
    input: Body<New>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Detail>> {
    caller.require(Permission::ManageBilling)?;
    let id: InvoiceId = key.or_new();
    let New { charges, due_on } = input.0;
    if charges.as_ref().is_some_and(|charges| charges.len() > invoices::MOST_CHARGES) {
        return Err(Error::field("/charges", "At most 200."));
    }
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = access::of_client(conn, caller.viewer(), *client).await?;
            let now = services.clock.now();
            let issued = invoices::issue(conn, &access, id, charges.as_deref(), due_on, now).await?;
            if issued {
                audit::record(conn, access.event(&caller.actor(), "invoice.issued").on("invoice", id)).await?;
            }
            Ok(Stored { repeated: !issued, content: detail(conn, &services, &access, id).await? })
        })
        .await
    })
    .await
}

/// Takes an invoice back.
pub async fn void(
    caller: EhrPrincipal,
    invoice: web::Path<InvoiceId>,
    input: Body<Reason>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Detail>> {
    caller.require(Permission::ManageBilling)?;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            let access = access::of_invoice(conn, caller.viewer(), *invoice).await?;
            let (keyring, now) = (&services.keyring, services.clock.now());
            if invoices::void(conn, keyring, &access, *invoice, &input.0.reason, now).await? {
                audit::record(conn, access.event(&caller.actor(), "invoice.voided").on("invoice", *invoice)).await?;
            }
            Ok(web::Json(detail(conn, &services, &access, *invoice).await?))
        })
        .await
    })
    .await
}

async fn detail(
    conn: &mut AsyncPgConnection,
    services: &Services,
    access: &ClientBilling,
    id: InvoiceId,
) -> Result<Detail> {
    let found = invoices::find(conn, access, id, services.clock.now()).await?;
    let lines = charges::of_invoice(conn, &services.keyring, access, id).await?;
    let account = account::of(conn, access.client()).await?;
    let lines = view::charges(conn, access.practice(), &account, lines).await?;
    let invoice = view::invoices(conn, access.practice(), vec![found]).await?.pop().ok_or(Error::NotFound)?;
    Ok(Detail { invoice, lines })
}
