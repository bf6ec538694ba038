//! What the practice gives back, and what of it did not arrive. Never more is given back here than is left of the payment,
//! whoever asks at once; what Stripe gave back is a fact, and entered whatever is left.

use super::paid::lock;
use crate::{
    billing::{
        ledger::{self, Entry, Kind},
        money::Amount,
        words,
    },
    crypto::{Keyring, Place, WrappedKey},
    db,
    error::{Error, Result},
    ids::{DataKeyId, PaymentId, RefundId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Money that goes back.
pub struct NewRefund<'a> {
    /// Its cause: recorded once.
    pub id: RefundId,
    pub payment: PaymentId,
    pub amount: Amount,
    pub reason: &'a str,
    /// Stripe's; recorded once, too. Where it is given, the money did go back: it is recorded also beyond what is left of
    /// the payment, as where a bank took the same back, and without its reason where the client's words are erased.
    pub stripe_refund: Option<String>,
    pub occurred_at: DateTime<Utc>,
    pub recorded_by: Option<UserId>,
    pub recorded_at: DateTime<Utc>,
}

/// Records that money went back. What is there already stays as it is. The row of the audit log is the caller's.
///
/// # Errors
/// `Conflict` for more than is left of the payment unless Stripe gave it back, and where its id is that of another refund.
pub async fn refund(conn: &mut AsyncPgConnection, keyring: &Keyring, new: &NewRefund<'_>) -> Result<RefundId> {
    let paid = lock(conn, new.payment).await?;
    if let Some(id) = find_recorded(conn, keyring, new).await? {
        return Ok(id);
    }
    let is_done = new.stripe_refund.is_some();
    if !new.amount.is_positive() || (!is_done && new.amount > paid.refundable()) {
        return Err(Error::conflict("Less than that is left of this payment: look at it again."));
    }
    let place = Place::Refund { id: new.id };
    let reason = match is_done {
        true => words::seal_if_kept(conn, keyring, paid.client, place, new.reason).await?,
        false => words::seal(conn, keyring, paid.client, place, new.reason).await?,
    };
    insert_refund(conn, new, reason.key, &reason.bytes).await?;
    let entry = Entry {
        kind: Kind::Refund,
        cause: new.id.0,
        practice: paid.practice,
        client: paid.client,
        currency: paid.currency,
        receivable: new.amount,
        against: paid.method.account(),
        occurred_at: new.occurred_at,
        recorded_by: new.recorded_by,
        recorded_at: new.recorded_at,
    };
    ledger::record(conn, &entry).await?;
    Ok(new.id)
}

async fn find_recorded(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    new: &NewRefund<'_>,
) -> Result<Option<RefundId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: RefundId,
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
        "SELECT r.id, r.payment_id = $3 AND r.amount = $4 AS same, r.key_id, k.wrapped, r.reason_sealed
        FROM refunds r JOIN data_keys k ON k.id = r.key_id WHERE r.id = $1 OR r.stripe_refund = $2",
    )
    .bind::<sql::Uuid, _>(new.id)
    .bind::<sql::Nullable<sql::Text>, _>(&new.stripe_refund)
    .bind::<sql::Uuid, _>(new.payment)
    .bind::<sql::BigInt, _>(new.amount.0)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    let key = WrappedKey { id: row.key_id, wrapped: row.wrapped };
    let place = Place::Refund { id: row.id };
    // What Stripe did is known by Stripe's id, whatever is said of why.
    let is_same = row.same
        && (new.stripe_refund.is_some() || words::is_still(keyring, &key, place, &row.reason_sealed, new.reason)?);
    match is_same {
        true => Ok(Some(row.id)),
        false => Err(Error::conflict("This id is that of another refund. Send yours under a new one.")),
    }
}

/// Records that what Stripe gave back did not arrive: the money is at the practice again, and the client owes what they
/// did before. Once for each refund, however often it is told; None where it was told before, or never entered.
pub async fn refund_failed(
    conn: &mut AsyncPgConnection,
    payment: PaymentId,
    stripe_refund: &str,
    now: DateTime<Utc>,
) -> Result<Option<RefundId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: RefundId,
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
    }
    let paid = lock(conn, payment).await?;
    let row: Option<Row> = db::statement("SELECT id, amount FROM refunds WHERE payment_id = $1 AND stripe_refund = $2")
        .bind::<sql::Uuid, _>(payment)
        .bind::<sql::Text, _>(stripe_refund)
        .get_result(conn)
        .await
        .optional()?;
    let Some(Row { id, amount }) = row else { return Ok(None) };
    let entry = Entry {
        kind: Kind::RefundFailed,
        cause: id.0,
        practice: paid.practice,
        client: paid.client,
        currency: paid.currency,
        receivable: -Amount(amount),
        against: paid.method.account(),
        occurred_at: now,
        recorded_by: None,
        recorded_at: now,
    };
    Ok(ledger::record(conn, &entry).await?.then_some(id))
}

/// Whether there is a refund of this id.
pub async fn is_recorded(conn: &mut AsyncPgConnection, id: RefundId) -> Result<bool> {
    let found = db::statement("SELECT FROM refunds WHERE id = $1").bind::<sql::Uuid, _>(id).execute(conn).await?;
    Ok(found > 0)
}

async fn insert_refund(conn: &mut AsyncPgConnection, new: &NewRefund<'_>, key: DataKeyId, reason: &[u8]) -> Result<()> {
    db::statement(
        "INSERT INTO refunds (id, payment_id, amount, key_id, reason_sealed, stripe_refund, occurred_at, recorded_by,
            recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<sql::Uuid, _>(new.id)
    .bind::<sql::Uuid, _>(new.payment)
    .bind::<sql::BigInt, _>(new.amount.0)
    .bind::<sql::Uuid, _>(key)
    .bind::<sql::Binary, _>(reason)
    .bind::<sql::Nullable<sql::Text>, _>(&new.stripe_refund)
    .bind::<sql::Timestamptz, _>(new.occurred_at)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.recorded_by)
    .bind::<sql::Timestamptz, _>(new.recorded_at)
    .execute(conn)
    .await?;
    Ok(())
}
