//! Reading invoices: how each stands is worked out of the account that it is on.

use crate::{
    billing::{
        access::{ClientBilling, StaffBilling},
        account,
        ledger::history::read_currency,
        money::{Amount, Currency},
        settings,
        settle::{Settled, Status},
    },
    db,
    error::Result,
    ids::{ChargeId, InvoiceId, UserId},
};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

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
    pub voided_at: Option<DateTime<Utc>>,
    pub charges: Vec<ChargeId>,
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
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    voided_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::BigInt)]
    total: i64,
    #[diesel(sql_type = sql::Array<sql::Uuid>)]
    charges: Vec<Uuid>,
}

impl Row {
    fn read(self, account: Option<&Settled>, today: NaiveDate) -> Result<Invoice> {
        let open = match account {
            Some(account) if self.voided_at.is_none() => account.open_of_invoice(self.id),
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
            status: Status::of(open, self.due_on, self.voided_at.is_some(), today),
            voided_at: self.voided_at,
            charges: self.charges.into_iter().map(ChargeId).collect(),
        })
    }
}

/// The columns of [`Row`], over `i`.
const COLUMNS: &str = "i.id, i.client_id, i.number, i.currency, i.issued_on, i.due_on,
    (SELECT v.voided_at FROM invoice_voids v WHERE v.invoice_id = i.id) AS voided_at,
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
