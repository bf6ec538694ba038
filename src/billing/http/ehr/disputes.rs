//! `GET ehr/billing/disputes`: payments by card that their payers dispute with the bank.

use crate::{
    accounts::{Permission, Person, Role},
    billing::{
        Amount, Currency, access,
        http::calls,
        stripe::disputes::{self, Listed, Place, State},
    },
    db::Pool,
    error::{Error, Result},
    http::{
        page::{List, PageQuery},
        principal::EhrPrincipal,
    },
    ids::{DisputeId, PaymentId, ThreadId},
    threads::summaries::After,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde::Serialize;
use utoipa::ToSchema;

/// A payment that its payer disputes with the bank.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Dispute)]
pub struct Shown {
    id: DisputeId,
    client: Person,
    payment: PaymentId,
    /// What Stripe calls it.
    dispute: String,
    /// What is disputed of the payment.
    amount: Amount,
    currency: Currency,
    /// Why, as a code of Stripe's, such as `fraudulent`; null: it named none.
    reason: Option<String>,
    state: State,
    /// Until when Stripe takes evidence; null: it takes none, or did not say.
    due_at: Option<DateTime<Utc>>,
    /// When the hub learned of it.
    told_at: DateTime<Utc>,
    /// Null: it is open.
    closed_at: Option<DateTime<Utc>>,
}

/// Disputed payments.
#[derive(Serialize, ToSchema)]
#[schema(as = Disputes)]
pub struct Disputes {
    /// How many are open, on whichever page.
    open: i64,
    items: Vec<Shown>,
    /// Where the list goes on; null: that was all.
    next: Option<String>,
}

fn shown(one: Listed) -> Shown {
    Shown {
        id: one.id,
        client: Person { id: one.client, name: one.client_name, role: Role::Client },
        payment: one.payment,
        dispute: one.dispute,
        amount: one.amount,
        currency: one.currency,
        reason: one.reason,
        state: one.state,
        due_at: one.due_at,
        told_at: one.told_at,
        closed_at: one.closed_at,
    }
}

/// Those of all clients: what is open first, then what was closed last.
pub async fn list(
    caller: EhrPrincipal,
    page: web::Query<PageQuery>,
    pool: web::Data<Pool>,
) -> Result<web::Json<Disputes>> {
    caller.require(Permission::ManageBilling)?;
    let (limit, after) = page.read()?;
    let after =
        after.map(|After { last_entry_at, thread }| Place { closed_at: last_entry_at, id: DisputeId(thread.0) });
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    let list = conn.transaction(async |conn| {
        let access = access::of_practice(caller.viewer())?;
        let open = disputes::open(conn, &access).await?;
        let found = disputes::list(conn, &access, after, limit + 1).await?;
        let List { items, next } = List::from_one_more(found, limit, |one| {
            let Place { closed_at, id } = one.place();
            After { last_entry_at: closed_at, thread: ThreadId(id.0) }
        });
        calls::listed(conn, &actor, "disputes.listed", items.iter().map(|one| one.client).collect()).await?;
        Ok::<_, Error>(Disputes { open, items: items.into_iter().map(shown).collect(), next })
    });
    Ok(web::Json(list.await?))
}
