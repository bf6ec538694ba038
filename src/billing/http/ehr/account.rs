//! `GET ehr/billing/clients/{client}`, `GET …/history`.

use crate::{
    accounts::{Permission, Person, people},
    app::Services,
    billing::{
        Amount, Currency, account,
        aging::Aged,
        http::calls::{self, Noted, Whose},
        ledger, settings,
        stripe::under_way::{self, UnderWay},
    },
    db::Pool,
    error::{Error, Result},
    http::{
        page::{List, NewestQuery},
        principal::EhrPrincipal,
    },
    ids::UserId,
};
use actix_web::web;
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
    /// What the client pays by card right now: still owed until it is known what becomes of it.
    under_way: Vec<UnderWay>,
}

/// How an account stands.
pub async fn show(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Account>> {
    caller.require(Permission::ManageBilling)?;
    let shown = calls::read(&pool, &caller, Whose::Client(*client), |conn, access| {
        Box::pin(async move {
            let balance = ledger::balance(conn, access.client()).await?;
            let settled = account::of(conn, access.client()).await?;
            let today = settings::today(conn, access.practice(), services.clock.now()).await?;
            let mut people = people::find_people(conn, access.practice(), &[access.client()]).await?;
            let not_invoiced =
                settled.items.iter().filter(|(item, _)| item.invoice.is_none()).map(|(_, open)| *open).sum();
            let account = Account {
                client: people.remove(&access.client()).ok_or(Error::NotFound)?,
                currency: balance.currency,
                // The balance is the ledger's.
                aged: Aged { balance: balance.amount, ..Aged::of(&settled, today) },
                not_invoiced,
                under_way: under_way::list(conn, access.client()).await?,
            };
            Ok((account, Noted::new("billingAccount.viewed")))
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
    let listed = (&*query, "billingHistory.viewed");
    calls::page(
        &pool,
        &caller,
        *client,
        listed,
        |line: &ledger::Line| line.id.0,
        |conn, access, (before, limit)| {
            Box::pin(async move { ledger::history(conn, &services.keyring, &access, before, limit).await })
        },
    )
    .await
}
