//! What a bank takes back, and gives again when the dispute is won.

use super::paid::{Paid, lock};
use crate::{
    billing::{
        ledger::{self, Entry, Kind},
        money::Amount,
    },
    db,
    error::Result,
    ids::{ChargebackId, PaymentId},
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Records that a bank took a payment, or part of it, back. Once for each dispute; false where it was recorded before.
pub async fn chargeback(
    conn: &mut AsyncPgConnection,
    payment: PaymentId,
    dispute: &str,
    amount: Amount,
    occurred_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let paid = lock(conn, payment).await?;
    if find_chargeback(conn, dispute).await?.is_some() {
        return Ok(false);
    }
    let id = ChargebackId::new();
    db::statement(
        "INSERT INTO chargebacks (id, payment_id, dispute, amount, occurred_at, recorded_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(payment)
    .bind::<sql::Text, _>(dispute)
    .bind::<sql::BigInt, _>(amount.0)
    .bind::<sql::Timestamptz, _>(occurred_at)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    taken_back(conn, &paid, Kind::Chargeback, id, amount, occurred_at, now).await
}

/// Records that the bank gave it again. Once; a dispute that was not recorded yet is recorded first. False where this was
/// recorded before.
pub async fn chargeback_won(
    conn: &mut AsyncPgConnection,
    payment: PaymentId,
    dispute: &str,
    amount: Amount,
    occurred_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    chargeback(conn, payment, dispute, amount, occurred_at, now).await?;
    let paid = lock(conn, payment).await?;
    let Some((id, taken)) = find_chargeback(conn, dispute).await? else { return Ok(false) };
    taken_back(conn, &paid, Kind::ChargebackWon, id, -taken, occurred_at, now).await
}

async fn taken_back(
    conn: &mut AsyncPgConnection,
    paid: &Paid,
    kind: Kind,
    id: ChargebackId,
    receivable: Amount,
    occurred_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let entry = Entry {
        kind,
        cause: id.0,
        practice: paid.practice,
        client: paid.client,
        currency: paid.currency,
        receivable,
        against: paid.method.account(),
        occurred_at,
        recorded_by: None,
        recorded_at: now,
    };
    ledger::record(conn, &entry).await
}

async fn find_chargeback(conn: &mut AsyncPgConnection, dispute: &str) -> Result<Option<(ChargebackId, Amount)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: ChargebackId,
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
    }
    let row: Option<Row> = db::statement("SELECT id, amount FROM chargebacks WHERE dispute = $1")
        .bind::<sql::Text, _>(dispute)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(|row| (row.id, Amount(row.amount))))
}
