//! Switching a plan on. Refused while it has a hole; written down with who did it.

use super::{
    facts, hole,
    plan::Plan,
    store::{self, Policy},
};
use crate::{
    audit::{self, Event},
    db,
    emergency::{reach, rota::change::Change},
    error::{Error, Result},
    ids::{PolicyId, PracticeId},
    notify::Channel,
};
use anyhow::Context;
use diesel::sql_types as sql;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use std::collections::BTreeSet;

/// Puts a plan in place of the policy with this version (0: the built-in one).
///
/// # Errors
/// `Invalid` for fields out of bounds; `Conflict` when somebody switched on another meanwhile, and, with `holes`, when
/// the plan would reach nobody at some time of the next 30 days.
pub async fn switch_on(
    conn: &mut AsyncPgConnection,
    change: Change<'_>,
    plan: &Plan,
    version: i32,
    configured: BTreeSet<Channel>,
) -> Result<Policy> {
    let errors = plan.field_errors();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let Change { actor, practice, now } = change;
    conn.transaction(async |conn| {
        // One at a time.
        db::statement("SELECT FROM practices WHERE id = $1 FOR NO KEY UPDATE")
            .bind::<sql::Uuid, _>(practice)
            .execute(conn)
            .await?;
        if store::active(conn, practice).await?.version != version {
            return Err(Error::conflict(
                "A colleague switched on another policy meanwhile. Look at it, then change it again.",
            ));
        }
        who_answers(conn, practice, plan).await?;
        let facts = facts::read(conn, practice, facts::ahead(now), configured).await?;
        let holes = hole::holes(plan, &facts);
        if !holes.is_empty() {
            return Err(Error::Conflict {
                detail: "This policy would reach nobody at some time: mend the holes first.",
                extra: [("holes".to_owned(), json!(holes))].into_iter().collect(),
            });
        }
        let (id, stored) = (PolicyId::new(), serde_json::to_value(plan).context("an escalation policy")?);
        db::statement(
            "INSERT INTO escalation_policies (id, practice_id, version, plan, switched_on_by, switched_on_at)
            VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Integer, _>(version + 1)
        .bind::<sql::Jsonb, _>(stored)
        .bind::<sql::Nullable<sql::Uuid>, _>(actor.user)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
        let detail = json!({"version": version + 1, "steps": plan.steps.len(), "rounds": plan.rounds});
        let event = Event::new(actor, "escalationPolicy.switchedOn").in_practice(practice);
        audit::record(conn, event.on("escalationPolicy", id).with(detail)).await?;
        Ok(Policy { id: Some(id), version: version + 1, plan: plan.clone() })
    })
    .await
}

/// Whoever answers the practice's telephone takes emergencies, and so works here.
async fn who_answers(conn: &mut AsyncPgConnection, practice: PracticeId, plan: &Plan) -> Result<()> {
    let Some(user) = plan.last_resort.answered_by else { return Ok(()) };
    match reach::ways(conn, practice, &[user]).await?.is_empty() {
        true => Err(Error::field("/lastResort/answeredBy", "Choose somebody who works for your practice.")),
        false => Ok(()),
    }
}
