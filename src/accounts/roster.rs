//! The SQL of what an operator does about people: practices, new users, passwords, locks. Whatever keeps somebody out
//! also ends their sign-in sessions, in the same transaction.

use super::sessions;
use crate::{
    ids::{PracticeId, SignInId, UserId},
    schema::{practices, users},
};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

/// A practice as an operator sees it.
#[derive(Queryable)]
pub struct Practice {
    pub id: PracticeId,
    pub name: String,
    pub time_zone: String,
}

/// A user to be written.
#[derive(Insertable)]
#[diesel(table_name = users)]
pub struct NewUser<'a> {
    pub id: UserId,
    pub practice_id: PracticeId,
    pub role: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
    pub time_zone: &'a str,
}

/// All practices, by name.
pub async fn list_practices(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Practice>> {
    practices::table
        .select((practices::id, practices::name, practices::time_zone))
        .order((practices::name, practices::id))
        .load(conn)
        .await
}

/// Writes a practice.
pub async fn insert_practice(
    conn: &mut AsyncPgConnection,
    id: PracticeId,
    name: &str,
    zone: &str,
) -> QueryResult<usize> {
    diesel::insert_into(practices::table)
        .values((practices::id.eq(id), practices::name.eq(name), practices::time_zone.eq(zone)))
        .execute(conn)
        .await
}

/// Writes a user.
pub async fn insert_user(conn: &mut AsyncPgConnection, user: &NewUser<'_>) -> QueryResult<usize> {
    diesel::insert_into(users::table).values(user).execute(conn).await
}

/// Gives a user another password, and an end to all sign-in sessions that hang from the old one.
pub async fn set_password(conn: &mut AsyncPgConnection, user: UserId, hash: &str) -> QueryResult<()> {
    conn.transaction(async |conn| {
        diesel::update(users::table.find(user))
            .set((
                users::password_hash.eq(hash),
                users::failed_sign_ins.eq(0),
                users::locked_until.eq(None::<chrono::DateTime<chrono::Utc>>),
            ))
            .execute(conn)
            .await?;
        sessions::end_all(conn, user, None, "passwordChanged").await?;
        Ok(())
    })
    .await
}

/// Keeps a user out until [`unlock`]; tells which sessions ended.
pub async fn lock(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Vec<SignInId>> {
    conn.transaction(async |conn| {
        diesel::update(users::table.find(user)).set(users::status.eq("disabled")).execute(conn).await?;
        sessions::end_all(conn, user, None, "locked").await
    })
    .await
}

/// Lets a user in again, also one who failed to sign in too often.
pub async fn unlock(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<()> {
    let unlocked = (
        users::status.eq("active"),
        users::failed_sign_ins.eq(0),
        users::locked_until.eq(None::<chrono::DateTime<chrono::Utc>>),
    );
    diesel::update(users::table.find(user)).set(unlocked).execute(conn).await?;
    Ok(())
}
