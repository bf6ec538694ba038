//! `GET ehr/billing/invoices`, `GET ehr/billing/invoices/{invoice}[/pdf]`, `POST …/void`, `POST …/send-again`,
//! `GET|POST ehr/billing/clients/{client}/invoices`.

use super::charges::Reason;
use crate::{
    accounts::Permission,
    app::Services,
    billing::{
        Amount,
        access::{self, ClientBilling},
        account, charges,
        http::{
            calls::{self, Noted, Whose},
            papers,
            view::{self, ShownCharge, ShownInvoice, ShownPayment},
        },
        invoices, payments,
        settle::Status,
    },
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{NoContent, Pdf, Stored},
        idempotency::IdempotencyKey,
        json::Body,
        page::{self, List, NewestQuery},
        principal::EhrPrincipal,
        when,
    },
    ids::{ChargeId, InvoiceId, UserId},
};
use actix_web::web;
use chrono::NaiveDate;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::{Deserialize, Serialize};
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
    #[serde(default, deserialize_with = "when::maybe")]
    due_on: Option<NaiveDate>,
}

/// An invoice with its charges.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InvoiceDetail)]
pub struct Detail {
    #[serde(flatten)]
    invoice: ShownInvoice,
    /// What is paid of it, whatever it was paid by.
    paid: Amount,
    lines: Vec<ShownCharge>,
    /// What was meant for it. The rest was paid by whatever else came in.
    payments: Vec<ShownPayment>,
    /// Why it was taken back.
    void_reason: Option<String>,
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
        let clients = found.items.iter().map(|invoice| invoice.client).collect();
        calls::listed(conn, &actor, "invoices.listed", clients).await?;
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
    let listed = (&*query, "invoices.listed");
    calls::page(
        &pool,
        &caller,
        *client,
        listed,
        |one: &ShownInvoice| one.id.0,
        |conn, access, (before, limit)| {
            Box::pin(async move {
                let found = invoices::of_client(conn, &access, before, limit, services.clock.now()).await?;
                view::invoices(conn, access.practice(), found).await
            })
        },
    )
    .await
}

/// One of them.
pub async fn show(
    caller: EhrPrincipal,
    invoice: web::Path<InvoiceId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Detail>> {
    caller.require(Permission::ManageBilling)?;
    let id = *invoice;
    let shown = calls::read(&pool, &caller, Whose::Invoice(id), |conn, access| {
        Box::pin(async move {
            Ok((detail(conn, &services, &access, id).await?, Noted::new("invoice.viewed").on("invoice", id)))
        })
    });
    Ok(web::Json(shown.await?))
}

/// The same on paper, as its client has it.
pub async fn pdf(
    caller: EhrPrincipal,
    invoice: web::Path<InvoiceId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    caller.require(Permission::ManageBilling)?;
    papers::invoice(&pool, &caller, *invoice, services).await
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
    calls::change(pool, caller, Whose::Client(*client), move |conn, access| {
        Box::pin(async move {
            let now = services.clock.now();
            let issued = invoices::issue(conn, &access, id, charges.as_deref(), due_on, now).await?;
            let noted = Noted::new("invoice.issued").on("invoice", id);
            Ok((detail(conn, &services, &access, id).await?, issued.then_some(noted)))
        })
    })
    .await
}

/// Tells its client once more.
pub async fn send_again(
    caller: EhrPrincipal,
    invoice: web::Path<InvoiceId>,
    key: IdempotencyKey,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require(Permission::ManageBilling)?;
    let (id, intent) = (*invoice, key.or_new());
    let sent = calls::change(pool, caller, Whose::Invoice(id), move |conn, access| {
        Box::pin(async move {
            invoices::send_again(conn, &access, id, intent, services.clock.now()).await?;
            Ok((NoContent, Some(Noted::new("invoice.sentAgain").on("invoice", id))))
        })
    });
    Ok(sent.await?.content)
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
    let id = *invoice;
    let voided = calls::change(pool, caller, Whose::Invoice(id), move |conn, access| {
        Box::pin(async move {
            let (keyring, now) = (&services.keyring, services.clock.now());
            let voided = invoices::void(conn, keyring, &access, id, &input.0.reason, now).await?;
            let noted = Noted::new("invoice.voided").on("invoice", id);
            Ok((detail(conn, &services, &access, id).await?, voided.then_some(noted)))
        })
    });
    Ok(web::Json(voided.await?.content))
}

async fn detail(
    conn: &mut AsyncPgConnection,
    services: &Services,
    access: &ClientBilling,
    id: InvoiceId,
) -> Result<Detail> {
    let keyring = &services.keyring;
    let found = invoices::find(conn, access, id, services.clock.now()).await?;
    let paid = if found.voided_at.is_none() { found.total - found.open } else { Amount::ZERO };
    let lines = charges::of_invoice(conn, keyring, access, id).await?;
    let account = account::of(conn, access.client()).await?;
    let lines = view::charges(conn, access.practice(), &account, lines).await?;
    let meant = payments::list::of_invoice(conn, keyring, access, id).await?;
    let payments = view::payments(conn, meant).await?;
    let void_reason = invoices::void_reason(conn, keyring, access, id).await?;
    let invoice = view::invoices(conn, access.practice(), vec![found]).await?.pop().ok_or(Error::NotFound)?;
    Ok(Detail { invoice, paid, lines, payments, void_reason })
}
