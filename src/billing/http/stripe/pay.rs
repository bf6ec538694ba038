//! `POST portal/payments/process`, `GET portal/payments/attempts/{attempt}`: paying by card, and how far it is.

use super::{find_means, means, own};
use crate::{
    app::Services,
    audit,
    billing::{
        Amount, Currency, access,
        stripe::{
            Stripe,
            attempts::{self, Purpose, State},
            methods::Permission,
            pay::{self, Begun, Wanted},
        },
    },
    db::Pool,
    error::Result,
    http::{answer::Stored, detached, idempotency::IdempotencyKey, json::Body, principal::PortalPrincipal},
    ids::{InvoiceId, PaymentAttemptId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be paid, and by which card.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CardPayment)]
pub struct Asked {
    /// In minor units of the practice's currency; at most what is owed.
    amount: i64,
    /// What it is for; left out: whatever is oldest.
    invoice: Option<InvoiceId>,
    /// One of one's own cards.
    #[schema(max_length = 255)]
    method: String,
}

/// How far a payment is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentAttempt)]
pub struct Shown {
    id: PaymentAttemptId,
    state: State,
    /// `declined`, `insufficientFunds`, `expired`, `authenticationRequired`, `authenticationFailed`, `noMethod`, `refused`,
    /// `neverArrived`, `abandoned`.
    failure: Option<String>,
    amount: Amount,
    currency: Currency,
    invoice: Option<InvoiceId>,
    created_at: DateTime<Utc>,
    /// What the browser needs where the bank asks its customer something (`requiresAction`).
    authentication: Option<Permission>,
}

/// Pays. Whoever asks again under the same Idempotency-Key is told how far it is, and pays once.
pub async fn process(
    caller: PortalPrincipal,
    key: IdempotencyKey,
    input: Body<Asked>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Shown>> {
    let access = own(&caller, &pool).await?;
    let Asked { amount, invoice, method } = input.0;
    let amount = Amount::given("/amount", amount)?;
    let purpose = match invoice {
        Some(invoice) => {
            access::of_invoice(&mut *pool.get().await?, caller.viewer(), invoice).await?;
            Purpose::Invoice(invoice)
        }
        None => Purpose::Balance,
    };
    let means = means(&services, &pool)?;
    let wanted = Wanted { purpose, amount, method, key: key.or_new() };
    // A browser that goes away leaves no payment halfway.
    detached::to_the_end(async move {
        let begun = pay::begin(&means, &access, &caller.actor(), wanted).await?;
        Ok(Stored { repeated: begun.repeated, content: shown(Some(&means.stripe), begun) })
    })
    .await
}

/// How far it is. Stripe is asked where it would know more.
pub async fn show(
    caller: PortalPrincipal,
    id: web::Path<PaymentAttemptId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let access = own(&caller, &pool).await?;
    detached::to_the_end(async move {
        let begun = match find_means(&services, &pool) {
            Some(means) => pay::look(&means, &access, *id).await?,
            None => {
                let attempt = attempts::find(&mut *pool.get().await?, &access, *id).await?;
                Begun { attempt, client_secret: None, repeated: true }
            }
        };
        let actor = caller.actor();
        let event = access.event(&actor, "payment.viewed").on("paymentAttempt", begun.attempt.id);
        audit::record(&mut *pool.get().await?, event).await?;
        Ok(web::Json(shown(services.stripe.as_ref(), begun)))
    })
    .await
}

fn shown(stripe: Option<&Stripe>, begun: Begun) -> Shown {
    let Begun { attempt, client_secret, .. } = begun;
    Shown {
        id: attempt.id,
        state: attempt.state,
        failure: attempt.failure,
        amount: attempt.amount,
        currency: attempt.currency,
        invoice: attempt.invoice,
        created_at: attempt.created_at,
        authentication: stripe.zip(client_secret).map(|(stripe, client_secret)| Permission {
            client_secret,
            publishable_key: stripe.publishable_key().to_owned(),
            script: stripe.script().to_string(),
        }),
    }
}
