//! The cards that a client lets Stripe keep. The hub keeps none: it asks Stripe each time, and knows of a card what a
//! receipt shows. A new one is given to Stripe's own script in the browser, by a permission that is asked for here.

use super::{
    client::{Stripe, Trouble},
    customers::{self, Known},
    objects::{CLIENT, Page, SavedCard, Setup, is_id},
};
use crate::{
    audit::{self, Actor},
    billing::{access::ClientBilling, autopay, plans},
    db::{self, Pool},
    error::{Error, Result},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::{collections::HashMap, time::Duration};
use stripe_core::setup_intent::{CreateSetupIntent, CreateSetupIntentUsage};
use stripe_payment::payment_method::{
    DetachPaymentMethod, ListPaymentMethod, ListPaymentMethodType, RetrievePaymentMethod,
};
use stripe_shared::SetupIntentAllowedPaymentMethodTypes;
use utoipa::ToSchema;

/// Cards of one client.
const MOST: i64 = 20;
/// How often a client may ask to give a card within a day.
const MOST_ASKED: i64 = 30;
/// When to ask again while Stripe is away.
const AWAY: Duration = Duration::from_secs(10);

/// A card that is kept at Stripe.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = SavedCard)]
#[serde(rename_all = "camelCase")]
pub struct Method {
    /// Stripe's.
    pub id: String,
    /// Such as `visa`.
    pub brand: String,
    pub last4: String,
    pub expires_month: u8,
    pub expires_year: u16,
    /// Whether it is charged where nobody chooses one.
    pub is_default: bool,
}

/// What the browser needs to give Stripe a card.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = SavedCardSetup)]
#[serde(rename_all = "camelCase")]
pub struct Permission {
    /// Good for this one card.
    #[schema(value_type = String)]
    pub client_secret: String,
    pub publishable_key: String,
    /// Where Stripe's script is.
    pub script: String,
}

/// What a caller is told while Stripe is away.
pub(super) fn away(trouble: &Trouble) -> Error {
    match trouble {
        Trouble::Unsure(why) => tracing::warn!(why, "stripe could not be asked"),
        Trouble::Declined { code, .. } | Trouble::Refused { code, .. } => {
            tracing::warn!(code, "stripe does not do what was asked");
        }
    }
    Error::Busy { retry_after: AWAY }
}

/// The client's cards, the newest first.
///
/// # Errors
/// `Busy` while Stripe is away.
pub async fn list(stripe: &Stripe, pool: &Pool, access: &ClientBilling) -> Result<Vec<Method>> {
    let known = customers::find(&mut *pool.get().await?, access.client()).await?;
    match known {
        Some(known) => of_customer(stripe, &known).await.map_err(|trouble| away(&trouble)),
        None => Ok(Vec::new()),
    }
}

pub(super) async fn of_customer(stripe: &Stripe, known: &Known) -> std::result::Result<Vec<Method>, Trouble> {
    let request =
        ListPaymentMethod::new().customer(known.customer.as_str()).type_(ListPaymentMethodType::Card).limit(MOST);
    let page: Page<SavedCard> = stripe.ask(&request).await?;
    let mut methods: Vec<Method> = page.data.into_iter().filter_map(|card| shown(card, known)).collect();
    // Where none was chosen, or the chosen one is gone, it is the newest.
    if !methods.iter().any(|method| method.is_default)
        && let Some(first) = methods.first_mut()
    {
        first.is_default = true;
    }
    Ok(methods)
}

fn shown(saved: SavedCard, known: &Known) -> Option<Method> {
    let card = saved.card?;
    let is_digits = card.last4.len() == 4 && card.last4.bytes().all(|byte| byte.is_ascii_digit());
    let is_ours = saved.customer.as_deref() == Some(known.customer.as_str());
    (is_ours && is_digits && is_id(&saved.id, "pm_")).then(|| Method {
        is_default: known.default_method.as_deref() == Some(&saved.id),
        id: saved.id,
        brand: card.brand.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(30).collect(),
        last4: card.last4,
        expires_month: card.exp_month,
        expires_year: card.exp_year,
    })
}

/// One of the client's own cards.
///
/// # Errors
/// `NotFound` for another's and for what does not exist; `Busy` while Stripe is away.
pub async fn find(stripe: &Stripe, pool: &Pool, access: &ClientBilling, id: &str) -> Result<Method> {
    if !is_id(id, "pm_") {
        return Err(Error::NotFound);
    }
    let known = customers::find(&mut *pool.get().await?, access.client()).await?.ok_or(Error::NotFound)?;
    match stripe.ask::<SavedCard>(&RetrievePaymentMethod::new(id)).await {
        Ok(card) => shown(card, &known).ok_or(Error::NotFound),
        Err(Trouble::Refused { .. }) => Err(Error::NotFound),
        Err(trouble) => Err(away(&trouble)),
    }
}

/// Lets the client's browser give Stripe a card to keep, for payments that nobody is there to confirm, too.
///
/// # Errors
/// `Busy` while Stripe is away; `RateLimited` for who tries card after card.
pub async fn setup(
    stripe: &Stripe,
    pool: &Pool,
    access: &ClientBilling,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Permission> {
    if asked_since(&mut *pool.get().await?, access, now - TimeDelta::days(1)).await? >= MOST_ASKED {
        return Err(Error::RateLimited { retry_after: Duration::from_secs(3_600) });
    }
    let known = customers::find_or_make(stripe, pool, access, now).await?.map_err(|trouble| away(&trouble))?;
    let request = CreateSetupIntent::new()
        .customer(known.customer)
        .usage(CreateSetupIntentUsage::OffSession)
        .allowed_payment_method_types(vec![SetupIntentAllowedPaymentMethodTypes::Card])
        .metadata(HashMap::from([(CLIENT.to_owned(), access.client().to_string())]));
    let made: Setup = stripe.ask(&request).await.map_err(|trouble| away(&trouble))?;
    let mut conn = pool.get().await?;
    audit::record(&mut conn, access.event(actor, "paymentMethod.asked")).await?;
    Ok(Permission {
        client_secret: made.client_secret,
        publishable_key: stripe.publishable_key().to_owned(),
        script: stripe.script().to_string(),
    })
}

/// How often a client asked to give a card: the audit log has a row of each.
async fn asked_since(conn: &mut AsyncPgConnection, access: &ClientBilling, since: DateTime<Utc>) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = sql::BigInt)]
        many: i64,
    }
    let row: Count = db::statement(
        "SELECT count(*) AS many FROM audit_events WHERE client_id = $1 AND action = 'paymentMethod.asked' AND at > $2",
    )
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Timestamptz, _>(since)
    .get_result(conn)
    .await?;
    Ok(row.many)
}

/// That nothing is to be taken from a card.
async fn is_not_needed(conn: &mut AsyncPgConnection, access: &ClientBilling, id: &str) -> Result<()> {
    let autopay = autopay::find(conn, access.client()).await?.filter(|choice| choice.is_on);
    if autopay.is_some_and(|choice| choice.method.as_deref() == Some(id)) {
        return Err(Error::conflict(
            "Autopay takes from this card. Turn it off, or choose another card for it, first.",
        ));
    }
    if plans::store::uses(conn, access.client(), id).await? {
        return Err(Error::conflict("Your payment plan takes from this card. Cancel the plan first."));
    }
    Ok(())
}

/// Lets Stripe forget a card.
///
/// # Errors
/// As [`find`]; `Conflict` while autopay or a payment plan takes from it.
pub async fn remove(stripe: &Stripe, pool: &Pool, access: &ClientBilling, actor: &Actor, id: &str) -> Result<()> {
    let method = find(stripe, pool, access, id).await?;
    is_not_needed(&mut *pool.get().await?, access, &method.id).await?;
    match stripe.ask::<SavedCard>(&DetachPaymentMethod::new(method.id.as_str())).await {
        Ok(_) | Err(Trouble::Refused { .. }) => {}
        Err(trouble) => return Err(away(&trouble)),
    }
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        if method.is_default {
            customers::set_default(conn, access.client(), None).await?;
        }
        audit::record(conn, access.event(actor, "paymentMethod.removed")).await?;
        Ok(())
    })
    .await
}

/// Charges this card where nobody chooses one.
///
/// # Errors
/// As [`find`].
pub async fn set_default(stripe: &Stripe, pool: &Pool, access: &ClientBilling, actor: &Actor, id: &str) -> Result<()> {
    let method = find(stripe, pool, access, id).await?;
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        customers::set_default(conn, access.client(), Some(&method.id)).await?;
        audit::record(conn, access.event(actor, "paymentMethod.chosen")).await?;
        Ok(())
    })
    .await
}
