//! Papers as files. Set on a thread of their own; their names say nothing about anybody.

use super::calls::{self, Noted, Whose};
use crate::{
    app::Services,
    billing::{
        papers::{head, invoice},
        print,
    },
    db::Pool,
    error::{Error, Result},
    http::{answer::Pdf, principal::Principal},
    ids::InvoiceId,
};
use actix_web::web;

/// Sets a paper.
pub async fn set(name: String, pdf: impl FnOnce() -> anyhow::Result<Vec<u8>> + Send + 'static) -> Result<Pdf> {
    let set = tokio::task::spawn_blocking(pdf).await;
    let content = set.map_err(|_| Error::Internal(anyhow::anyhow!("setting a paper did not come to its end")))??;
    Ok(Pdf { name, content })
}

/// An invoice, for its client and for those who bill: the same paper.
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
