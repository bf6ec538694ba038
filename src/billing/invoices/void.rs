//! Taking an invoice back, with a reason that is for those who bill.

use crate::{
    billing::{access::ClientBilling, ledger, words},
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::Result,
    ids::{DataKeyId, InvoiceId},
    notices,
    notify::kind::Kind as NoticeKind,
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Takes an invoice back; its charges can be on another one. Voided twice, it is voided once. The row of the audit log is
/// the caller's.
pub async fn void(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    invoice: InvoiceId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    access.require_staff()?;
    let reason = words::reason(reason)?;
    ledger::lock(conn, access.practice(), access.client()).await?;
    let sealed = words::seal(conn, keyring, access.client(), Place::InvoiceVoid { id: invoice }, reason).await?;
    let written = db::statement(
        "INSERT INTO invoice_voids (invoice_id, key_id, reason_sealed, voided_by, voided_at)
        SELECT id, $3, $4, $5, $6 FROM invoices WHERE id = $1 AND client_id = $2 ON CONFLICT DO NOTHING",
    )
    .bind::<sql::Uuid, _>(invoice)
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Uuid, _>(sealed.key)
    .bind::<sql::Binary, _>(sealed.bytes)
    .bind::<sql::Nullable<sql::Uuid>, _>(access.by())
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    notices::cancel(conn, NoticeKind::BillIssued, invoice.0, now).await?;
    Ok(written > 0)
}

/// Why it was taken back, for those who bill; None where it was not, and where the client was erased.
pub async fn void_reason(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    invoice: InvoiceId,
) -> Result<Option<String>> {
    #[derive(QueryableByName)]
    struct Reason {
        #[diesel(sql_type = sql::Uuid)]
        key_id: DataKeyId,
        #[diesel(sql_type = sql::Bytea)]
        wrapped: Vec<u8>,
        #[diesel(sql_type = sql::Bytea)]
        reason_sealed: Vec<u8>,
    }
    access.require_staff()?;
    let row: Option<Reason> = db::statement(
        "SELECT v.key_id, k.wrapped, v.reason_sealed FROM invoice_voids v JOIN invoices i ON i.id = v.invoice_id
        JOIN data_keys k ON k.id = v.key_id WHERE v.invoice_id = $1 AND i.client_id = $2",
    )
    .bind::<sql::Uuid, _>(invoice)
    .bind::<sql::Uuid, _>(access.client())
    .get_result(conn)
    .await
    .optional()?;
    let Some(Reason { key_id, wrapped, reason_sealed }) = row else { return Ok(None) };
    let place = Place::InvoiceVoid { id: invoice };
    words::open(keyring, &WrappedKey { id: key_id, wrapped }, place, &reason_sealed)
}
