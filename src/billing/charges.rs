//! Charges: what clients are asked to pay for. A charge never changes; what was wrong is voided, with a reason.

use super::{
    access::ClientBilling,
    ledger::{self, Account, Entry, Kind as LedgerKind},
    money::{Amount, Currency},
    settings,
    words::{self, ChargeWords},
};
use crate::{
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{AppointmentId, ChargeId, DataKeyId, InvoiceId, UserId},
};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The most units of one charge.
pub const MOST_UNITS: i32 = 999;

/// What is charged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ChargeKind)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Something that was done for the client.
    #[default]
    Service,
    /// For an appointment that was given up late, as was agreed to.
    LateFee,
    Other,
}

impl Kind {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::LateFee => "lateFee",
            Self::Other => "other",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Service, Self::LateFee, Self::Other].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A charge to make.
pub struct NewCharge {
    /// Its cause: made once.
    pub id: ChargeId,
    pub kind: Kind,
    pub clinician: Option<UserId>,
    pub appointment: Option<AppointmentId>,
    /// The late fee that it is; once.
    pub fee: Option<Uuid>,
    pub words: ChargeWords,
    pub units: i32,
    pub unit_amount: Amount,
    pub service_on: NaiveDate,
    /// None: the hub itself.
    pub added_by: Option<UserId>,
    pub now: DateTime<Utc>,
}

/// A charge as it is read.
#[derive(Clone)]
pub struct Charge {
    pub id: ChargeId,
    pub client: UserId,
    pub clinician: Option<UserId>,
    pub appointment: Option<AppointmentId>,
    pub kind: Kind,
    /// None where the client was erased.
    pub words: Option<ChargeWords>,
    pub units: i32,
    pub unit_amount: Amount,
    pub amount: Amount,
    pub currency: Currency,
    pub service_on: NaiveDate,
    pub added_at: DateTime<Utc>,
    pub voided_at: Option<DateTime<Utc>>,
    /// The invoice that it is on, and that was not voided.
    pub invoice: Option<InvoiceId>,
}

/// Makes a charge, and its entry in the ledger. One that is there already stays as it is. The row of the audit log is the
/// caller's, as is whether its appointment and clinician are the client's.
///
/// # Errors
/// `Invalid`; `Conflict` where its id is that of another charge.
pub async fn add(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    new: NewCharge,
) -> Result<(ChargeId, bool)> {
    access.require_staff()?;
    let unit_amount = Amount::given("/unitAmount", new.unit_amount.0)?;
    if !(1..=MOST_UNITS).contains(&new.units) {
        return Err(Error::field("/units", "Between 1 and 999."));
    }
    let amount = unit_amount.times(new.units);
    if amount > Amount::MOST {
        return Err(Error::field("/units", "That is more than 999,999.99 together."));
    }
    let words = new.words.clone().check()?;
    ledger::lock(conn, access.practice(), access.client()).await?;
    if let Some(id) = find_made(conn, access, &new, amount).await? {
        let known = find(conn, keyring, access, id).await?.words;
        // Of an erased client nobody can tell any more.
        if id == new.id && known.is_some_and(|known| known != words) {
            return Err(another());
        }
        return Ok((id, false));
    }
    let currency = settings::currency(conn, access.practice()).await?;
    let text = serde_json::to_string(&words).map_err(anyhow::Error::from)?;
    let sealed = words::seal(conn, keyring, access.client(), Place::Charge { id: new.id }, &text).await?;
    db::statement(
        "INSERT INTO charges (id, practice_id, client_id, clinician_id, appointment_id, fee_id, kind, units, unit_amount,
            amount, currency, service_on, key_id, sealed, added_by, added_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind::<sql::Uuid, _>(new.id)
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Nullable<sql::Uuid>, _>(new.clinician)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.appointment)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.fee)
    .bind::<sql::Text, _>(new.kind.as_str())
    .bind::<sql::Integer, _>(new.units)
    .bind::<sql::BigInt, _>(unit_amount.0)
    .bind::<sql::BigInt, _>(amount.0)
    .bind::<sql::Text, _>(currency.as_str())
    .bind::<sql::Date, _>(new.service_on)
    .bind::<sql::Uuid, _>(sealed.key)
    .bind::<sql::Binary, _>(sealed.bytes)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.added_by)
    .bind::<sql::Timestamptz, _>(new.now)
    .execute(conn)
    .await?;
    let entry = Entry {
        kind: LedgerKind::Charge,
        cause: new.id.0,
        practice: access.practice(),
        client: access.client(),
        currency,
        receivable: amount,
        against: Account::Revenue,
        occurred_at: new.now,
        recorded_by: new.added_by,
        recorded_at: new.now,
    };
    ledger::record(conn, &entry).await?;
    Ok((new.id, true))
}

async fn find_made(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    new: &NewCharge,
    amount: Amount,
) -> Result<Option<ChargeId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: ChargeId,
        #[diesel(sql_type = sql::Bool)]
        same: bool,
    }
    let row: Option<Row> = db::statement(
        "SELECT id, client_id = $3 AND amount = $4 AND (id <> $1 OR (kind = $5 AND units = $6 AND service_on = $7
            AND appointment_id IS NOT DISTINCT FROM $8 AND clinician_id IS NOT DISTINCT FROM $9)) AS same
        FROM charges WHERE id = $1 OR fee_id = $2",
    )
    .bind::<sql::Uuid, _>(new.id)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.fee)
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::BigInt, _>(amount.0)
    .bind::<sql::Text, _>(new.kind.as_str())
    .bind::<sql::Integer, _>(new.units)
    .bind::<sql::Date, _>(new.service_on)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.appointment)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.clinician)
    .get_result(conn)
    .await
    .optional()?;
    match row {
        Some(Row { same: false, .. }) => Err(another()),
        other => Ok(other.map(|row| row.id)),
    }
}

fn another() -> Error {
    Error::conflict("This id is that of another charge. Send yours under a new one.")
}

/// Takes a charge back. Voided twice, it is voided once. The row of the audit log is the caller's.
///
/// # Errors
/// `Conflict` while it is on an invoice; `NotFound` for one of another account.
pub async fn void(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    charge: ChargeId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    access.require_staff()?;
    let reason = words::reason(reason)?;
    ledger::lock(conn, access.practice(), access.client()).await?;
    let found = find(conn, keyring, access, charge).await?;
    if found.voided_at.is_some() {
        return Ok(false);
    }
    if found.invoice.is_some() {
        return Err(Error::conflict("This charge is on an invoice: void the invoice first."));
    }
    let sealed = words::seal(conn, keyring, access.client(), Place::ChargeVoid { id: charge }, reason).await?;
    let by = access.by();
    db::statement(
        "INSERT INTO charge_voids (charge_id, key_id, reason_sealed, voided_by, voided_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind::<sql::Uuid, _>(charge)
    .bind::<sql::Uuid, _>(sealed.key)
    .bind::<sql::Binary, _>(sealed.bytes)
    .bind::<sql::Nullable<sql::Uuid>, _>(by)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    let entry = Entry {
        kind: LedgerKind::ChargeVoid,
        cause: charge.0,
        practice: access.practice(),
        client: access.client(),
        currency: found.currency,
        receivable: -found.amount,
        against: Account::Revenue,
        occurred_at: now,
        recorded_by: by,
        recorded_at: now,
    };
    ledger::record(conn, &entry).await
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: ChargeId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    clinician_id: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    appointment_id: Option<AppointmentId>,
    #[diesel(sql_type = sql::Text)]
    kind: String,
    #[diesel(sql_type = sql::Integer)]
    units: i32,
    #[diesel(sql_type = sql::BigInt)]
    unit_amount: i64,
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Text)]
    currency: String,
    #[diesel(sql_type = sql::Date)]
    service_on: NaiveDate,
    #[diesel(sql_type = sql::Timestamptz)]
    added_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    voided_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    invoice_id: Option<InvoiceId>,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
    #[diesel(sql_type = sql::Bytea)]
    sealed: Vec<u8>,
}

/// The columns of [`Row`], over `c`.
const COLUMNS: &str = "c.id, c.client_id, c.clinician_id, c.appointment_id, c.kind, c.units, c.unit_amount, c.amount,
    c.currency, c.service_on, c.added_at, v.voided_at, k.id AS key_id, k.wrapped, c.sealed,
    (SELECT l.invoice_id FROM invoice_lines l WHERE l.charge_id = c.id
        AND NOT EXISTS (SELECT FROM invoice_voids i WHERE i.invoice_id = l.invoice_id) LIMIT 1) AS invoice_id";

/// Where they come from.
const TABLES: &str = "charges c JOIN data_keys k ON k.id = c.key_id LEFT JOIN charge_voids v ON v.charge_id = c.id";

impl Row {
    fn read(self, keyring: &Keyring) -> Result<Charge> {
        let unknown = || Error::Internal(anyhow::anyhow!("a stored kind of a charge is unknown"));
        let key = WrappedKey { id: self.key_id, wrapped: self.wrapped };
        let text = words::open(keyring, &key, Place::Charge { id: self.id }, &self.sealed)?;
        Ok(Charge {
            id: self.id,
            client: self.client_id,
            clinician: self.clinician_id,
            appointment: self.appointment_id,
            kind: Kind::parse(&self.kind).ok_or_else(unknown)?,
            words: text.map(|text| serde_json::from_str(&text)).transpose().map_err(anyhow::Error::from)?,
            units: self.units,
            unit_amount: Amount(self.unit_amount),
            amount: Amount(self.amount),
            currency: ledger::history::read_currency(&self.currency)?,
            service_on: self.service_on,
            added_at: self.added_at,
            voided_at: self.voided_at,
            invoice: self.invoice_id,
        })
    }
}

/// One of an account.
///
/// # Errors
/// `NotFound`.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    charge: ChargeId,
) -> Result<Charge> {
    let row: Row = db::statement(format!("SELECT {COLUMNS} FROM {TABLES} WHERE c.client_id = $1 AND c.id = $2"))
        .bind::<sql::Uuid, _>(access.client())
        .bind::<sql::Uuid, _>(charge)
        .get_result(conn)
        .await?;
    row.read(keyring)
}

/// Those of an account before an id, newest first.
pub async fn list(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Charge>> {
    let rows: Vec<Row> = db::statement(format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE c.client_id = $1 AND ($2 IS NULL OR c.id < $2) ORDER BY c.id DESC LIMIT $3"
    ))
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await?;
    rows.into_iter().map(|row| row.read(keyring)).collect()
}

/// Those of an invoice, by the day of the service.
pub async fn of_invoice(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    invoice: InvoiceId,
) -> Result<Vec<Charge>> {
    let rows: Vec<Row> = db::statement(format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE c.client_id = $1
            AND c.id IN (SELECT charge_id FROM invoice_lines WHERE invoice_id = $2) ORDER BY c.service_on, c.id"
    ))
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Uuid, _>(invoice)
    .load(conn)
    .await?;
    rows.into_iter().map(|row| row.read(keyring)).collect()
}

/// Those of one appointment, as they were made.
pub async fn of_appointment(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    appointment: AppointmentId,
) -> Result<Vec<Charge>> {
    let rows: Vec<Row> =
        db::statement(format!("SELECT {COLUMNS} FROM {TABLES} WHERE c.appointment_id = $1 ORDER BY c.id LIMIT 100"))
            .bind::<sql::Uuid, _>(appointment)
            .load(conn)
            .await?;
    rows.into_iter().map(|row| row.read(keyring)).collect()
}
