//! `GET ehr/assessments/instruments`, `POST ehr/clients/{client}/assessments`,
//! `GET|DELETE ehr/clients/{client}/assessment-plans`: assigning instruments to clients whom one looks after.

use crate::{
    accounts::{
        Permission,
        access::{ClientAccess, find_client_access},
    },
    app::Services,
    assessments::{
        instruments::{self, Instrument},
        model::Plan,
        plans::{self, Assigning},
        recurrence::Recurrence,
    },
    audit,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{NoContent, Stored},
        detached,
        idempotency::IdempotencyKey,
        json::Body,
        page::List,
        principal::EhrPrincipal,
    },
    ids::{AssessmentPlanId, EntryId, UserId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const DUE_DAYS: u16 = 7;
const MOST_DUE_DAYS: u16 = 90;

/// What can be assigned.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssessmentInstrument)]
pub struct InstrumentShown {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    /// The most items that it asks.
    items: usize,
    /// In which it is asked, ISO 639-1.
    languages: Vec<&'static str>,
    attribution: &'static str,
    sources: &'static [&'static str],
    /// Some answers of it raise an emergency.
    raises: bool,
}

/// What is to be assigned.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssessmentToAssign)]
pub struct ToAssign {
    /// Chosen by the caller, so that the same twice is one assignment; else the `Idempotency-Key`.
    id: Option<EntryId>,
    /// Such as `phq-9`.
    instrument: String,
    recurrence: Recurrence,
    /// Days to answer, 1 to 90; 7 where nothing is said. Before appointments, until they begin.
    due_in_days: Option<u16>,
}

/// An instrument that is assigned.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssessmentPlan)]
pub struct PlanShown {
    id: AssessmentPlanId,
    instrument: &'static str,
    name: &'static str,
    recurrence: Recurrence,
    due_in_days: i16,
    assigned_by: String,
    assigned_at: DateTime<Utc>,
    /// When it is asked for again; null: not by the clock.
    next_at: Option<DateTime<Utc>>,
    /// Null: it goes on.
    ended_at: Option<DateTime<Utc>>,
}

impl From<&'static Instrument> for InstrumentShown {
    fn from(instrument: &'static Instrument) -> Self {
        Self {
            id: instrument.id,
            name: instrument.name,
            version: instrument.version,
            items: instrument.items.len(),
            languages: instrument.wordings.iter().map(|wording| wording.language).collect(),
            attribution: instrument.attribution,
            sources: instrument.sources,
            raises: instrument.items.iter().any(|item| item.danger.is_some()),
        }
    }
}

impl From<Plan> for PlanShown {
    fn from(plan: Plan) -> Self {
        Self {
            id: plan.id,
            instrument: plan.instrument.id,
            name: plan.instrument.name,
            recurrence: plan.recurrence,
            due_in_days: plan.due_days,
            assigned_by: plan.made_by,
            assigned_at: plan.made_at,
            next_at: plan.next_at,
            ended_at: plan.ended_at,
        }
    }
}

/// The newest version of each.
pub async fn instruments(caller: EhrPrincipal) -> Result<web::Json<List<InstrumentShown>>> {
    caller.require(Permission::WorkAssessments)?;
    let newest =
        |one: &&&'static Instrument| instruments::current(one.id).is_some_and(|last| last.version == one.version);
    Ok(web::Json(List::whole(instruments::ALL.iter().filter(newest).map(|one| (*one).into()).collect())))
}

/// Assigns one.
pub async fn assign(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    key: IdempotencyKey,
    input: Body<ToAssign>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<PlanShown>> {
    caller.require(Permission::WorkAssessments)?;
    let ToAssign { id, instrument, recurrence, due_in_days } = input.0;
    let instrument = instruments::current(&instrument)
        .ok_or_else(|| Error::field("/instrument", "There is no such instrument: see the list of instruments."))?;
    recurrence.check()?;
    let due_days = due_in_days.unwrap_or(DUE_DAYS);
    if !(1..=MOST_DUE_DAYS).contains(&due_days) {
        return Err(Error::field("/dueInDays", "Choose from 1 to 90 days."));
    }
    let due_days = i16::try_from(due_days).map_err(anyhow::Error::from)?;
    let id = AssessmentPlanId(key.or_given(id).0);
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let access = find(&mut conn, &caller, *client).await?;
        let assigning = Assigning { id, instrument, recurrence, due_days };
        let now = services.clock.now();
        let (plan, repeated) = plans::assign(&mut conn, &access, &caller.actor(), assigning, now).await?;
        Ok(Stored { repeated, content: plan.into() })
    })
    .await
}

/// What is assigned to a client.
pub async fn list(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<PlanShown>>> {
    caller.require(Permission::WorkAssessments)?;
    let mut conn = pool.get().await?;
    let access = find(&mut conn, &caller, *client).await?;
    let found = plans::list(&mut conn, &access).await?;
    audit::record(&mut conn, access.event(&caller.actor(), "assessmentPlans.viewed")).await?;
    Ok(web::Json(List::whole(found.into_iter().map(PlanShown::from).collect())))
}

/// Ends one.
pub async fn end(
    caller: EhrPrincipal,
    path: web::Path<(UserId, AssessmentPlanId)>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    caller.require(Permission::WorkAssessments)?;
    let (client, plan) = path.into_inner();
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let access = find(&mut conn, &caller, client).await?;
        plans::end(&mut conn, &access, &caller.actor(), plan, services.clock.now()).await
    })
    .await?;
    Ok(NoContent)
}

async fn find(conn: &mut AsyncPgConnection, caller: &EhrPrincipal, client: UserId) -> Result<ClientAccess> {
    find_client_access(conn, caller.viewer(), client).await?.ok_or(Error::NotFound)
}
