//! `GET portal/billing/charges`: what one is asked to pay for, and what of it is paid.

use crate::{
    accounts::people,
    app::Services,
    audit,
    billing::{
        access, account,
        charges::{self, Charge},
        money::{Amount, Currency},
        settle::Settled,
    },
    db::Pool,
    error::{Error, Result},
    http::{
        page::{List, NewestQuery},
        principal::PortalPrincipal,
    },
    ids::{ChargeId, InvoiceId, UserId},
};
use actix_web::web;
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;
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

fn shown(charge: Charge, settled: &Settled, clinician: Option<String>) -> Shown {
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

/// One's own, the newest first.
pub async fn list(
    caller: PortalPrincipal,
    page: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Shown>>> {
    let (limit, before) = page.read()?;
    let actor = caller.actor();
    let mut conn = pool.get().await?;
    let list = conn
        .build_transaction()
        .repeatable_read()
        .run(async |conn| {
            let access = access::of_client(conn, caller.viewer(), caller.user_id).await?;
            let found = charges::list(conn, &services.keyring, &access, before, limit + 1).await?;
            let settled = account::of(conn, access.client()).await?;
            let who: Vec<UserId> = found.iter().filter_map(|charge| charge.clinician).collect();
            let people = people::find_people(conn, access.practice(), &who).await?;
            let name =
                |charge: &Charge| charge.clinician.and_then(|id| people.get(&id)).map(|person| person.name.clone());
            let items = found.into_iter().map(|charge| (name(&charge), charge));
            let items: Vec<Shown> = items.map(|(name, charge)| shown(charge, &settled, name)).collect();
            let list = List::newest(items, limit, |charge| charge.id.0);
            let event = access.event(&actor, "charges.listed").with(json!({"count": list.items.len()}));
            audit::record(conn, event).await?;
            Ok::<_, Error>(list)
        })
        .await?;
    Ok(web::Json(list))
}
