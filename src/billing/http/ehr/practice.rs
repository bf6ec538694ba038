//! `GET ehr/billing/aging`, `GET|POST ehr/billing/to-charge`, `GET ehr/billing/export`.

use crate::{
    accounts::{Permission, Person, people},
    app::Services,
    audit::{self, Event},
    billing::{
        Amount, Currency, access,
        aging::{self, Aged},
        export,
        http::{calls, days::Days},
        settings,
        settings::Fee,
        to_charge::{self, Due, Place, fee_for},
    },
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Spreadsheet,
        detached,
        page::{self, List, PageQuery},
        principal::EhrPrincipal,
    },
    ids::{AppointmentId, ThreadId, UserId},
    threads::summaries::After,
};
use actix_web::web;
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// `?limit=&cursor=`.
#[derive(Deserialize, IntoParams)]
pub struct AgingQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<Uuid>,
}

/// How old debts are.
#[derive(Serialize, ToSchema)]
#[schema(as = AgingReport)]
pub struct AgingReport {
    /// Of the practice, on whose calendar days are counted.
    today: NaiveDate,
    currency: Currency,
    /// Of all clients, on whichever page.
    total: Aged,
    items: Vec<AgedClient>,
    /// Where the list goes on; null: that was all.
    next: Option<String>,
}

/// What one client owes, by age.
#[derive(Serialize, ToSchema)]
pub struct AgedClient {
    id: UserId,
    name: String,
    currency: Currency,
    #[serde(flatten)]
    aged: Aged,
}

/// The aging report.
pub async fn aging(
    caller: EhrPrincipal,
    query: web::Query<AgingQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<AgingReport>> {
    caller.require(Permission::ManageBilling)?;
    let limit = page::limit(query.limit)?;
    let mut conn = pool.get().await?;
    let report = conn.transaction(async |conn| {
        let access = access::of_practice(caller.viewer())?;
        let report = aging::report(conn, &access, query.cursor, limit + 1, services.clock.now()).await?;
        let actor = caller.actor();
        let shown = report.items.iter().take(limit as usize);
        let clients = shown.map(|one| one.client).collect();
        calls::listed(conn, &actor, "billingAging.listed", clients).await?;
        let currency = settings::currency(conn, access.practice()).await?;
        let clients =
            report.items.into_iter().map(|one| AgedClient { id: one.client, name: one.name, currency, aged: one.aged });
        let List { items, next } = List::newest(clients.collect(), limit, |one: &AgedClient| one.id.0);
        Ok::<_, Error>(AgingReport { today: report.today, currency, total: report.total, items, next })
    });
    Ok(web::Json(report.await?))
}

/// Something that waits to be charged.
#[derive(Serialize, ToSchema)]
#[schema(as = ToCharge)]
#[serde(rename_all = "camelCase")]
pub struct ToCharge {
    client: Person,
    clinician: Person,
    appointment: AppointmentId,
    starts_at: DateTime<Utc>,
    minutes: i32,
    /// A fee that the client agreed to for giving the appointment up late.
    is_late_fee: bool,
    /// By the fee schedule, or as it was agreed to, in minor units; null: nobody decided yet.
    amount: Option<Amount>,
    /// Of the fee schedule.
    code: Option<String>,
    description: Option<String>,
    currency: Currency,
}

/// How many charges were made.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeCharges)]
pub struct Made {
    made: usize,
}

/// What waits to be charged, oldest first.
pub async fn to_charge(
    caller: EhrPrincipal,
    page: web::Query<PageQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ToCharge>>> {
    caller.require(Permission::ManageBilling)?;
    let (limit, after) = page.read()?;
    let after = after.map(|After { last_entry_at, thread }| Place { starts_at: last_entry_at, id: thread.0 });
    let mut conn = pool.get().await?;
    let list = conn.transaction(async |conn| {
        let access = access::of_practice(caller.viewer())?;
        let settings = settings::find(conn, access.practice()).await?.settings;
        let due = to_charge::list(conn, &access, after, limit + 1, services.clock.now()).await?;
        let List { items: due, next } = List::from_one_more(due, limit, |due| {
            let Place { starts_at, id } = due.place();
            After { last_entry_at: starts_at, thread: ThreadId(id) }
        });
        let users: Vec<UserId> = due.iter().flat_map(|due| [due.client, due.clinician]).collect();
        let people = people::find_people(conn, access.practice(), &users).await?;
        let actor = caller.actor();
        let clients = due.iter().map(|due| due.client).collect();
        calls::listed(conn, &actor, "billingToCharge.listed", clients).await?;
        let items = due.into_iter().map(|due| shown(due, &people, &settings)).collect::<Result<Vec<_>>>()?;
        Ok::<_, Error>(List { items, next })
    });
    Ok(web::Json(list.await?))
}

fn shown(due: Due, people: &HashMap<UserId, Person>, settings: &settings::Settings) -> Result<ToCharge> {
    let person = |id| people.get(&id).cloned().ok_or(Error::NotFound);
    let fee: Option<&Fee> = fee_for(&settings.fees, due.minutes).filter(|_| due.late_fee.is_none());
    let agreed = due.late_fee.as_ref().filter(|(_, _, currency)| currency == settings.currency.as_str());
    Ok(ToCharge {
        client: person(due.client)?,
        clinician: person(due.clinician)?,
        appointment: due.appointment,
        starts_at: due.starts_at,
        minutes: due.minutes,
        is_late_fee: due.late_fee.is_some(),
        amount: agreed.map(|(_, amount, _)| *amount).or(fee.map(|fee| fee.amount)),
        code: fee.map(|fee| fee.code.clone()),
        description: fee.map(|fee| fee.description.clone()),
        currency: settings.currency,
    })
}

/// Charges all of it whose amount is known.
pub async fn charge_all(
    caller: EhrPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Made>> {
    caller.require(Permission::ManageBilling)?;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let access = access::of_practice(caller.viewer())?;
        let (actor, now) = (caller.actor(), services.clock.now());
        let made = to_charge::from_completed_appointments(&mut conn, &services.keyring, &access, &actor, now).await?;
        let event = Event::new(&actor, "billingToCharge.charged").with(json!({"count": made}));
        audit::record(&mut conn, event).await?;
        Ok(web::Json(Made { made }))
    })
    .await
}

/// The ledger for spreadsheets.
pub async fn export(
    caller: EhrPrincipal,
    days: web::Query<Days>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Spreadsheet> {
    caller.require(Permission::ManageBilling)?;
    let (from, until) = days.both()?;
    let mut conn = pool.get().await?;
    let content = conn.transaction(async |conn| {
        let access = access::of_practice(caller.viewer())?;
        export::ledger(conn, &services.keyring, &access, &caller.actor(), (from, until)).await
    });
    Ok(Spreadsheet { name: format!("ledger-{from}-{until}.csv"), content: content.await? })
}
