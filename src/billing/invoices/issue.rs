//! Asking a client to pay, once and again.

use super::read::find;
use crate::{
    billing::{access::ClientBilling, ledger, settings, settle::Status},
    db,
    error::{Error, Result},
    ids::{ChargeId, InvoiceId},
    notices::{self, Notice},
    notify::kind::Kind as NoticeKind,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The most charges on one invoice.
pub const MOST_CHARGES: usize = 200;

/// Asks a client to pay these charges; all that are on no invoice, where none is named. Tells the client. False where it
/// was issued before. The row of the audit log is the caller's.
///
/// # Errors
/// `Conflict` where there is nothing to charge, or one of them is on an invoice or voided; `NotFound` for a charge of
/// another account.
pub async fn issue(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    id: InvoiceId,
    charges: Option<&[ChargeId]>,
    due_on: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<bool> {
    access.require_staff()?;
    ledger::lock(conn, access.practice(), access.client()).await?;
    if is_issued(conn, access, id, charges, due_on).await? {
        return Ok(false);
    }
    let charges = chargeable(conn, access, charges).await?;
    let today = settings::today(conn, access.practice(), now).await?;
    let stored = settings::find(conn, access.practice()).await?;
    let days = Days::new(u64::try_from(stored.settings.due_days).unwrap_or_default());
    let due_on = due_on.unwrap_or_else(|| today.checked_add_days(days).unwrap_or(today));
    if due_on < today || due_on > today + Days::new(366) {
        return Err(Error::field("/dueOn", "A day from today on, within a year."));
    }
    let currency = settings::currency(conn, access.practice()).await?;
    db::statement(
        "INSERT INTO invoices (id, practice_id, client_id, number, currency, issued_on, due_on, issued_by, issued_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::BigInt, _>(next_number(conn, access).await?)
    .bind::<sql::Text, _>(currency.as_str())
    .bind::<sql::Date, _>(today)
    .bind::<sql::Date, _>(due_on)
    .bind::<sql::Nullable<sql::Uuid>, _>(access.by())
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    db::statement("INSERT INTO invoice_lines (invoice_id, charge_id) SELECT $1, unnest($2)")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Array<sql::Uuid>, _>(charges)
        .execute(conn)
        .await?;
    notices::tell(conn, &Notice::new(access.client(), NoticeKind::BillIssued, Some(id.0)).once(0)).await?;
    Ok(true)
}

/// The next number of the practice. Its row is locked until the transaction ends: if that comes to nothing, so does the
/// number.
async fn next_number(conn: &mut AsyncPgConnection, access: &ClientBilling) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        last: i64,
    }
    let row: Row = db::statement(
        "INSERT INTO invoice_numbers (practice_id, last) VALUES ($1, 1)
        ON CONFLICT (practice_id) DO UPDATE SET last = invoice_numbers.last + 1 RETURNING last",
    )
    .bind::<sql::Uuid, _>(access.practice())
    .get_result(conn)
    .await?;
    Ok(row.last)
}

/// Whether it was issued so; what was left out then is whatever it came to.
async fn is_issued(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    id: InvoiceId,
    charges: Option<&[ChargeId]>,
    due_on: Option<NaiveDate>,
) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        same: bool,
    }
    let mut charges: Option<Vec<Uuid>> = charges.map(|charges| charges.iter().map(|charge| charge.0).collect());
    if let Some(charges) = &mut charges {
        charges.sort_unstable();
        charges.dedup();
    }
    let row: Option<Row> = db::statement(
        "SELECT client_id = $2 AND ($3 IS NULL OR due_on = $3) AND ($4 IS NULL OR $4 =
            (SELECT array_agg(charge_id ORDER BY charge_id) FROM invoice_lines WHERE invoice_id = $1)) AS same
        FROM invoices WHERE id = $1",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Nullable<sql::Date>, _>(due_on)
    .bind::<sql::Nullable<sql::Array<sql::Uuid>>, _>(charges)
    .get_result(conn)
    .await
    .optional()?;
    match row {
        Some(Row { same: false }) => {
            Err(Error::conflict("This id is that of another invoice. Send yours under a new one."))
        }
        other => Ok(other.is_some()),
    }
}

async fn chargeable(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    charges: Option<&[ChargeId]>,
) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: Uuid,
        #[diesel(sql_type = sql::Bool)]
        free: bool,
    }
    let asked: Option<BTreeSet<Uuid>> = charges.map(|charges| charges.iter().map(|charge| charge.0).collect());
    let rows: Vec<Row> = db::statement(
        "SELECT id, free FROM (SELECT c.id, NOT EXISTS (SELECT FROM charge_voids v WHERE v.charge_id = c.id)
            AND NOT EXISTS (SELECT FROM invoice_lines l WHERE l.charge_id = c.id
                AND NOT EXISTS (SELECT FROM invoice_voids v WHERE v.invoice_id = l.invoice_id)) AS free
        FROM charges c WHERE c.client_id = $1 AND ($2 IS NULL OR c.id = ANY($2))) c
        WHERE free OR $2 IS NOT NULL ORDER BY id LIMIT $3",
    )
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Nullable<sql::Array<sql::Uuid>>, _>(asked.as_ref().map(|asked| Vec::from_iter(asked.iter().copied())))
    .bind::<sql::BigInt, _>(MOST_CHARGES as i64 + 1)
    .load(conn)
    .await?;
    match asked {
        Some(asked) if asked.len() > rows.len() => return Err(Error::NotFound),
        Some(_) if rows.iter().any(|row| !row.free) => {
            return Err(Error::conflict("One of these charges is on an invoice already, or voided."));
        }
        _ if rows.is_empty() => return Err(Error::conflict("There is nothing that is not on an invoice yet.")),
        _ => {}
    }
    Ok(rows.into_iter().take(MOST_CHARGES).map(|row| row.id).collect())
}

/// Tells the client of it once more: once for each `intent` of whoever asks. The row of the audit log is the caller's.
///
/// # Errors
/// `Conflict` where there is nothing to pay; `NotFound` for one of another account.
pub async fn send_again(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    invoice: InvoiceId,
    intent: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    access.require_staff()?;
    if matches!(find(conn, access, invoice, now).await?.status, Status::Paid | Status::Void) {
        return Err(Error::conflict("There is nothing left to pay of this invoice."));
    }
    let notice = Notice::new(access.client(), NoticeKind::BillIssued, Some(invoice.0));
    // Never the first telling's own.
    let occurrence = i64::from_be_bytes(intent.as_u64_pair().1.to_be_bytes()) | 1;
    Ok(notices::tell(conn, &notice.once(occurrence)).await?)
}
