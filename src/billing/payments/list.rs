//! Reading the payments of an account.

use super::{Method, paid::RETURNED};
use crate::{
    billing::{
        access::ClientBilling,
        ledger::history::read_currency,
        money::{Amount, Currency},
        words,
    },
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::Result,
    ids::{DataKeyId, InvoiceId, PaymentId},
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A payment as it is read.
#[derive(Clone)]
pub struct Payment {
    pub id: PaymentId,
    pub amount: Amount,
    pub currency: Currency,
    pub method: Method,
    pub invoice: Option<InvoiceId>,
    /// What went back: refunds, and what a bank holds back.
    pub returned: Amount,
    /// For those who bill.
    pub note: Option<String>,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: PaymentId,
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Text)]
    currency: String,
    #[diesel(sql_type = sql::Text)]
    method: String,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    card_brand: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    card_last4: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    invoice_id: Option<InvoiceId>,
    #[diesel(sql_type = sql::BigInt)]
    returned: i64,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    key_id: Option<DataKeyId>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    wrapped: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Nullable<sql::Bytea>)]
    note_sealed: Option<Vec<u8>>,
    #[diesel(sql_type = sql::Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    recorded_at: DateTime<Utc>,
}

impl Row {
    fn read(self, keyring: &Keyring, shows_notes: bool) -> Result<Payment> {
        let key = self.key_id.zip(self.wrapped).map(|(id, wrapped)| WrappedKey { id, wrapped });
        let note = match key.zip(self.note_sealed).filter(|_| shows_notes) {
            Some((key, sealed)) => words::open(keyring, &key, Place::PaymentNote { id: self.id }, &sealed)?,
            None => None,
        };
        Ok(Payment {
            id: self.id,
            amount: Amount(self.amount),
            currency: read_currency(&self.currency)?,
            method: Method::read(&self.method, self.card_brand, self.card_last4)?,
            invoice: self.invoice_id,
            returned: Amount(self.returned),
            note,
            occurred_at: self.occurred_at,
            recorded_at: self.recorded_at,
        })
    }
}

/// The columns of [`Row`], over `p` and `k`.
fn columns() -> String {
    format!(
        "p.id, p.amount, p.currency, p.method, p.card_brand, p.card_last4, p.invoice_id, {RETURNED} AS returned,
        k.id AS key_id, k.wrapped, p.note_sealed, p.occurred_at, p.recorded_at
        FROM payments p LEFT JOIN data_keys k ON k.id = p.key_id"
    )
}

/// Those of an account before an id, newest first.
pub async fn list(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Payment>> {
    let rows: Vec<Row> = db::statement(format!(
        "SELECT {} WHERE p.client_id = $1 AND ($2 IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3",
        columns()
    ))
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await?;
    let shows_notes = access.shows_notes();
    rows.into_iter().map(|row| row.read(keyring, shows_notes)).collect()
}

/// Those that were meant for an invoice, as they were recorded.
pub async fn of_invoice(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    invoice: InvoiceId,
) -> Result<Vec<Payment>> {
    let rows: Vec<Row> = db::statement(format!(
        "SELECT {} WHERE p.client_id = $1 AND p.invoice_id = $2 ORDER BY p.id LIMIT 200",
        columns()
    ))
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Uuid, _>(invoice)
    .load(conn)
    .await?;
    let shows_notes = access.shows_notes();
    rows.into_iter().map(|row| row.read(keyring, shows_notes)).collect()
}

/// One of an account.
///
/// # Errors
/// `NotFound`.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    payment: PaymentId,
) -> Result<Payment> {
    let row: Row = db::statement(format!("SELECT {} WHERE p.client_id = $1 AND p.id = $2", columns()))
        .bind::<sql::Uuid, _>(access.client())
        .bind::<sql::Uuid, _>(payment)
        .get_result(conn)
        .await?;
    row.read(keyring, access.shows_notes())
}
