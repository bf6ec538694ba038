//! `GET ehr/billing/failed-payments`, `GET ehr/billing/clients/{client}/plans`, `POST ehr/billing/plans/{plan}/cancel`: what is
//! taken without clients being there.

use super::charges::Reason;
use crate::{
    accounts::{Permission, Person, Role},
    app::Services,
    billing::{
        Amount, Currency, access,
        http::{
            calls::{self, Noted, Whose},
            portal::plans::{Shown, shown},
        },
        planned::store::{self, Failing},
        plans::{self, Plan},
        settings,
    },
    db::Pool,
    error::{Error, Result},
    http::{
        answer::NoContent,
        json::Body,
        page::{List, NewestQuery},
        principal::EhrPrincipal,
    },
    ids::{InvoiceId, PaymentPlanId, PlannedPaymentId, UserId},
    notices::{self, Kind, Notice},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::Serialize;
use utoipa::ToSchema;

/// A payment that could not be taken.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FailedPayment)]
pub struct ShownFailing {
    id: PlannedPaymentId,
    client: Person,
    /// That autopay was to take.
    invoice: Option<InvoiceId>,
    /// Whose part it is.
    plan: Option<PaymentPlanId>,
    /// Of the last try.
    amount: Amount,
    currency: Currency,
    failures: i64,
    last_tried_at: DateTime<Utc>,
    /// Null: it was given up.
    tried_again_at: Option<DateTime<Utc>>,
}

fn failing(one: Failing, currency: Currency) -> ShownFailing {
    ShownFailing {
        id: one.id,
        client: Person { id: one.client, name: one.client_name, role: Role::Client },
        invoice: one.invoice,
        plan: one.plan,
        amount: Amount(one.amount),
        currency,
        failures: one.failures,
        last_tried_at: one.last_tried_at,
        tried_again_at: one.tried_again_at,
    }
}

/// What failed and is not made good since, of all clients, the newest first.
pub async fn failed(
    caller: EhrPrincipal,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<ShownFailing>>> {
    caller.require(Permission::ManageBilling)?;
    let (limit, before) = page.read()?;
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    let list = conn.transaction(async |conn| {
        let access = access::of_practice(caller.viewer())?;
        let currency = settings::currency(conn, access.practice()).await?;
        let found = store::failing(conn, access.practice(), limit + 1, before).await?;
        let list = List::newest(found.into_iter().map(|one| failing(one, currency)).collect(), limit, |one| one.id.0);
        let clients = list.items.iter().map(|one| one.client.id).collect();
        calls::listed(conn, &actor, "failedPayments.listed", clients).await?;
        Ok::<_, Error>(list)
    });
    Ok(web::Json(list.await?))
}

/// A payment plan, for those who bill.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientPaymentPlan)]
pub struct ShownPlan {
    #[serde(flatten)]
    plan: Shown,
    /// Why the practice ended it.
    reason: Option<String>,
}

/// The payment plans of a client, the newest first.
pub async fn plans_of(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ShownPlan>>> {
    caller.require(Permission::ManageBilling)?;
    let list = calls::read(&pool, &caller, Whose::Client(*client), |conn, access| {
        Box::pin(async move {
            let plans = plans::store::list(conn, access.client()).await?.into_iter();
            let with_reason = |plan: Plan| -> Result<ShownPlan> {
                let reason = plan.read_reason(&services.keyring)?;
                Ok(ShownPlan { plan: shown(plan), reason })
            };
            let items = plans.map(with_reason).collect::<Result<Vec<_>>>()?;
            Ok((List::whole(items), Noted::new("paymentPlans.viewed")))
        })
    });
    Ok(web::Json(list.await?))
}

/// Ends a client's plan, and tells them.
pub async fn cancel(
    caller: EhrPrincipal,
    plan: web::Path<PaymentPlanId>,
    input: Body<Reason>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require(Permission::ManageBilling)?;
    let id = *plan;
    let cancelled = calls::change(pool, caller, Whose::Plan(id), move |conn, access| {
        Box::pin(async move {
            let reason = plans::store::reason(conn, &services.keyring, &access, id, &input.0.reason).await?;
            plans::store::cancel(conn, &access, id, Some(reason), services.clock.now()).await?;
            notices::tell(conn, &Notice::new(access.client(), Kind::PlanEnded, Some(id.0)).once(0)).await?;
            Ok((NoContent, Some(Noted::new("paymentPlan.ended").on("paymentPlan", id))))
        })
    });
    Ok(cancelled.await?.content)
}
