//! `GET ehr/billing/failed-payments`, `GET ehr/billing/clients/{client}/plans`: what is taken without clients being there.

use crate::{
    accounts::{Permission, Person, Role},
    audit::{self, Event},
    billing::{
        Amount, Currency, access,
        http::portal::plans::{Shown, shown},
        planned::store::{self, Failing},
        plans, settings,
    },
    db::Pool,
    error::{Error, Result},
    http::{
        page::{List, NewestQuery},
        principal::EhrPrincipal,
    },
    ids::{InvoiceId, PaymentPlanId, PlannedPaymentId, UserId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;
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
        let clients: BTreeSet<UserId> = list.items.iter().map(|one| one.client.id).collect();
        let listed = || Event::new(&actor, "failedPayments.listed");
        let mut events: Vec<Event<'_>> = clients.into_iter().map(|client| listed().of_client(client)).collect();
        if events.is_empty() {
            events.push(listed().with(json!({"count": 0})));
        }
        audit::record_all(conn, &events).await?;
        Ok::<_, Error>(list)
    });
    Ok(web::Json(list.await?))
}

/// The payment plans of a client, the newest first.
pub async fn plans_of(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<Shown>>> {
    caller.require(Permission::ManageBilling)?;
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    let list = conn.transaction(async |conn| {
        let access = access::of_client(conn, caller.viewer(), *client).await?;
        let items = plans::store::list(conn, access.client()).await?.into_iter().map(shown).collect();
        audit::record(conn, access.event(&actor, "paymentPlans.viewed")).await?;
        Ok::<_, Error>(List::whole(items))
    });
    Ok(web::Json(list.await?))
}
