//! `GET|POST ehr/billing/clients/{client}/payments`, `POST ehr/billing/payments/{payment}/refunds`.

use crate::{
    accounts::Permission,
    app::Services,
    audit::Actor,
    billing::{
        Amount,
        access::{self, ClientBilling},
        http::{
            calls::{self, Noted, Whose},
            view::{self, ShownPayment},
        },
        ledger,
        payments::{self, Method, NewPayment, NewRefund},
        settings,
        stripe::{
            Means, attempts,
            refunds::{self, Asked},
        },
        words,
    },
    crypto::Place,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Stored,
        detached,
        idempotency::IdempotencyKey,
        json::Body,
        page::{List, NewestQuery},
        principal::EhrPrincipal,
        when,
    },
    ids::{InvoiceId, PaymentId, RefundId, UserId},
};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

const NOTE_CHARACTERS: usize = 200;

/// How somebody paid by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ByHand {
    Cash,
    Cheque,
    Transfer,
    Other,
}

impl From<ByHand> for Method {
    fn from(by: ByHand) -> Self {
        match by {
            ByHand::Cash => Self::Cash,
            ByHand::Cheque => Self::Cheque,
            ByHand::Transfer => Self::Transfer,
            ByHand::Other => Self::Other,
        }
    }
}

/// A payment that was taken by hand.
#[derive(Deserialize, ToSchema)]
#[schema(as = PaymentByHand)]
#[serde(rename_all = "camelCase")]
pub struct New {
    /// In minor units; no more than is owed.
    #[schema(minimum = 1, maximum = 99_999_999)]
    amount: i64,
    method: ByHand,
    /// What it is for. Left out: whatever is oldest.
    invoice: Option<InvoiceId>,
    /// The number of a cheque, and the like.
    #[schema(max_length = 200)]
    note: Option<String>,
    /// When it came. Left out: now.
    #[serde(default, deserialize_with = "when::maybe")]
    occurred_at: Option<DateTime<Utc>>,
}

/// Money that goes back.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewRefund)]
pub struct Refund {
    /// In minor units; no more than is left of the payment.
    #[schema(minimum = 1, maximum = 99_999_999)]
    amount: i64,
    #[schema(max_length = 500)]
    reason: String,
}

/// Those of an account, newest first.
pub async fn list(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ShownPayment>>> {
    caller.require(Permission::ManageBilling)?;
    let listed = (&*query, "payments.listed");
    calls::page(
        &pool,
        &caller,
        *client,
        listed,
        |one: &ShownPayment| one.id.0,
        |conn, access, (before, limit)| {
            Box::pin(async move {
                let found = payments::list::list(conn, &services.keyring, &access, before, limit).await?;
                view::payments(conn, found).await
            })
        },
    )
    .await
}

/// Records what was taken by hand.
pub async fn take(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    key: IdempotencyKey,
    input: Body<New>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<ShownPayment>> {
    caller.require(Permission::ManageBilling)?;
    let id: PaymentId = key.or_new();
    calls::change(pool, caller, Whose::Client(*client), move |conn, access| {
        Box::pin(async move {
            let made = take_by_hand(conn, &services, &access, id, input.0).await?;
            let noted = Noted::new("payment.taken").on("payment", id);
            Ok((shown(conn, &services, &access, id).await?, made.then_some(noted)))
        })
    })
    .await
}

/// False where it is there already.
async fn take_by_hand(
    conn: &mut AsyncPgConnection,
    services: &Services,
    access: &ClientBilling,
    id: PaymentId,
    new: New,
) -> Result<bool> {
    let (amount, now) = (Amount::given("/amount", new.amount)?, services.clock.now());
    let occurred_at = new.occurred_at.unwrap_or(now);
    if occurred_at > now || occurred_at < now - TimeDelta::days(366) {
        return Err(Error::field("/occurredAt", "In the last year, now at the latest."));
    }
    ledger::lock(conn, access.practice(), access.client()).await?;
    let note = new.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    let known = payments::list::find(conn, &services.keyring, access, id).await.ok();
    if let Some(known) = &known {
        let at = |at: DateTime<Utc>| at.timestamp_micros();
        let is_same = known.invoice == new.invoice
            && known.note == note
            && new.occurred_at.is_none_or(|given| at(given) == at(known.occurred_at));
        if !is_same {
            return Err(Error::conflict("This id is that of another payment. Send yours under a new one."));
        }
    }
    let repeated = known.is_some();
    let balance = ledger::balance(conn, access.client()).await?;
    if !repeated && amount > balance.amount {
        return Err(Error::conflict("That is more than is owed. Charge the client first, then take the payment."));
    }
    if !repeated && amount > balance.amount - attempts::under_way(conn, access.client()).await? {
        return Err(Error::conflict(
            "The client pays by card right now. Wait until it is known what becomes of that, then take what is left.",
        ));
    }
    if let Some(invoice) = new.invoice {
        let whose = access::of_invoice(conn, *access.viewer(), invoice).await?;
        if whose.client() != access.client() {
            return Err(Error::NotFound);
        }
    }
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_CHARACTERS || note.chars().any(char::is_control)) {
        return Err(Error::field("/note", "One line of at most 200 characters."));
    }
    let place = Place::PaymentNote { id };
    let note = match note {
        Some(note) => Some(words::seal(conn, &services.keyring, access.client(), place, &note).await?),
        None => None,
    };
    let payment = NewPayment {
        id,
        practice: access.practice(),
        client: access.client(),
        amount,
        currency: settings::currency(conn, access.practice()).await?,
        method: new.method.into(),
        stripe_payment_intent: None,
        occurred_at,
        recorded_by: Some(access.viewer().user),
        recorded_at: now,
        invoice: new.invoice,
        note,
    };
    payments::record(conn, &payment).await?;
    Ok(!repeated)
}

/// Gives money back.
pub async fn refund(
    caller: EhrPrincipal,
    payment: web::Path<PaymentId>,
    key: IdempotencyKey,
    input: Body<Refund>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<ShownPayment>> {
    caller.require(Permission::ManageBilling)?;
    let (id, payment): (RefundId, _) = (key.or_new(), *payment);
    let amount = Amount::given("/amount", input.0.amount)?;
    let reason = words::reason(&input.0.reason)?.to_owned();
    let mut conn = pool.get().await?;
    let access = Whose::Payment(payment).account(&mut conn, &caller).await?;
    let paid = payments::paid::find(&mut conn, payment).await?;
    // No connection is held while Stripe is asked.
    drop(conn);
    if matches!(paid.method, Method::Card { .. }) {
        let asked = Asked { id, payment, amount, reason };
        return detached::to_the_end(
            async move { through_stripe(&services, &pool, &access, &caller.actor(), asked).await },
        )
        .await;
    }
    let by = caller.user_id;
    calls::change(pool, caller, Whose::Payment(payment), move |conn, access| {
        Box::pin(async move {
            let now = services.clock.now();
            payments::lock(conn, payment).await?;
            let repeated = payments::refund::is_recorded(conn, id).await?;
            let new = NewRefund {
                id,
                payment,
                amount,
                reason: &reason,
                stripe_refund: None,
                occurred_at: now,
                recorded_by: Some(by),
                recorded_at: now,
            };
            payments::refund(conn, &services.keyring, &new).await?;
            let noted = Noted::new("payment.refunded").on("payment", payment).with(json!({"refund": id}));
            Ok((shown(conn, &services, &access, payment).await?, (!repeated).then_some(noted)))
        })
    })
    .await
}

/// What came by card goes back to the card, through Stripe alone. The payment is answered as it stands: with the refund
/// once Stripe has made it, which the hub sees to by itself.
async fn through_stripe(
    services: &Services,
    pool: &Pool,
    access: &ClientBilling,
    actor: &Actor,
    asked: Asked,
) -> Result<Stored<ShownPayment>> {
    let payment = asked.payment;
    let Some(stripe) = services.stripe.clone() else {
        return Err(Error::conflict(
            "This payment came by card, and Stripe is not set up on this hub: refund it at Stripe.",
        ));
    };
    let means = Means { stripe, pool: pool.clone(), clock: services.clock.clone() };
    let refunding = refunds::begin(&means, &services.keyring, access, actor, asked).await?;
    if refunding.failure.is_some() {
        return Err(Error::conflict("Stripe did not give this back. Look at the payment at Stripe."));
    }
    let content = shown(&mut *pool.get().await?, services, access, payment).await?;
    Ok(Stored { repeated: refunding.repeated, content })
}

async fn shown(
    conn: &mut AsyncPgConnection,
    services: &Services,
    access: &ClientBilling,
    id: PaymentId,
) -> Result<ShownPayment> {
    let found = payments::list::find(conn, &services.keyring, access, id).await?;
    view::payments(conn, vec![found]).await?.pop().ok_or(Error::NotFound)
}
