//! What an invoice says on paper: the same as on its page.

use crate::{
    billing::{
        access::ClientBilling,
        charges, invoices,
        money::Amount,
        print::{Tongue, invoice as print},
        settings,
    },
    crypto::Keyring,
    error::Result,
    ids::InvoiceId,
};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;

/// An invoice of this account. What it was given for, as a diagnosis, is on superbills alone.
///
/// # Errors
/// `NotFound`.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    id: InvoiceId,
    tongue: Tongue,
    now: DateTime<Utc>,
) -> Result<print::Invoice> {
    let found = invoices::find(conn, access, id, now).await?;
    let line = |charge: charges::Charge| print::Line {
        on: charge.service_on,
        what: charge.words.map_or_else(
            || tongue.say("Service", "Servicio").to_owned(),
            |words| match words.code {
                Some(code) => format!("{} ({code})", words.description),
                None => words.description,
            },
        ),
        units: charge.units,
        amount: charge.amount,
    };
    let lines = charges::of_invoice(conn, keyring, access, id).await?.into_iter().map(line).collect();
    let is_void = found.voided_at.is_some();
    Ok(print::Invoice {
        number: found.number,
        issued_on: found.issued_on,
        due_on: found.due_on,
        lines,
        total: found.total,
        paid: if is_void { Amount::ZERO } else { found.total - found.open },
        open: found.open,
        voided_at: found.voided_at,
        how_to_pay: settings::find(conn, access.practice()).await?.settings.how_to_pay,
    })
}
