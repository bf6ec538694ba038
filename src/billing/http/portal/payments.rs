//! `GET portal/billing/payments`, `GET portal/payments/history`, `GET portal/payments/receipt/{payment}`: what one paid, and
//! everything else that happened to one's account.

use crate::{
    app::Services,
    billing::{
        http::{calls, papers},
        ledger,
        money::{Amount, Currency},
        payments::{
            Method,
            list::{self, Payment},
        },
        stripe::refunds,
    },
    db::Pool,
    error::Result,
    http::{
        answer::Pdf,
        page::{List, NewestQuery},
        principal::PortalPrincipal,
    },
    ids::PaymentId,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A payment of one's own.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnPayment)]
pub struct Shown {
    id: PaymentId,
    at: DateTime<Utc>,
    amount: Amount,
    /// What of it went back.
    given_back: Amount,
    /// What of it is going back, and has not arrived yet.
    on_its_way_back: Amount,
    currency: Currency,
    method: Method,
}

fn shown(payment: Payment, on_its_way_back: Amount) -> Shown {
    Shown {
        id: payment.id,
        at: payment.occurred_at,
        amount: payment.amount,
        given_back: payment.returned,
        on_its_way_back,
        currency: payment.currency,
        method: payment.method,
    }
}

/// What one paid, the newest first.
pub async fn list(
    caller: PortalPrincipal,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Shown>>> {
    let listed = (&*query, "payments.listed");
    calls::page(
        &pool,
        &caller,
        caller.user_id,
        listed,
        |one: &Shown| one.id.0,
        |conn, access, (before, limit)| {
            Box::pin(async move {
                let found = list::list(conn, &services.keyring, &access, before, limit).await?;
                let ids: Vec<PaymentId> = found.iter().map(|payment| payment.id).collect();
                let leaving = refunds::of_payments(conn, &ids).await?;
                let on_its_way =
                    |id: &PaymentId| leaving.get(id).map(|all| refunds::on_its_way(all)).unwrap_or_default();
                Ok(found
                    .into_iter()
                    .map(|one| (on_its_way(&one.id), one))
                    .map(|(amount, one)| shown(one, amount))
                    .collect())
            })
        },
    )
    .await
}

/// Everything that happened to one's account, the newest first.
pub async fn history(
    caller: PortalPrincipal,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ledger::Line>>> {
    let listed = (&*query, "account.viewed");
    let id = |line: &ledger::Line| line.id.0;
    calls::page(&pool, &caller, caller.user_id, listed, id, |conn, access, (before, limit)| {
        Box::pin(async move { ledger::history(conn, &services.keyring, &access, before, limit).await })
    })
    .await
}

/// A receipt.
pub async fn receipt(
    caller: PortalPrincipal,
    payment: web::Path<PaymentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Pdf> {
    papers::receipt(&pool, &caller, *payment, services).await
}
