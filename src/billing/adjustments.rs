//! Corrections of what a client owes: less of it, or more, with a reason. Never below nothing.

use super::{
    access::ClientBilling,
    account,
    ledger::{self, Account, Entry, Kind},
    money::Amount,
    settings, words,
};
use crate::{
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{AdjustmentId, ChargeId, DataKeyId},
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A correction to make.
pub struct NewAdjustment<'a> {
    /// Its cause: made once.
    pub id: AdjustmentId,
    /// The charge that it is for; None: the account.
    pub charge: Option<ChargeId>,
    /// Less than zero: less is owed.
    pub amount: Amount,
    pub reason: &'a str,
    pub now: DateTime<Utc>,
}

/// Makes it; false where it is there already. The row of the audit log is the caller's.
///
/// # Errors
/// `Invalid`; `Conflict` for more than is owed; `NotFound` for a charge that is not on the account.
pub async fn make(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    new: &NewAdjustment<'_>,
) -> Result<bool> {
    access.require_staff()?;
    let size = if new.amount < Amount::ZERO { -new.amount } else { new.amount };
    Amount::given("/amount", size.0).map_err(|_| {
        Error::field("/amount", "An amount in cents, not zero and at most 99999999; with a minus, less is owed.")
    })?;
    let reason = words::reason(new.reason)?;
    ledger::lock(conn, access.practice(), access.client()).await?;
    if is_made(conn, keyring, access, new).await? {
        return Ok(false);
    }
    let settled = account::of(conn, access.client()).await?;
    let open = match new.charge {
        Some(charge) => settled.open_of(charge.0).ok_or(Error::NotFound)?,
        None => settled.balance(),
    };
    if new.amount < Amount::ZERO && size > open {
        return Err(Error::conflict("Less than that is owed: look at the account again."));
    }
    let currency = settings::currency(conn, access.practice()).await?;
    let today = settings::today(conn, access.practice(), new.now).await?;
    let sealed = words::seal(conn, keyring, access.client(), Place::Adjustment { id: new.id }, reason).await?;
    let by = access.by();
    db::statement(
        "INSERT INTO adjustments (id, practice_id, client_id, charge_id, amount, currency, key_id, reason_sealed, made_by,
            made_on, made_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind::<sql::Uuid, _>(new.id)
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Nullable<sql::Uuid>, _>(new.charge)
    .bind::<sql::BigInt, _>(new.amount.0)
    .bind::<sql::Text, _>(currency.as_str())
    .bind::<sql::Uuid, _>(sealed.key)
    .bind::<sql::Binary, _>(sealed.bytes)
    .bind::<sql::Nullable<sql::Uuid>, _>(by)
    .bind::<sql::Date, _>(today)
    .bind::<sql::Timestamptz, _>(new.now)
    .execute(conn)
    .await?;
    let entry = Entry {
        kind: Kind::Adjustment,
        cause: new.id.0,
        practice: access.practice(),
        client: access.client(),
        currency,
        receivable: new.amount,
        against: Account::Adjustments,
        occurred_at: new.now,
        recorded_by: by,
        recorded_at: new.now,
    };
    ledger::record(conn, &entry).await
}

async fn is_made(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    new: &NewAdjustment<'_>,
) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Bool)]
        same: bool,
        #[diesel(sql_type = sql::Uuid)]
        key_id: DataKeyId,
        #[diesel(sql_type = sql::Bytea)]
        wrapped: Vec<u8>,
        #[diesel(sql_type = sql::Bytea)]
        reason_sealed: Vec<u8>,
    }
    let row: Option<Row> = db::statement(
        "SELECT a.client_id = $2 AND a.amount = $3 AND a.charge_id IS NOT DISTINCT FROM $4 AS same, a.key_id, k.wrapped,
            a.reason_sealed
        FROM adjustments a JOIN data_keys k ON k.id = a.key_id WHERE a.id = $1",
    )
    .bind::<sql::Uuid, _>(new.id)
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::BigInt, _>(new.amount.0)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.charge)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else { return Ok(false) };
    let another = || Error::conflict("This id is that of another adjustment. Send yours under a new one.");
    if !row.same {
        return Err(another());
    }
    let key = WrappedKey { id: row.key_id, wrapped: row.wrapped };
    match words::is_still(keyring, &key, Place::Adjustment { id: new.id }, &row.reason_sealed, new.reason.trim())? {
        true => Ok(true),
        false => Err(another()),
    }
}
