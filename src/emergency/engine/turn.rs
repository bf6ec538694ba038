//! One transition of one escalation: the row, its pages, their outbox rows and the audit row, in one transaction. Whoever
//! has the row's lock makes it; who comes second finds that it is made.

use super::{Engine, resort};
use crate::{
    audit::{self, Actor},
    db,
    emergency::{
        course::{Course, Effect, Happened, Transition},
        model::{Escalation, State},
        pages::Call,
        policy::{self, Policy},
        reach, store,
    },
    error::Result,
    ids::EscalationId,
    notify::Channel,
};
use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// Nobody's lock is waited for longer: the next look tries again.
const LOCK_PATIENCE: &str = "SET LOCAL lock_timeout = '2s'";

/// Takes the turn that is due, if it is still due; false when there was nothing to do.
pub async fn take(engine: &Engine, conn: &mut AsyncPgConnection, id: EscalationId) -> Result<bool> {
    conn.transaction(async |conn| {
        db::statement(LOCK_PATIENCE).execute(conn).await?;
        let Some(escalation) = store::lock_if_free(conn, id).await? else { return Ok(false) };
        // Asked after the lock: what was waited for is past.
        let now = store::now(conn, &engine.clock).await?;
        let policy = policy_of(conn, &escalation).await?;
        let facts = store::facts(conn, &escalation).await?;
        let lost = replace_lost(engine, conn, &escalation, &policy, now).await?;
        let happened = if lost { Happened::NobodyReached(facts) } else { Happened::Time(facts) };
        // What people do alone is refused.
        let Ok(Some(transition)) = escalation.course.advance(&policy, happened, now) else { return Ok(lost) };
        carry_out(engine, conn, &escalation, &policy, transition, now).await?;
        Ok(true)
    })
    .await
}

/// It goes on by the policy that it was raised under. One that cannot be read calls nobody, so that the built-in one does.
async fn policy_of(conn: &mut AsyncPgConnection, escalation: &Escalation) -> Result<Policy> {
    let found = conn
        .transaction(async |conn| match escalation.course.state {
            State::Raised => policy::active(conn, escalation.practice).await,
            _ => policy::find(conn, escalation.practice, escalation.policy).await,
        })
        .await;
    Ok(found.unwrap_or_else(|error| {
        tracing::error!(escalation = %escalation.id, ?error, "the escalation policy cannot be read; going by the built-in one");
        Policy::built_in()
    }))
}

/// Pages that were lost are replaced by other ways at once. True: none of the step is left.
async fn replace_lost(
    engine: &Engine,
    conn: &mut AsyncPgConnection,
    escalation: &Escalation,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<bool> {
    let course = &escalation.course;
    let people = match (course.state, course.handed_to) {
        (State::Paging, _) => people(conn, escalation, policy, course, now).await,
        (State::Acknowledged, Some(to)) => reach::ways(conn, escalation.practice, &[to]).await.unwrap_or_default(),
        _ => return Ok(false),
    };
    let call = Call { keyring: &engine.keyring, escalation, course, now };
    let lost = call.replace_lost(conn, &people).await?;
    Ok(lost.any && !lost.left && course.state == State::Paging)
}

/// The people of the step. Who cannot be found out is nobody: the next step follows at once.
async fn people(
    conn: &mut AsyncPgConnection,
    escalation: &Escalation,
    policy: &Policy,
    course: &Course,
    now: DateTime<Utc>,
) -> Vec<reach::Reachable> {
    let Some(step) = policy.steps.get(course.step) else { return Vec::new() };
    let found = conn
        .transaction(async |conn| {
            let concerned = (escalation.thread, escalation.client);
            reach::people(conn, escalation.practice, step.target, concerned, now).await
        })
        .await;
    found.unwrap_or_else(|error| {
        tracing::error!(escalation = %escalation.id, ?error, "the people of a step cannot be found out");
        Vec::new()
    })
}

async fn carry_out(
    engine: &Engine,
    conn: &mut AsyncPgConnection,
    escalation: &Escalation,
    policy: &Policy,
    transition: Transition,
    now: DateTime<Utc>,
) -> Result<()> {
    let Transition { mut course, effect, action } = transition;
    if let Some(action) = action {
        let hub = Actor::hub();
        let detail = json!({"step": course.step, "round": course.round});
        audit::record(conn, escalation.event(&hub, action).with(detail)).await?;
    }
    match effect {
        Effect::Page => {
            let people = people(conn, escalation, policy, &course, now).await;
            let channels: &[Channel] = policy.steps.get(course.step).map_or(&[], |step| &step.channels);
            let call = Call { keyring: &engine.keyring, escalation, course: &course, now };
            let reached = call.people(conn, &people, channels).await?;
            if reached > 0 {
                course = course.with_time_to_acknowledge(policy, now);
            } else {
                nobody_there(conn, escalation, &course, people.is_empty()).await?;
            }
        }
        Effect::LastResort => resort::reach(engine, conn, escalation, policy, now).await?,
        // These follow from what people do.
        Effect::Nothing | Effect::Cancel | Effect::PageOne(_) => {}
    }
    store::write(conn, escalation, &course, policy.id).await?;
    Ok(())
}

/// An alarm of its own; the next step follows at once, for this one is still due.
async fn nobody_there(
    conn: &mut AsyncPgConnection,
    escalation: &Escalation,
    course: &Course,
    nobody: bool,
) -> Result<()> {
    metrics::counter!("carehub_escalation_steps_empty_total").increment(1);
    tracing::error!(escalation = %escalation.id, step = course.step, "a step of an escalation reaches nobody");
    let hub = Actor::hub();
    let action = if nobody { "escalation.nobodyOnDuty" } else { "escalation.nobodyReachable" };
    let detail = json!({"step": course.step, "round": course.round});
    audit::record(conn, escalation.event(&hub, action).with(detail)).await?;
    Ok(())
}
