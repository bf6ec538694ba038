//! `GET|POST portal/payments/plans`, `GET portal/payments/plans/schedule`, `DELETE portal/payments/plans/{plan}`: paying in
//! parts.

use crate::{
    app::Services,
    audit,
    billing::{
        access,
        http::calls::{self, Noted, Whose},
        ledger,
        money::{Amount, Currency},
        papers::{head, receipt},
        planned::{Planned, State},
        plans::{
            self, Ended, Plan,
            schedule::{Part, Rhythm},
            store::{self, Agreed, Wish},
        },
    },
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{NoContent, Stored},
        detached,
        idempotency::IdempotencyKey,
        json::Body,
        page::List,
        principal::PortalPrincipal,
        when,
    },
    ids::{EntryId, PaymentPlanId},
};
use actix_web::web;
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// `?parts=&rhythm=&firstDueOn=`.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleQuery {
    #[param(minimum = 2, maximum = 24)]
    parts: Option<u16>,
    #[param(inline)]
    rhythm: Option<Rhythm>,
    #[serde(default, deserialize_with = "when::maybe")]
    first_due_on: Option<NaiveDate>,
}

impl ScheduleQuery {
    /// All have to be named; that one is missing is told after who asks is known.
    fn wish(&self) -> Result<Wish> {
        Ok(Wish {
            parts: self.parts.ok_or_else(|| Error::field("/parts", "Say in how many parts."))?,
            rhythm: self.rhythm.ok_or_else(|| Error::field("/rhythm", "Say how often."))?,
            first_due_on: self.first_due_on.ok_or_else(|| Error::field("/firstDueOn", "Say when to begin."))?,
        })
    }
}

/// What would be taken when.
#[derive(Serialize, ToSchema)]
#[schema(as = PaymentSchedule)]
pub struct Schedule {
    total: Amount,
    currency: Currency,
    parts: Vec<PlainPart>,
    /// What beginning the plan agrees to, in the client's language.
    consent: String,
}

/// A part of a schedule.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ScheduledPart)]
pub struct PlainPart {
    /// From 1 on.
    number: u16,
    /// In the practice's calendar.
    due_on: NaiveDate,
    amount: Amount,
}

/// A plan to begin.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewPaymentPlan)]
pub struct New {
    /// Chosen by the caller, so that sending again begins one plan.
    id: Option<PaymentPlanId>,
    #[schema(minimum = 2, maximum = 24)]
    parts: u16,
    rhythm: Rhythm,
    first_due_on: NaiveDate,
    /// As the schedule said it.
    total: Amount,
    /// Of the saved methods.
    #[schema(max_length = 200)]
    method: String,
    /// As the schedule said it, word for word.
    #[schema(max_length = 2000)]
    consent: String,
}

/// How it stands with a plan.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = PaymentPlanState)]
#[serde(rename_all = "camelCase")]
enum Standing {
    Running,
    /// Every part was taken, was not needed, or was given up.
    Over,
    Cancelled,
}

/// A payment plan.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentPlan)]
pub struct Shown {
    id: PaymentPlanId,
    state: Standing,
    total: Amount,
    currency: Currency,
    rhythm: Rhythm,
    method_name: String,
    /// What was agreed to, word for word.
    consent: String,
    made_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    /// The practice ended it, not the client.
    ended_by_practice: bool,
    parts: Vec<ShownPart>,
}

/// A part of a plan.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentPlanPart)]
pub struct ShownPart {
    #[serde(flatten)]
    part: PlainPart,
    state: State,
    failures: i64,
    /// Of one that failed and is tried again.
    tried_again_at: Option<DateTime<Utc>>,
}

fn plain(part: Part) -> PlainPart {
    let Part { number, due_on, amount } = part;
    PlainPart { number, due_on, amount }
}

/// As both sides are shown it.
pub(in crate::billing::http) fn shown(plan: Plan) -> Shown {
    let part = |(part, Planned { state, try_at, failures, .. }): (Part, Planned)| {
        let again = (state == State::Waiting && failures > 0).then_some(try_at);
        ShownPart { part: plain(part), state, failures, tried_again_at: again }
    };
    let state = match plan.ended {
        None => Standing::Running,
        Some((Ended::Over, _)) => Standing::Over,
        Some((Ended::Cancelled, _)) => Standing::Cancelled,
    };
    Shown {
        id: plan.id,
        state,
        total: plan.total,
        currency: plan.currency,
        rhythm: plan.rhythm,
        method_name: plan.method_name,
        consent: plan.consent,
        made_at: plan.made_at,
        ended_at: plan.ended.map(|(_, at)| at),
        ended_by_practice: plan.reason.is_some(),
        parts: plan.parts.into_iter().map(part).collect(),
    }
}

/// One's plans, the newest first.
pub async fn list(caller: PortalPrincipal, pool: web::Data<Pool>) -> Result<web::Json<List<Shown>>> {
    let list = calls::read(&pool, &caller, Whose::Client(caller.user_id), |conn, access| {
        Box::pin(async move {
            let items: Vec<Shown> = store::list(conn, access.client()).await?.into_iter().map(shown).collect();
            let noted = Noted::new("paymentPlans.listed").with(json!({"count": items.len()}));
            Ok((List::whole(items), noted))
        })
    });
    Ok(web::Json(list.await?))
}

/// What would be taken when, for what is owed now.
pub async fn schedule(
    caller: PortalPrincipal,
    query: web::Query<ScheduleQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Schedule>> {
    let (wish, now) = (query.wish()?, services.clock.now());
    let schedule = calls::read(&pool, &caller, Whose::Client(caller.user_id), move |conn, access| {
        Box::pin(async move {
            let head = head::find(conn, &access, now).await?;
            let (total, parts) = store::propose(conn, access.client(), &wish, head.zone, now).await?;
            let consent = plans::consent(head.tongue, &head.practice);
            let parts = parts.into_iter().map(plain).collect();
            let schedule = Schedule { total, currency: head.currency, parts, consent };
            Ok((schedule, Noted::new("paymentPlan.proposed")))
        })
    });
    Ok(web::Json(schedule.await?))
}

/// Begins one.
pub async fn begin(
    caller: PortalPrincipal,
    key: IdempotencyKey,
    input: Body<New>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Shown>> {
    let New { id, parts, rhythm, first_due_on, total, method, consent } = input.0;
    let id = PaymentPlanId(key.or_given(id.map(|id| EntryId(id.0))).0);
    detached::to_the_end(async move {
        let (actor, now) = (caller.actor(), services.clock.now());
        let access = access::of_client(&mut *pool.get().await?, caller.viewer(), caller.user_id).await?;
        let card = super::chosen(&services, &pool, &access, &method).await?;
        let mut conn = pool.get().await?;
        conn.transaction(async |conn| {
            ledger::lock(conn, access.practice(), access.client()).await?;
            let head = head::find(conn, &access, now).await?;
            if consent != plans::consent(head.tongue, &head.practice) {
                return Err(Error::field(
                    "/consent",
                    "Send back what is agreed to, word for word as the schedule said it.",
                ));
            }
            let agreed = Agreed {
                id,
                wish: Wish { parts, rhythm, first_due_on },
                total,
                method: card.id.clone(),
                method_name: receipt::card(Some(&card.brand), Some(&card.last4), head.tongue),
                consent: consent.clone(),
            };
            let repeated = store::begin(conn, &access, &agreed, (head.currency, head.zone), now).await?;
            if !repeated {
                let event = access.event(&actor, "paymentPlan.begun").on("paymentPlan", id);
                audit::record(conn, event.with(json!({"parts": parts, "total": total}))).await?;
            }
            let plan = store::list(conn, access.client()).await?.into_iter().find(|plan| plan.id == id);
            Ok(Stored { repeated, content: shown(plan.ok_or(Error::NotFound)?) })
        })
        .await
    })
    .await
}

/// Ends one: nothing more is taken for it.
pub async fn cancel(
    caller: PortalPrincipal,
    plan: web::Path<PaymentPlanId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    let id = *plan;
    let cancelled = calls::change(pool, caller, Whose::Plan(id), move |conn, access| {
        Box::pin(async move {
            store::cancel(conn, &access, id, None, services.clock.now()).await?;
            Ok((NoContent, Some(Noted::new("paymentPlan.cancelled").on("paymentPlan", id))))
        })
    });
    Ok(cancelled.await?.content)
}
