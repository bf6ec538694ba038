//! `GET portal/billing/charges`: what one is asked to pay for, and what of it is paid.

use crate::{
    accounts::people,
    app::Services,
    billing::{
        access::ClientBilling,
        account,
        charges::{self, Charge},
        http::calls,
        money::{Amount, Currency},
        settle::Settled,
    },
    db::Pool,
    error::Result,
    http::{
        page::{List, NewestQuery},
        principal::PortalPrincipal,
    },
    ids::{ChargeId, InvoiceId, UserId},
};
use actix_web::web;
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use utoipa::ToSchema;

/// How far a charge is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = OwnChargeState)]
#[serde(rename_all = "camelCase")]
enum State {
    Open,
    PartlyPaid,
    Paid,
    /// The practice took it back.
    Void,
}

impl State {
    fn of(amount: Amount, open: Amount, is_void: bool) -> Self {
        match open {
            _ if is_void => Self::Void,
            open if !open.is_positive() => Self::Paid,
            open if open < amount => Self::PartlyPaid,
            _ => Self::Open,
        }
    }
}

/// A charge on one's account. What it was given for, as a diagnosis, is on superbills alone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnCharge)]
pub struct Shown {
    id: ChargeId,
    /// Of the service, in the practice's calendar.
    on: NaiveDate,
    kind: charges::Kind,
    /// CPT or HCPCS.
    code: Option<String>,
    description: Option<String>,
    /// Their name.
    clinician: Option<String>,
    units: i32,
    amount: Amount,
    /// What is unpaid of it.
    open: Amount,
    currency: Currency,
    state: State,
    invoice: Option<InvoiceId>,
}

fn one(charge: Charge, settled: &Settled, clinician: Option<String>) -> Shown {
    let is_void = charge.voided_at.is_some();
    let open = settled.open_of(charge.id.0).unwrap_or_default();
    let (code, description) = charge.words.map(|words| (words.code, words.description)).unzip();
    Shown {
        id: charge.id,
        on: charge.service_on,
        kind: charge.kind,
        code: code.flatten(),
        description,
        clinician,
        units: charge.units,
        amount: charge.amount,
        open,
        currency: charge.currency,
        state: State::of(charge.amount, open, is_void),
        invoice: charge.invoice,
    }
}

/// Charges as their client is shown them, in their order.
pub(super) async fn shown(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    found: Vec<Charge>,
) -> Result<Vec<Shown>> {
    let settled = account::of(conn, access.client()).await?;
    let who: Vec<UserId> = found.iter().filter_map(|charge| charge.clinician).collect();
    let people = people::find_people(conn, access.practice(), &who).await?;
    let name = |charge: &Charge| charge.clinician.and_then(|id| people.get(&id)).map(|person| person.name.clone());
    let named = found.into_iter().map(|charge| (name(&charge), charge));
    Ok(named.map(|(name, charge)| one(charge, &settled, name)).collect())
}

/// One's own, the newest first.
pub async fn list(
    caller: PortalPrincipal,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Shown>>> {
    let listed = (&*query, "charges.listed");
    calls::page(
        &pool,
        &caller,
        caller.user_id,
        listed,
        |one: &Shown| one.id.0,
        |conn, access, (before, limit)| {
            Box::pin(async move {
                let found = charges::list(conn, &services.keyring, &access, before, limit).await?;
                shown(conn, &access, found).await
            })
        },
    )
    .await
}
