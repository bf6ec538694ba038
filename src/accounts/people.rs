//! Looking up the people of a practice: clients to open a thread with, colleagues to hand one to.

use super::{
    model::{Person, Role},
    store,
};
use crate::{
    ids::{PracticeId, UserId},
    schema::users,
};
use diesel::{pg::Pg, prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The most people that one lookup returns.
const MOST: i64 = 200;

const CLIENT: &str = "client";

/// Clients of the practice whose name holds `part`, by name.
pub async fn find_clients(conn: &mut AsyncPgConnection, practice: PracticeId, part: &str) -> QueryResult<Vec<Person>> {
    // PostgreSQL takes no NUL in a text, and no name holds one.
    if part.contains('\0') {
        return Ok(Vec::new());
    }
    let rows = of_practice(practice)
        .filter(users::role.eq(CLIENT))
        .filter(users::name.ilike(containing(part)))
        .order((users::name, users::id))
        .limit(MOST)
        .load(conn)
        .await?;
    people(rows)
}

/// Everybody who works for the practice, by name.
pub async fn find_colleagues(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<Vec<Person>> {
    let rows = of_practice(practice)
        .filter(users::role.ne(CLIENT))
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
fn containing(part: &str) -> String {
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
