//! A payment, and how much of it went back.

use super::Method;
use crate::{
    billing::{
        ledger,
        money::{Amount, Currency},
    },
    db,
    error::Result,
    ids::{PaymentId, PracticeId, UserId},
};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A payment, as far as what goes back is decided by it.
#[derive(Clone, Debug)]
pub struct Paid {
    pub id: PaymentId,
    pub practice: PracticeId,
    pub client: UserId,
    pub amount: Amount,
    pub currency: Currency,
    pub method: Method,
    pub stripe_payment_intent: Option<String>,
    /// What went back: refunds that arrived, and what a bank holds back.
    pub returned: Amount,
}

impl Paid {
    /// The most that can still go back.
    pub fn refundable(&self) -> Amount {
        (self.amount - self.returned).at_least_zero()
    }
}

#[derive(QueryableByName)]
struct PaidRow {
    #[diesel(sql_type = sql::Uuid)]
    id: PaymentId,
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
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
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    stripe_payment_intent: Option<String>,
    #[diesel(sql_type = sql::BigInt)]
    returned: i64,
}

/// What went back of a payment `p`, as SQL.
pub(in crate::billing) const RETURNED: &str =
    "(COALESCE((SELECT sum(r.amount) FROM refunds r WHERE r.payment_id = p.id AND NOT EXISTS (SELECT
        FROM ledger_transactions t WHERE t.kind = 'refundFailed' AND t.cause_id = r.id)), 0)
    + COALESCE((SELECT sum(b.amount) FROM chargebacks b WHERE b.payment_id = p.id AND NOT EXISTS (SELECT
        FROM ledger_transactions t WHERE t.kind = 'chargebackWon' AND t.cause_id = b.id)), 0))::bigint";

/// A payment, with its account locked until the transaction ends: nobody else gives anything of it back meanwhile.
pub async fn lock(conn: &mut AsyncPgConnection, payment: PaymentId) -> Result<Paid> {
    let before = find(conn, payment).await?;
    ledger::lock(conn, before.practice, before.client).await?;
    find(conn, payment).await
}

/// A payment as it is now.
pub async fn find(conn: &mut AsyncPgConnection, payment: PaymentId) -> Result<Paid> {
    let row: PaidRow = db::statement(format!(
        "SELECT p.id, p.practice_id, p.client_id, p.amount, p.currency, p.method, p.card_brand, p.card_last4,
            p.stripe_payment_intent, {RETURNED} AS returned FROM payments p WHERE p.id = $1"
    ))
    .bind::<sql::Uuid, _>(payment)
    .get_result(conn)
    .await?;
    Ok(Paid {
        id: row.id,
        practice: row.practice_id,
        client: row.client_id,
        amount: Amount(row.amount),
        currency: ledger::history::read_currency(&row.currency)?,
        method: Method::read(&row.method, row.card_brand, row.card_last4)?,
        stripe_payment_intent: row.stripe_payment_intent,
        returned: Amount(row.returned),
    })
}
