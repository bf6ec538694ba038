//! `GET|PUT admin/retention`.

use crate::{
    accounts::Permission,
    db::Pool,
    error::{Error, Result},
    http::{detached, json::Body, page::List, principal::AdminPrincipal},
    ids::PracticeId,
    privacy::retention::{self, RetentionKind, Rule},
};
use actix_web::web;
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;

/// A hundred years: more is a slip.
const MOST_DAYS: i32 = 36_500;

/// How long something is kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetentionRule {
    kind: RetentionKind,
    /// Null: for ever.
    days: Option<i32>,
    /// No rule may be shorter.
    least_days: i32,
}

/// A rule as it shall be.
#[derive(Deserialize, ToSchema)]
pub struct ChangedRule {
    kind: RetentionKind,
    /// Null: for ever.
    #[serde(deserialize_with = "Option::deserialize")]
    days: Option<i32>,
}

/// Those that change; the others stay.
#[derive(Deserialize, ToSchema)]
pub struct ChangedRules {
    rules: Vec<ChangedRule>,
}

async fn all(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<web::Json<List<RetentionRule>>> {
    let rule = |Rule { kind, days }| RetentionRule { kind, days, least_days: kind.least_days() };
    Ok(web::Json(List::whole(retention::rules(conn, practice).await?.into_iter().map(rule).collect())))
}

/// The practice's rules.
pub async fn show(caller: AdminPrincipal, pool: web::Data<Pool>) -> Result<web::Json<List<RetentionRule>>> {
    caller.require(Permission::ManagePrivacy)?;
    all(&mut *pool.get().await?, caller.practice_id).await
}

/// Changes some of them.
pub async fn change(
    caller: AdminPrincipal,
    input: Body<ChangedRules>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<RetentionRule>>> {
    caller.require(Permission::ManagePrivacy)?;
    caller.require_recent()?;
    let mut kinds = HashSet::new();
    for (at, rule) in input.0.rules.iter().enumerate() {
        let least = rule.kind.least_days();
        if rule.days.is_some_and(|days| !(least..=MOST_DAYS).contains(&days)) {
            let message = format!("Between {least} and {MOST_DAYS} days, or null to keep it for ever.");
            return Err(Error::field(&format!("/rules/{at}/days"), message));
        }
        if !kinds.insert(rule.kind) {
            return Err(Error::field(&format!("/rules/{at}/kind"), "There are two rules of this kind: leave one."));
        }
    }
    detached::to_the_end(async move {
        let rules: Vec<Rule> = input.0.rules.iter().map(|rule| Rule { kind: rule.kind, days: rule.days }).collect();
        let mut conn = pool.get().await?;
        retention::change(&mut conn, &caller.actor(), caller.practice_id, &rules).await?;
        all(&mut conn, caller.practice_id).await
    })
    .await
}
