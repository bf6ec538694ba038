//! Looking up the people of a practice: clients to open a thread with, colleagues to hand one to. A client is
//! somebody's own who is in the client's care team or takes part in one of the client's threads.

use super::{
    Permission,
    access::Viewer,
    model::{Person, Role},
    store,
};
use crate::{
    ids::{PracticeId, UserId},
    schema::users,
};
use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// The most people that one lookup returns.
const MOST: i64 = 200;

/// Which clients are looked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Reach {
    /// The viewer's own; for whoever reaches all clients, all.
    #[default]
    Own,
    /// The practice's.
    Practice,
}

/// A client as they are found.
#[derive(Clone, Debug, Serialize, QueryableByName, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FoundClient {
    #[diesel(sql_type = sql::Uuid)]
    pub id: UserId,
    #[diesel(sql_type = sql::Text)]
    pub name: String,
    /// The viewer's own.
    #[diesel(sql_type = sql::Bool)]
    pub own: bool,
    /// Until when the viewer has emergency access.
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub emergency_until: Option<DateTime<Utc>>,
}

/// A viewer's own clients, as SQL over `c`; `$1` is the viewer.
macro_rules! own {
    () => {
        "(EXISTS (SELECT FROM client_care k WHERE k.client_id = c.id AND k.user_id = $1)
            OR EXISTS (SELECT FROM threads t JOIN participants p ON p.thread_id = t.id
                WHERE t.client_id = c.id AND p.user_id = $1 AND p.left_at IS NULL))"
    };
}

/// Clients whose name holds `part`, by name.
pub async fn find_clients(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    reach: Reach,
    part: &str,
) -> QueryResult<Vec<FoundClient>> {
    // PostgreSQL takes no NUL in a text, and no name holds one.
    if part.contains('\0') {
        return Ok(Vec::new());
    }
    crate::db::statement(concat!(
        "SELECT * FROM (
            SELECT c.id, c.name, ",
        own!(),
        " AS own, (SELECT max(b.expires_at) FROM break_glass b
                WHERE b.client_id = c.id AND b.user_id = $1 AND b.expires_at > now()) AS emergency_until
            FROM users c
            WHERE c.practice_id = $2 AND c.role = 'client' AND c.status = 'active' AND c.name ILIKE $3
        ) found WHERE own OR $4 ORDER BY name, id LIMIT $5"
    ))
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Uuid, _>(viewer.practice)
    .bind::<sql::Text, _>(containing(part))
    .bind::<sql::Bool, _>(reach == Reach::Practice || viewer.role.grants(Permission::ReachAllClients))
    .bind::<sql::BigInt, _>(MOST)
    .load(conn)
    .await
}

/// Whether the viewer may write to this client: themselves, one of their own, or any of their practice where the role
/// reaches all.
pub async fn may_write_to(conn: &mut AsyncPgConnection, viewer: Viewer, client: UserId) -> QueryResult<bool> {
    if viewer.role == Role::Client {
        return Ok(viewer.user == client);
    }
    let found = crate::db::statement(concat!(
        "SELECT FROM users c
        WHERE c.id = $2 AND c.practice_id = $3 AND c.role = 'client' AND c.status = 'active' AND ($4 OR ",
        own!(),
        ")"
    ))
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(viewer.practice)
    .bind::<sql::Bool, _>(viewer.role.grants(Permission::ReachAllClients))
    .execute(conn)
    .await?;
    Ok(found == 1)
}

/// Everybody who works for the practice, by name.
pub async fn find_colleagues(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<Vec<Person>> {
    let rows = of_practice(practice)
        .filter(users::role.ne("client"))
        .order((users::name, users::id))
        .limit(MOST)
        .load(conn)
        .await?;
    people(rows)
}

/// The active user of the practice with this id.
pub async fn find_person(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    user: UserId,
) -> QueryResult<Option<Person>> {
    let row = of_practice(practice).filter(users::id.eq(user)).first(conn).await.optional()?;
    Ok(people(row.into_iter().collect())?.pop())
}

/// Those of the practice among `users`, with the names that they have now; also who can no longer sign in.
pub async fn find_people(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    users: &[UserId],
) -> QueryResult<HashMap<UserId, Person>> {
    let rows = users::table
        .select((users::id, users::name, users::role))
        .filter(users::practice_id.eq(practice))
        .filter(users::id.eq_any(users.iter().map(|user| user.0)))
        .load(conn)
        .await?;
    Ok(people(rows)?.into_iter().map(|person| (person.id, person)).collect())
}

type Row = (UserId, String, String);

fn of_practice(practice: PracticeId) -> users::BoxedQuery<'static, Pg, (sql::Uuid, sql::Text, sql::Text)> {
    users::table
        .select((users::id, users::name, users::role))
        .filter(users::practice_id.eq(practice))
        .filter(users::status.eq("active"))
        .into_boxed()
}

fn people(rows: Vec<Row>) -> QueryResult<Vec<Person>> {
    rows.into_iter()
        .map(|(id, name, role)| Ok(Person { id, name, role: Role::parse(&role).ok_or_else(store::unknown_role)? }))
        .collect()
}

/// A LIKE pattern for names that hold `part` as it is written.
pub(super) fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.trim().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_of_like_stand_for_themselves() {
        assert_eq!(containing(" 50%_\\ "), "%50\\%\\_\\\\%");
        assert_eq!(containing(""), "%%");
    }
}
