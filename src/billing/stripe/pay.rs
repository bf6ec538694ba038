//! Beginning a payment. It is written down under the lock of the client's account, so that nobody pays more than they owe
//! and nothing twice; only then is Stripe asked. How much it is says the caller, and the ledger whether that is too much.

use super::{
    attempts::{self, Attempt, Purpose, State},
    client::Stripe,
    collect, methods, under_way,
};
use crate::{
    audit::{self, Actor},
    billing::{access::ClientBilling, ledger, money::Amount},
    clock::Clock,
    db::Pool,
    error::{Error, Result},
    ids::{InvoiceId, PaymentAttemptId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Cards that the bank refuses a client within an hour. Who has more to try has stolen them.
const MOST_REFUSED: i64 = 10;
const REFUSED_WITHIN: TimeDelta = TimeDelta::hours(1);

/// What payments are made with.
#[derive(Clone)]
pub struct Means {
    pub stripe: Stripe,
    pub pool: Pool,
    pub clock: Clock,
}

/// What a client wants to pay.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub purpose: Purpose,
    pub amount: Amount,
    /// One of the client's cards.
    pub method: String,
    /// The same in every repetition of one intent of the client.
    pub key: Uuid,
}

/// What is to be paid while nobody is there.
#[derive(Clone, Copy, Debug)]
pub struct Unattended<'a> {
    pub purpose: Purpose,
    /// One of the client's cards; None: their default one.
    pub method: Option<&'a str>,
    /// Which the ledger is to count it for; None: whatever is oldest.
    pub invoice: Option<InvoiceId>,
}

/// What came of it so far.
#[derive(Clone, Debug)]
pub struct Begun {
    pub attempt: Attempt,
    /// For the browser, where the bank asks its customer something.
    pub client_secret: Option<String>,
    /// It was begun before, under the same key.
    pub repeated: bool,
}

/// Pays, or goes on paying what was begun under this key. What is not known within the patience is found out later.
///
/// # Errors
/// `Invalid` for an amount beyond what is owed and for a card that is not the client's; `Conflict` where the key stands for
/// something else, or another payment of the client is under way; `RateLimited` for who tries card after card.
pub async fn begin(means: &Means, access: &ClientBilling, actor: &Actor, wanted: Wanted) -> Result<Begun> {
    let known = attempts::under_key(&mut *means.pool.get().await?, access, wanted.key).await?;
    if let Some(attempt) = known {
        return go_on(means, access, same(attempt, &wanted)?, true).await;
    }
    let no_card = |error| match error {
        Error::NotFound => Error::field("/method", "This card is not there any more. Choose another one."),
        other => other,
    };
    let card = methods::find(&means.stripe, &means.pool, access, &wanted.method).await.map_err(no_card)?;
    let now = means.clock.now();
    let mut conn = means.pool.get().await?;
    let (attempt, repeated) = conn
        .transaction(async |conn| {
            ledger::lock(conn, access.practice(), access.client()).await?;
            if let Some(attempt) = attempts::under_key(conn, access, wanted.key).await? {
                return Ok::<_, Error>((same(attempt, &wanted)?, true));
            }
            let refused = attempts::refused_since(conn, access.client(), now - REFUSED_WITHIN).await?;
            if refused >= MOST_REFUSED {
                return Err(Error::RateLimited { retry_after: Duration::from_secs(3600) });
            }
            under_way::none_of(conn, access.client(), invoice_of(wanted.purpose)).await?;
            let attempt = Attempt {
                method: Some(card.id.clone()),
                brand: Some(card.brand.clone()),
                last4: Some(card.last4.clone()),
                key: wanted.key,
                ..new(conn, access, wanted.amount, wanted.purpose, now).await?
            };
            write_down(conn, access, actor, &attempt).await?;
            Ok((attempt, false))
        })
        .await?;
    drop(conn);
    go_on(means, access, attempt, repeated).await
}

/// Has a card charged without its client, once the caller's transaction is committed ([`Stripe::ring`] then). What was begun for this
/// purpose and did not fail is given back as it is: nothing is charged twice for one instalment. What becomes of it says
/// [`attempts::newest_for`].
///
/// # Errors
/// `Invalid` for an amount beyond what is owed.
pub async fn off_session(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    amount: Amount,
    wanted: Unattended<'_>,
    now: DateTime<Utc>,
) -> Result<Attempt> {
    let Unattended { purpose, method, invoice } = wanted;
    ledger::lock(conn, access.practice(), access.client()).await?;
    if let Some(attempt) = attempts::newest_for(conn, purpose).await?
        && !matches!(attempt.state, State::Failed | State::Cancelled)
    {
        return Ok(attempt);
    }
    let new = new(conn, access, amount, purpose, now).await?;
    let attempt = Attempt { off_session: true, method: method.map(str::to_owned), invoice, ..new };
    write_down(conn, access, &Actor::hub(), &attempt).await?;
    Ok(attempt)
}

/// How far it is; where Stripe would know more by now, it is asked.
///
/// # Errors
/// `NotFound` for another's and for what does not exist.
pub async fn look(means: &Means, access: &ClientBilling, id: PaymentAttemptId) -> Result<Begun> {
    let attempt = attempts::find(&mut *means.pool.get().await?, access, id).await?;
    match attempt.state {
        State::RequiresAction | State::Processing => go_on(means, access, attempt, true).await,
        _ => Ok(Begun { attempt, client_secret: None, repeated: true }),
    }
}

async fn go_on(means: &Means, access: &ClientBilling, attempt: Attempt, repeated: bool) -> Result<Begun> {
    // What nobody knows yet has its own rhythm.
    if attempt.state.is_settled() || attempt.state == State::Unknown {
        return Ok(Begun { attempt, client_secret: None, repeated });
    }
    let client_secret = collect::carry_on(means, attempt.id).await?;
    let attempt = attempts::find(&mut *means.pool.get().await?, access, attempt.id).await?;
    let client_secret = client_secret.filter(|_| attempt.state == State::RequiresAction);
    Ok(Begun { attempt, client_secret, repeated })
}

/// A key stands for one intent.
fn same(attempt: Attempt, wanted: &Wanted) -> Result<Attempt> {
    let is_same = attempt.purpose == wanted.purpose
        && attempt.amount == wanted.amount
        && attempt.method.as_deref() == Some(&wanted.method);
    match is_same {
        true => Ok(attempt),
        false => Err(Error::conflict("This Idempotency-Key stands for another payment. Use a new one.")),
    }
}

fn invoice_of(purpose: Purpose) -> Option<InvoiceId> {
    match purpose {
        Purpose::Invoice(id) => Some(id),
        _ => None,
    }
}

/// Under the lock of the account.
async fn new(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    amount: Amount,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<Attempt> {
    let amount = Amount::given("/amount", amount.0)?;
    let balance = ledger::balance(conn, access.client()).await?;
    let least = balance.currency.least_by_card();
    if amount < least {
        let least = balance.currency.format(least);
        return Err(Error::field("/amount", format!("By card one can pay {least} or more.")));
    }
    let left = balance.amount - attempts::under_way(conn, access.client()).await?;
    if amount > left {
        let most = balance.currency.format(left.at_least_zero());
        return Err(Error::field("/amount", format!("This is more than is owed and not being paid yet: {most}.")));
    }
    let id = PaymentAttemptId::new();
    Ok(Attempt {
        id,
        practice: access.practice(),
        client: access.client(),
        purpose,
        amount,
        currency: balance.currency,
        off_session: false,
        state: State::Created,
        failure: None,
        created_at: now,
        invoice: invoice_of(purpose),
        key: id.0,
        method: None,
        brand: None,
        last4: None,
        intent: None,
        first_sent_at: None,
        tries: 0,
    })
}

async fn write_down(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    actor: &Actor,
    attempt: &Attempt,
) -> Result<()> {
    attempts::insert(conn, attempt).await?;
    let detail = json!({"amount": attempt.amount.0, "currency": attempt.currency.as_str()});
    let event = access.event(actor, "payment.begun").on("paymentAttempt", attempt.id).with(detail);
    audit::record(conn, event).await?;
    Ok(())
}
