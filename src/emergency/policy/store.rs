//! Which policy a practice goes by. A policy is written once and never changed: who wants another adds a version.

use super::plan::Plan;
use crate::{
    db,
    error::Result,
    ids::{PolicyId, PracticeId},
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::ops::Deref;
use utoipa::ToSchema;

/// Versions that are shown; older ones stay in the store.
const HISTORY: i64 = 50;

/// A plan that is, or was, on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// None: the built-in one.
    pub id: Option<PolicyId>,
    /// 0: the built-in one.
    pub version: i32,
    pub plan: Plan,
}

impl Policy {
    /// The one that needs no row.
    pub fn built_in() -> Self {
        Self { id: None, version: 0, plan: Plan::built_in() }
    }
}

impl Deref for Policy {
    type Target = Plan;
    fn deref(&self) -> &Plan {
        &self.plan
    }
}

/// The policy that is on.
pub async fn active(conn: &mut AsyncPgConnection, practice: PracticeId) -> Result<Policy> {
    let row: Option<Row> = db::statement(
        "SELECT id, version, plan FROM escalation_policies WHERE practice_id = $1 ORDER BY version DESC LIMIT 1",
    )
    .bind::<sql::Uuid, _>(practice)
    .get_result(conn)
    .await
    .optional()?;
    row.map_or_else(|| Ok(Policy::built_in()), Row::read)
}

/// The policy that an escalation was raised under.
///
/// # Errors
/// `NotFound` for one that the practice never had.
pub async fn find(conn: &mut AsyncPgConnection, practice: PracticeId, policy: Option<PolicyId>) -> Result<Policy> {
    let Some(id) = policy else { return Ok(Policy::built_in()) };
    let row: Row =
        db::statement("SELECT id, version, plan FROM escalation_policies WHERE id = $1 AND practice_id = $2")
            .bind::<sql::Uuid, _>(id)
            .bind::<sql::Uuid, _>(practice)
            .get_result(conn)
            .await?;
    row.read()
}

/// A version that is, or was, on.
#[derive(Clone, Debug, Serialize, QueryableByName, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EscalationPolicyVersion)]
pub struct Version {
    #[diesel(sql_type = sql::Integer)]
    pub version: i32,
    #[diesel(sql_type = sql::Timestamptz)]
    pub switched_on_at: DateTime<Utc>,
    /// Null: the hub itself.
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub switched_on_by: Option<String>,
    #[diesel(sql_type = sql::Jsonb)]
    #[schema(value_type = Plan)]
    pub plan: serde_json::Value,
}

/// The newest versions, the newest first.
pub async fn history(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<Vec<Version>> {
    db::statement(
        "SELECT p.version, p.switched_on_at, u.name AS switched_on_by, p.plan FROM escalation_policies p
        LEFT JOIN users u ON u.id = p.switched_on_by WHERE p.practice_id = $1 ORDER BY p.version DESC LIMIT $2",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::BigInt, _>(HISTORY)
    .load(conn)
    .await
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: PolicyId,
    #[diesel(sql_type = sql::Integer)]
    version: i32,
    #[diesel(sql_type = sql::Jsonb)]
    plan: serde_json::Value,
}

impl Row {
    fn read(self) -> Result<Policy> {
        let plan = serde_json::from_value(self.plan).context("a stored escalation policy")?;
        Ok(Policy { id: Some(self.id), version: self.version, plan })
    }
}
