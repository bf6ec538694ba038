//! Which policy a practice goes by. A policy is written once and never changed: who wants another adds a version.

use super::plan::Plan;
use crate::{
    db,
    error::Result,
    ids::{PolicyId, PracticeId},
};
use anyhow::Context;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::ops::Deref;

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
