//! Recording what came in.

use super::Method;
use crate::{
    billing::{
        ledger::{self, Entry, Kind},
        money::{Amount, Currency},
        settings, words,
    },
    db,
    error::{Error, Result},
    ids::{InvoiceId, PaymentId, PracticeId, UserId},
    notices::{self, Notice},
    notify::kind::Kind as NoticeKind,
};
use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Money that came in.
pub struct NewPayment {
    /// Its cause: recorded once.
    pub id: PaymentId,
    pub practice: PracticeId,
    pub client: UserId,
    pub amount: Amount,
    pub currency: Currency,
    pub method: Method,
    /// Stripe's; recorded once, too.
    pub stripe_payment_intent: Option<String>,
    pub occurred_at: DateTime<Utc>,
    /// None: the hub itself.
    pub recorded_by: Option<UserId>,
    pub recorded_at: DateTime<Utc>,
    /// What it is for; None: whatever is oldest.
    pub invoice: Option<InvoiceId>,
    /// Sealed at [`crate::crypto::Place::PaymentNote`].
    pub note: Option<words::Sealed>,
}

/// Records a payment, and tells the client. One that is there already stays as it is. The row of the audit log is the
/// caller's.
///
/// # Errors
/// `Conflict` where its id is that of another payment.
pub async fn record(conn: &mut AsyncPgConnection, new: &NewPayment) -> Result<PaymentId> {
    ledger::lock(conn, new.practice, new.client).await?;
    if let Some(id) = find_recorded(conn, new).await? {
        return Ok(id);
    }
    if settings::currency(conn, new.practice).await? != new.currency {
        return Err(Error::Internal(anyhow::anyhow!("a payment in another currency than the practice's")));
    }
    let (brand, last4) = match &new.method {
        Method::Card { brand, last4 } => (brand.as_deref(), last4.as_deref()),
        _ => (None, None),
    };
    db::statement(
        "INSERT INTO payments (id, practice_id, client_id, amount, currency, method, card_brand, card_last4,
            stripe_payment_intent, invoice_id, key_id, note_sealed, occurred_at, recorded_by, recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind::<sql::Uuid, _>(new.id)
    .bind::<sql::Uuid, _>(new.practice)
    .bind::<sql::Uuid, _>(new.client)
    .bind::<sql::BigInt, _>(new.amount.0)
    .bind::<sql::Text, _>(new.currency.as_str())
    .bind::<sql::Text, _>(new.method.as_str())
    .bind::<sql::Nullable<sql::Text>, _>(brand)
    .bind::<sql::Nullable<sql::Text>, _>(last4)
    .bind::<sql::Nullable<sql::Text>, _>(&new.stripe_payment_intent)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.invoice)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.note.as_ref().map(|note| note.key))
    .bind::<sql::Nullable<sql::Binary>, _>(new.note.as_ref().map(|note| note.bytes.as_slice()))
    .bind::<sql::Timestamptz, _>(new.occurred_at)
    .bind::<sql::Nullable<sql::Uuid>, _>(new.recorded_by)
    .bind::<sql::Timestamptz, _>(new.recorded_at)
    .execute(conn)
    .await?;
    let entry = Entry {
        kind: Kind::Payment,
        cause: new.id.0,
        practice: new.practice,
        client: new.client,
        currency: new.currency,
        receivable: -new.amount,
        against: new.method.account(),
        occurred_at: new.occurred_at,
        recorded_by: new.recorded_by,
        recorded_at: new.recorded_at,
    };
    ledger::record(conn, &entry).await?;
    notices::tell(conn, &Notice::new(new.client, NoticeKind::PaymentReceived, Some(new.id.0)).once(0)).await?;
    Ok(new.id)
}

async fn find_recorded(conn: &mut AsyncPgConnection, new: &NewPayment) -> Result<Option<PaymentId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: PaymentId,
        #[diesel(sql_type = sql::Bool)]
        same: bool,
    }
    let row: Option<Row> = db::statement(
        "SELECT id, practice_id = $3 AND client_id = $4 AND amount = $5 AND method = $6 AS same FROM payments
        WHERE id = $1 OR stripe_payment_intent = $2",
    )
    .bind::<sql::Uuid, _>(new.id)
    .bind::<sql::Nullable<sql::Text>, _>(&new.stripe_payment_intent)
    .bind::<sql::Uuid, _>(new.practice)
    .bind::<sql::Uuid, _>(new.client)
    .bind::<sql::BigInt, _>(new.amount.0)
    .bind::<sql::Text, _>(new.method.as_str())
    .get_result(conn)
    .await
    .optional()?;
    match row {
        Some(Row { same: false, .. }) => {
            Err(Error::conflict("This id is that of another payment. Send yours under a new one."))
        }
        other => Ok(other.map(|row| row.id)),
    }
}
