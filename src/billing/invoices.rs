//! Invoices: charges that a client is asked to pay until a day. An invoice never changes: what was wrong is voided. Its
//! status is computed. Numbers follow each other within a practice, and none is left out.

use super::{
    access::{ClientBilling, StaffBilling},
    account,
    ledger::{self, history::read_currency},
    money::{Amount, Currency},
    settings,
    settle::{Settled, Status},
    words,
};
use crate::{
    crypto::{Keyring, Place},
    db,
    error::{Error, Result},
    ids::{ChargeId, InvoiceId, UserId},
    notices::{self, Notice},
    notify::kind::Kind as NoticeKind,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The most charges on one invoice.
pub const MOST_CHARGES: usize = 200;
/// How many are looked at for one page of those of one status.
const MOST_LOOKED_AT: i64 = 1_000;

/// An invoice as it is read, with what was paid of it until now.
#[derive(Clone, Debug)]
pub struct Invoice {
    pub id: InvoiceId,
    pub client: UserId,
    pub number: i64,
    pub currency: Currency,
    pub issued_on: NaiveDate,
    pub due_on: NaiveDate,
    pub total: Amount,
    pub open: Amount,
    pub status: Status,
    pub charges: Vec<ChargeId>,
}

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
    if is_issued(conn, access, id).await? {
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

async fn is_issued(conn: &mut AsyncPgConnection, access: &ClientBilling, id: InvoiceId) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        same: bool,
    }
    let row: Option<Row> = db::statement("SELECT client_id = $2 AS same FROM invoices WHERE id = $1")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(access.client())
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

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: InvoiceId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::BigInt)]
    number: i64,
    #[diesel(sql_type = sql::Text)]
    currency: String,
    #[diesel(sql_type = sql::Date)]
    issued_on: NaiveDate,
    #[diesel(sql_type = sql::Date)]
    due_on: NaiveDate,
    #[diesel(sql_type = sql::Bool)]
    is_void: bool,
    #[diesel(sql_type = sql::BigInt)]
    total: i64,
    #[diesel(sql_type = sql::Array<sql::Uuid>)]
    charges: Vec<Uuid>,
}

impl Row {
    fn read(self, account: Option<&Settled>, today: NaiveDate) -> Result<Invoice> {
        let open = match account {
            Some(account) if !self.is_void => account.open_of_invoice(self.id),
            _ => Amount::ZERO,
        };
        Ok(Invoice {
            id: self.id,
            client: self.client_id,
            number: self.number,
            currency: read_currency(&self.currency)?,
            issued_on: self.issued_on,
            due_on: self.due_on,
            total: Amount(self.total),
            open,
            status: Status::of(open, self.due_on, self.is_void, today),
            charges: self.charges.into_iter().map(ChargeId).collect(),
        })
    }
}

/// The columns of [`Row`], over `i`.
const COLUMNS: &str = "i.id, i.client_id, i.number, i.currency, i.issued_on, i.due_on,
    EXISTS (SELECT FROM invoice_voids v WHERE v.invoice_id = i.id) AS is_void,
    (SELECT COALESCE(sum(c.amount), 0)::bigint FROM invoice_lines l JOIN charges c ON c.id = l.charge_id
        WHERE l.invoice_id = i.id) AS total,
    ARRAY(SELECT l.charge_id FROM invoice_lines l JOIN charges c ON c.id = l.charge_id WHERE l.invoice_id = i.id
        ORDER BY c.service_on, c.id) AS charges";

/// One of an account.
///
/// # Errors
/// `NotFound`.
pub async fn find(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    invoice: InvoiceId,
    now: DateTime<Utc>,
) -> Result<Invoice> {
    let row: Row = db::statement(format!("SELECT {COLUMNS} FROM invoices i WHERE i.client_id = $1 AND i.id = $2"))
        .bind::<sql::Uuid, _>(access.client())
        .bind::<sql::Uuid, _>(invoice)
        .get_result(conn)
        .await?;
    let today = settings::today(conn, access.practice(), now).await?;
    row.read(Some(&account::of(conn, access.client()).await?), today)
}

/// Those of an account before an id, newest first.
pub async fn of_client(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    before: Option<Uuid>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Invoice>> {
    let rows: Vec<Row> = db::statement(format!(
        "SELECT {COLUMNS} FROM invoices i WHERE i.client_id = $1 AND ($2 IS NULL OR i.id < $2) ORDER BY i.id DESC LIMIT $3"
    ))
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await?;
    let today = settings::today(conn, access.practice(), now).await?;
    let account = account::of(conn, access.client()).await?;
    rows.into_iter().map(|row| row.read(Some(&account), today)).collect()
}

/// A page of the practice's.
pub struct Page {
    pub items: Vec<Invoice>,
    /// Before which number it goes on; None: that was all.
    pub next: Option<i64>,
}

/// The practice's before a number, newest first; with a status, those that have it now. Where few have it, a page may
/// hold fewer than `limit` and go on all the same.
pub async fn of_practice(
    conn: &mut AsyncPgConnection,
    access: &StaffBilling,
    status: Option<Status>,
    mut before: Option<i64>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Page> {
    let today = settings::today(conn, access.practice(), now).await?;
    let (mut items, mut looked_at) = (Vec::new(), 0);
    while looked_at < MOST_LOOKED_AT {
        let rows = some(conn, access, before, limit).await?;
        let all = (rows.len() as i64) < limit;
        looked_at += limit;
        let clients: Vec<UserId> = rows.iter().map(|row| row.client_id).collect();
        let accounts: HashMap<UserId, Settled> = account::of_all(conn, &clients).await?;
        for row in rows {
            before = Some(row.number);
            let invoice = {
                let account = accounts.get(&row.client_id);
                row.read(account, today)?
            };
            if status.is_none_or(|status| status == invoice.status) {
                items.push(invoice);
            }
            if items.len() as i64 == limit {
                let next = before.filter(|number| *number > 1);
                return Ok(Page { items, next });
            }
        }
        if all {
            return Ok(Page { items, next: None });
        }
    }
    Ok(Page { items, next: before })
}

async fn some(
    conn: &mut AsyncPgConnection,
    access: &StaffBilling,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(db::statement(format!(
        "SELECT {COLUMNS} FROM invoices i WHERE i.practice_id = $1 AND ($2 IS NULL OR i.number < $2)
        ORDER BY i.number DESC LIMIT $3"
    ))
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Nullable<sql::BigInt>, _>(before)
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await?)
}
