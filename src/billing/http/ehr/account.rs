//! `GET ehr/billing/clients/{client}`, `GET …/history`.

use crate::{
    accounts::{Permission, Person, people},
    app::Services,
    audit,
    billing::{Amount, Currency, access, account, aging::Aged, ledger, settings},
    db::Pool,
    error::{Error, Result},
    http::{
        page::{List, NewestQuery},
        principal::EhrPrincipal,
    },
    ids::UserId,
};
use actix_web::web;
use diesel_async::AsyncConnection;
use serde::Serialize;
use utoipa::ToSchema;

/// A client's account.
#[derive(Serialize, ToSchema)]
#[schema(as = BillingAccount)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    client: Person,
    currency: Currency,
    /// What is owed, by age, in minor units.
    #[serde(flatten)]
    aged: Aged,
    /// What is owed and on no invoice yet.
    not_invoiced: Amount,
}

/// How an account stands.
pub async fn show(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Account>> {
    caller.require(Permission::ManageBilling)?;
    let mut conn = pool.get().await?;
    let shown = conn.transaction(async |conn| {
        let access = access::of_client(conn, caller.viewer(), *client).await?;
        let balance = ledger::balance(conn, access.client()).await?;
        let settled = account::of(conn, access.client()).await?;
        let today = settings::today(conn, access.practice(), services.clock.now()).await?;
        let mut people = people::find_people(conn, access.practice(), &[access.client()]).await?;
        audit::record(conn, access.event(&caller.actor(), "billingAccount.viewed")).await?;
        let not_invoiced = settled.items.iter().filter(|(item, _)| item.invoice.is_none()).map(|(_, open)| *open).sum();
        Ok::<_, Error>(Account {
            client: people.remove(&access.client()).ok_or(Error::NotFound)?,
            currency: balance.currency,
            // The balance is the ledger's.
            aged: Aged { balance: balance.amount, ..Aged::of(&settled, today) },
            not_invoiced,
        })
    });
    Ok(web::Json(shown.await?))
}

/// What happened on it, newest first, each entry with what was owed after it.
pub async fn history(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ledger::Line>>> {
    caller.require(Permission::ManageBilling)?;
    let (limit, before) = query.read()?;
    let mut conn = pool.get().await?;
    let lines = conn.transaction(async |conn| {
        let access = access::of_client(conn, caller.viewer(), *client).await?;
        let lines = ledger::history(conn, &services.keyring, &access, before, limit + 1).await?;
        audit::record(conn, access.event(&caller.actor(), "billingHistory.viewed")).await?;
        Ok::<_, Error>(lines)
    });
    Ok(web::Json(List::newest(lines.await?, limit, |line| line.id.0)))
}
