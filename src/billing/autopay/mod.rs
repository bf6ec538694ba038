//! Autopay: whether a client's invoices are taken from a saved method on the day on which they are due. Owns
//! `autopay_choices`. A choice is never changed, only followed by another; what was agreed to is kept word for word.
//!
//! - [`retry`]: on which days a payment that failed is tried again

pub mod retry;

use super::{access::ClientBilling, planned::store, print::Tongue};
use crate::{
    audit::{self, Actor},
    db,
    error::Result,
    ids::{AutopayChoiceId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// What a client chose last.
#[derive(Clone, Debug, QueryableByName)]
pub struct Choice {
    #[diesel(sql_type = sql::Bool)]
    pub is_on: bool,
    /// Of a choice that is on.
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub method: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub method_name: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub consent: Option<String>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub chosen_at: DateTime<Utc>,
}

/// What turning it on says.
#[derive(Clone, Debug)]
pub struct On {
    pub method: String,
    pub method_name: String,
    pub consent: String,
}

/// What a client agrees to, in words of their language.
pub fn consent(tongue: Tongue, practice: &str) -> String {
    let days = retry::in_words(tongue.say("and", "y"));
    match tongue {
        Tongue::English => format!(
            "I allow {practice} to take what is unpaid of each invoice from the payment method that I choose here, on the \
             day on which the invoice is due. If a payment fails, it is tried again {days} days later, and no more. I am \
             told of each payment. I can turn this off here at any time."
        ),
        Tongue::Spanish => format!(
            "Autorizo a {practice} a cobrar de la forma de pago que elijo aquí lo que quede por pagar de cada factura, el \
             día en que vence. Si un cobro falla, se intenta de nuevo {days} días después, y no más. De cada cobro se me \
             avisa. Puedo desactivarlo aquí en cualquier momento."
        ),
    }
}

/// What this client chose last; None: never anything.
pub async fn find(conn: &mut AsyncPgConnection, client: UserId) -> QueryResult<Option<Choice>> {
    db::statement(
        "SELECT is_on, method, method_name, consent, chosen_at FROM autopay_choices WHERE client_id = $1
        ORDER BY chosen_at DESC, id DESC LIMIT 1",
    )
    .bind::<sql::Uuid, _>(client)
    .get_result(conn)
    .await
    .optional()
}

/// Turns it on, or with None off: nothing more is taken then. Call within a transaction.
///
/// # Errors
/// When the store is away.
pub async fn choose(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    actor: &Actor,
    on: Option<On>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (id, is_on) = (AutopayChoiceId::new(), on.is_some());
    db::statement(
        "INSERT INTO autopay_choices (id, practice_id, client_id, is_on, method, method_name, consent, chosen_by, chosen_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(access.practice())
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Bool, _>(is_on)
    .bind::<sql::Nullable<sql::Text>, _>(on.as_ref().map(|on| &on.method))
    .bind::<sql::Nullable<sql::Text>, _>(on.as_ref().map(|on| &on.method_name))
    .bind::<sql::Nullable<sql::Text>, _>(on.as_ref().map(|on| &on.consent))
    .bind::<sql::Uuid, _>(access.viewer().user)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    if !is_on {
        store::drop_invoices(conn, access.client(), now).await?;
    }
    let event = access.event(actor, "autopay.chosen").on("autopayChoice", id).with(json!({"on": is_on}));
    audit::record(conn, event).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_agreed_to_says_who_takes_what_when_and_how_often() {
        let english = consent(Tongue::English, "Harbor Lane");
        assert!(english.contains("Harbor Lane") && english.contains("1, 3 and 7 days later"), "{english}");
        let spanish = consent(Tongue::Spanish, "Harbor Lane");
        assert!(spanish.contains("Harbor Lane") && spanish.contains("1, 3 y 7 días después"), "{spanish}");
    }
}
