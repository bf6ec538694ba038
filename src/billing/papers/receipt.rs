//! What a receipt says of a payment.

use crate::{
    billing::{
        access::ClientBilling,
        ledger,
        money::Amount,
        payments::Method,
        print::{
            Tongue,
            receipt::{GivenBack, Receipt, Why},
        },
    },
    db,
    error::Result,
    ids::PaymentId,
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

#[derive(QueryableByName)]
struct Paid {
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Text)]
    method: String,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    card_brand: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    card_last4: Option<String>,
    #[diesel(sql_type = sql::Timestamptz)]
    occurred_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Back {
    #[diesel(sql_type = sql::Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = sql::BigInt)]
    amount: i64,
    #[diesel(sql_type = sql::Bool)]
    is_refund: bool,
}

/// A payment of this account.
///
/// # Errors
/// `NotFound`.
pub async fn find(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    id: PaymentId,
    tongue: Tongue,
) -> Result<Receipt> {
    let paid: Paid = db::statement(
        "SELECT amount, method, card_brand, card_last4, occurred_at FROM payments WHERE id = $1 AND client_id = $2",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(access.client())
    .get_result(conn)
    .await?;
    // What a bank took back and gave again, and what did not arrive, did not go back.
    let back: Vec<Back> = db::statement(
        "SELECT r.occurred_at AS at, r.amount, true AS is_refund FROM refunds r WHERE r.payment_id = $1 AND NOT EXISTS (
            SELECT FROM ledger_transactions t WHERE t.kind = 'refundFailed' AND t.cause_id = r.id)
        UNION ALL SELECT b.occurred_at, b.amount, false FROM chargebacks b WHERE b.payment_id = $1 AND NOT EXISTS (
            SELECT FROM ledger_transactions t WHERE t.kind = 'chargebackWon' AND t.cause_id = b.id)
        ORDER BY at",
    )
    .bind::<sql::Uuid, _>(id)
    .load(conn)
    .await?;
    let why = |is_refund| if is_refund { Why::Refund } else { Why::Dispute };
    let back =
        back.into_iter().map(|one| GivenBack { at: one.at, amount: Amount(one.amount), why: why(one.is_refund) });
    Ok(Receipt {
        reference: id.to_string(),
        paid_at: paid.occurred_at,
        amount: Amount(paid.amount),
        method: in_words(&Method::read(&paid.method, paid.card_brand, paid.card_last4)?, tongue),
        given_back: back.collect(),
        balance: ledger::balance(conn, access.client()).await?.amount,
    })
}

/// How somebody paid.
pub fn in_words(method: &Method, tongue: Tongue) -> String {
    match method {
        Method::Card { brand, last4 } => card(brand.as_deref(), last4.as_deref(), tongue),
        Method::Cash => tongue.say("Cash", "Efectivo").to_owned(),
        Method::Cheque => tongue.say("Check", "Cheque").to_owned(),
        Method::Transfer => tongue.say("Bank transfer", "Transferencia bancaria").to_owned(),
        Method::Other => tongue.say("Other", "Otro medio").to_owned(),
    }
}

/// A card, by what may be shown of it: "Visa, ending in 4242".
pub fn card(brand: Option<&str>, last4: Option<&str>, tongue: Tongue) -> String {
    let mut letters = brand.unwrap_or_default().chars();
    let brand = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
    let brand = brand.unwrap_or_else(|| tongue.say("Card", "Tarjeta").to_owned());
    match last4 {
        Some(last4) => format!("{brand}, {} {last4}", tongue.say("ending in", "terminada en")),
        None => brand,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_named_by_its_brand_and_last_digits() {
        assert_eq!(card(Some("visa"), Some("4242"), Tongue::English), "Visa, ending in 4242");
        assert_eq!(card(Some("visa"), Some("4242"), Tongue::Spanish), "Visa, terminada en 4242");
        assert_eq!(card(None, None, Tongue::English), "Card");
    }
}
