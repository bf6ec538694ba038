//! The users of a practice as its administrators see and change them. Whatever takes something away from somebody also
//! ends their sign-in sessions, in the same transaction. Nobody does any of it to themselves, so that a practice always
//! keeps an administrator.

use super::{Role, access::Viewer, roster, sessions, store};
use crate::{
    error::{Error, Result},
    ids::{PracticeId, SignInId, UserId},
    schema::users,
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The most characters of a name.
const NAME_CHARACTERS: usize = 200;

/// Whether somebody may sign in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UserStatus)]
pub enum Status {
    Active,
    Disabled,
}

impl Status {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// Reads what [`Status::as_str`] wrote.
    fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|status| status.as_str() == text)
    }
}

/// A user as an administrator sees them.
#[derive(Clone, Debug, Serialize, QueryableByName, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    #[diesel(sql_type = sql::Uuid)]
    pub id: UserId,
    #[diesel(sql_type = sql::Text)]
    pub name: String,
    #[diesel(sql_type = sql::Text)]
    pub email: String,
    /// client, clinician, staff or admin.
    #[diesel(sql_type = sql::Text)]
    pub role: String,
    /// `active`, or `disabled` by an administrator.
    #[diesel(sql_type = sql::Text)]
    pub status: String,
    /// Failed to sign in too often: until when the account refuses passwords.
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub locked_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// Of their live sessions.
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub last_active_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::BigInt)]
    pub sessions: i64,
}

/// Which users.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub role: Option<Role>,
    pub status: Option<Status>,
    /// Part of a name or an e-mail address.
    pub part: String,
}

macro_rules! users {
    ($condition:literal) => {
        concat!(
            "SELECT u.id, u.name, u.email, u.role, u.status, u.created_at, s.last_active_at, s.sessions,
                CASE WHEN u.locked_until > now() THEN u.locked_until END AS locked_until
            FROM users u CROSS JOIN LATERAL (
                SELECT max(last_active_at) AS last_active_at, count(*) AS sessions FROM sign_in_sessions
                WHERE user_id = u.id AND ended_at IS NULL AND expires_at > now()
                    AND (idle_seconds IS NULL OR last_active_at + make_interval(secs => idle_seconds) > now())
            ) s WHERE u.practice_id = $1 AND ",
            $condition
        )
    };
}

/// Users of the practice, newest first.
pub async fn list(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    wanted: &Wanted,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<User>> {
    // PostgreSQL takes no NUL in a text, and no name holds one.
    if wanted.part.contains('\0') {
        return Ok(Vec::new());
    }
    crate::db::statement(users!(
        "($2::text IS NULL OR u.role = $2) AND ($3::text IS NULL OR u.status = $3)
            AND (u.name ILIKE $4 OR u.email ILIKE $4) AND ($5::uuid IS NULL OR u.id < $5)
        ORDER BY u.id DESC LIMIT $6"
    ))
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Nullable<sql::Text>, _>(wanted.role.map(Role::as_str))
    .bind::<sql::Nullable<sql::Text>, _>(wanted.status.map(Status::as_str))
    .bind::<sql::Text, _>(super::people::containing(&wanted.part))
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await
}

/// One of them.
pub async fn find(conn: &mut AsyncPgConnection, practice: PracticeId, user: UserId) -> QueryResult<Option<User>> {
    crate::db::statement(users!("u.id = $2"))
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Uuid, _>(user)
        .get_result(conn)
        .await
        .optional()
}

/// What becomes of a user.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub role: Option<Role>,
    pub status: Option<Status>,
    pub name: Option<String>,
}

/// What came of a change.
#[derive(Debug)]
pub struct Changed {
    /// The names of what changed.
    pub fields: Vec<&'static str>,
    pub was: Role,
    /// The sessions that ended with it.
    pub ended: Vec<SignInId>,
}

/// Changes a user of the administrator's practice. Call in a transaction.
///
/// # Errors
/// `NotFound`; `Conflict` for oneself; `Invalid` for a role that they cannot have.
pub async fn change(conn: &mut AsyncPgConnection, admin: Viewer, user: UserId, change: Change) -> Result<Changed> {
    let before = lock(conn, admin, user).await?;
    let name = change.name.map(|name| name.trim().to_owned()).filter(|name| *name != before.name);
    if name.as_ref().is_some_and(|name| {
        name.is_empty() || name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control)
    }) {
        return Err(Error::field("/name", "Give a name of 1 to 200 characters, on one line."));
    }
    let role = change.role.filter(|role| *role != before.role);
    let status = change.status.filter(|status| *status != before.status);
    if user == admin.user && (role.is_some() || status.is_some()) {
        return Err(oneself());
    }
    if role.is_some_and(|role| role == Role::Client || before.role == Role::Client) {
        return Err(Error::field("/role", "A client stays a client, and nobody else becomes one."));
    }
    let mut changed = Changed { fields: Vec::new(), was: before.role, ended: Vec::new() };
    if let Some(name) = name {
        diesel::update(users::table.find(user)).set(users::name.eq(name)).execute(conn).await?;
        changed.fields.push("name");
    }
    if let Some(role) = role {
        diesel::update(users::table.find(user)).set(users::role.eq(role.as_str())).execute(conn).await?;
        changed.fields.push("role");
        changed.ended.extend(sessions::end_all(conn, user, None, "roleChanged").await?);
    }
    match status {
        Some(Status::Disabled) => changed.ended.extend(roster::lock(conn, user).await?),
        Some(Status::Active) => roster::unlock(conn, user).await?,
        None => return Ok(changed),
    }
    changed.fields.push("status");
    Ok(changed)
}

/// Lets somebody in again who failed to sign in too often, or was disabled.
pub async fn unlock(conn: &mut AsyncPgConnection, admin: Viewer, user: UserId) -> Result<Role> {
    let before = lock(conn, admin, user).await?;
    roster::unlock(conn, user).await?;
    Ok(before.role)
}

/// Ends all sessions of a user.
pub async fn end_sessions(conn: &mut AsyncPgConnection, admin: Viewer, user: UserId) -> Result<Changed> {
    let before = lock(conn, admin, user).await?;
    let ended = sessions::end_all(conn, user, None, "endedByAdmin").await?;
    Ok(Changed { fields: Vec::new(), was: before.role, ended })
}

struct Before {
    name: String,
    role: Role,
    status: Status,
}

/// Locks the administrator and the user, in the order of their ids: two administrators who disable each other do so one
/// after the other, and the second is none any more.
async fn lock(conn: &mut AsyncPgConnection, admin: Viewer, user: UserId) -> Result<Before> {
    let rows: Vec<(UserId, String, String, String)> = users::table
        .filter(users::id.eq_any([admin.user.0, user.0]))
        .filter(users::practice_id.eq(admin.practice))
        .order(users::id)
        .select((users::id, users::name, users::role, users::status))
        .for_no_key_update()
        .load(conn)
        .await?;
    let still_admin = |row: &(UserId, String, String, String)| {
        row.0 == admin.user && row.2 == Role::Admin.as_str() && row.3 == Status::Active.as_str()
    };
    // Whoever acts by a key is no user, and was judged when the key was.
    if rows.iter().any(|row| row.0 == admin.user) && !rows.iter().any(still_admin) {
        return Err(Error::Unauthenticated);
    }
    let (_, name, role, status) = rows.into_iter().find(|row| row.0 == user).ok_or(Error::NotFound)?;
    let role = Role::parse(&role).ok_or_else(store::unknown_role)?;
    // An account that is gone for good does not come back this way.
    let status = Status::parse(&status).ok_or_else(|| Error::conflict("This account cannot be changed any more."))?;
    Ok(Before { name, role, status })
}

fn oneself() -> Error {
    Error::conflict("Let another administrator do this: nobody changes their own role or locks themselves out.")
}
