//! A person with their practice, as they see themselves.

use super::{model::Role, store};
use crate::{
    ids::{PracticeId, UserId},
    schema::{practices, users},
};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;

/// A practice.
#[derive(Clone, Debug, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = practices)]
#[serde(rename_all = "camelCase")]
pub struct Practice {
    pub id: PracticeId,
    pub name: String,
    /// IANA name.
    pub time_zone: String,
}

/// A person's own record.
#[derive(Clone, Debug)]
pub struct Profile {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    pub email: String,
    /// IANA name.
    pub time_zone: String,
    pub practice: Practice,
}

/// The record of this user.
pub async fn find_profile(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Option<Profile>> {
    let row: Option<(UserId, String, String, String, String, Practice)> = users::table
        .inner_join(practices::table)
        .filter(users::id.eq(user))
        .select((users::id, users::name, users::role, users::email, users::time_zone, Practice::as_select()))
        .first(conn)
        .await
        .optional()?;
    let Some((id, name, role, email, time_zone, practice)) = row else { return Ok(None) };
    let role = Role::parse(&role).ok_or_else(store::unknown_role)?;
    Ok(Some(Profile { id, name, role, email, time_zone, practice }))
}
