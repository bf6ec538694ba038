//! Papers as files, the same for clients and for those who bill. Set on a thread of their own; their names say nothing about
//! anybody.

use super::{
    calls::{self, Noted, Whose},
    days::Days,
};
use crate::{
    app::Services,
    billing::{
        papers::{head, invoice, receipt, superbill},
        print,
    },
    db::Pool,
    error::{Error, Result},
    http::{answer::Pdf, principal::Principal},
    ids::{InvoiceId, PaymentId, UserId},
};
use actix_web::web;
use serde_json::json;

/// Sets a paper.
pub async fn set(name: String, pdf: impl FnOnce() -> anyhow::Result<Vec<u8>> + Send + 'static) -> Result<Pdf> {
    let set = tokio::task::spawn_blocking(pdf).await;
    let content = set.map_err(|_| Error::Internal(anyhow::anyhow!("setting a paper did not come to its end")))??;
    Ok(Pdf { name, content })
}

/// An invoice.
pub async fn invoice(pool: &Pool, caller: &Principal, id: InvoiceId, services: web::Data<Services>) -> Result<Pdf> {
    let now = services.clock.now();
    let (head, found) = calls::read(pool, caller, Whose::Invoice(id), move |conn, access| {
        Box::pin(async move {
            let head = head::find(conn, &access, now).await?;
            let found = invoice::find(conn, &services.keyring, &access, id, head.tongue, now).await?;
            Ok(((head, found), Noted::new("invoice.downloaded").on("invoice", id)))
        })
    })
    .await?;
    set(format!("invoice-{}.pdf", found.number), move || print::invoice::pdf(&head, &found)).await
}

/// A receipt.
pub async fn receipt(pool: &Pool, caller: &Principal, id: PaymentId, services: web::Data<Services>) -> Result<Pdf> {
    let now = services.clock.now();
    let (head, found) = calls::read(pool, caller, Whose::Payment(id), move |conn, access| {
        Box::pin(async move {
            let head = head::find(conn, &access, now).await?;
            let found = receipt::find(conn, &access, id, head.tongue).await?;
            Ok(((head, found), Noted::new("receipt.downloaded").on("payment", id)))
        })
    })
    .await?;
    let name = format!("receipt-{}.pdf", found.paid_at.format("%Y-%m-%d"));
    set(name, move || print::receipt::pdf(&head, &found)).await
}

/// A client's services of some days, for their insurer.
pub async fn superbill(
    pool: &Pool,
    caller: &Principal,
    client: UserId,
    days: &Days,
    services: web::Data<Services>,
) -> Result<Pdf> {
    let (days, now) = (days.both(), services.clock.now());
    let (head, found, (from, until)) = calls::read(pool, caller, Whose::Client(client), move |conn, access| {
        Box::pin(async move {
            // Whose account it is comes first: of another's nobody learns more than that it is not theirs.
            let (from, until) = days?;
            let head = head::find(conn, &access, now).await?;
            let found = superbill::find(conn, &services.keyring, &access, &head.practice, (from, until)).await?;
            let noted = Noted::new("superbill.downloaded").with(json!({"from": from, "until": until}));
            Ok(((head, found, (from, until)), noted))
        })
    })
    .await?;
    let name = format!("superbill-{from}-{until}.pdf");
    set(name, move || print::superbill::pdf(&head, &found)).await
}
