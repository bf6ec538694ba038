//! The SQL of accounts.

use super::model::{Audience, Role};
use crate::{
    ids::{PracticeId, SignInId, UserId},
    notify::{Channel, outbox::Recipient},
    schema::{sign_in_sessions, users},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::net::IpAddr;

/// A sign-in session that lives, with its user.
#[derive(QueryableByName)]
pub struct LiveSession {
    #[diesel(sql_type = sql_types::Uuid)]
    pub sign_in: SignInId,
    #[diesel(sql_type = sql_types::Uuid)]
    pub user_id: UserId,
    #[diesel(sql_type = sql_types::Uuid)]
    pub practice_id: PracticeId,
    #[diesel(sql_type = sql_types::Text)]
    pub role: String,
    #[diesel(sql_type = sql_types::Text)]
    pub name: String,
    #[diesel(sql_type = sql_types::Text)]
    pub language: String,
    #[diesel(sql_type = sql_types::Bool)]
    pub shows_presence: bool,
    #[diesel(sql_type = sql_types::Text)]
    pub audience: String,
    #[diesel(sql_type = sql_types::Timestamptz)]
    pub expires_at: DateTime<Utc>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Integer>)]
    pub sends_per_minute: Option<i32>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub idle_expires_at: Option<DateTime<Utc>>,
    /// Activity is noted once a minute at most: a busy session costs no write a call.
    #[diesel(sql_type = sql_types::Bool)]
    pub activity_due: bool,
    /// A factor was shown in the last five minutes.
    #[diesel(sql_type = sql_types::Bool)]
    pub is_recent: bool,
}

/// What makes a session live is written once, here. The database's clock judges, so that nodes agree.
macro_rules! live_session {
    ($condition:literal) => {
        concat!(
            "SELECT s.id AS sign_in, u.id AS user_id, u.practice_id, u.role, u.name, u.language, u.shows_presence, s.audience, \
             s.expires_at, \
             u.sends_per_minute, s.last_active_at + make_interval(secs => s.idle_seconds) AS idle_expires_at, \
             s.last_active_at < now() - interval '1 minute' AS activity_due, \
             s.reauthenticated_at > now() - interval '5 minutes' AS is_recent FROM sign_in_sessions s JOIN users u ON u.id = s.user_id \
             WHERE s.ended_at IS NULL AND s.expires_at > now() AND u.status = 'active' \
             AND (s.idle_seconds IS NULL OR s.last_active_at + make_interval(secs => s.idle_seconds) > now()) AND ",
            $condition
        )
    };
}

/// The live session with this id.
pub async fn find_live_session(conn: &mut AsyncPgConnection, id: SignInId) -> QueryResult<Option<LiveSession>> {
    crate::db::statement(live_session!("s.id = $1")).bind::<sql_types::Uuid, _>(id).get_result(conn).await.optional()
}

/// The live session of a browser's cookie, by its digest.
pub async fn find_live_session_by_cookie(
    conn: &mut AsyncPgConnection,
    hash: &[u8],
) -> QueryResult<Option<LiveSession>> {
    crate::db::statement(live_session!("s.cookie_hash = $1"))
        .bind::<sql_types::Bytea, _>(hash)
        .get_result(conn)
        .await
        .optional()
}

/// Which of these sessions no longer live, for whatever reason: signed out, idle, locked, over.
pub async fn find_ended_sessions(conn: &mut AsyncPgConnection, ids: &[SignInId]) -> QueryResult<Vec<SignInId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql_types::Uuid)]
        id: SignInId,
    }
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<Row> = crate::db::statement(
        "SELECT i.id FROM unnest($1) AS i(id) WHERE NOT EXISTS (
            SELECT FROM sign_in_sessions s JOIN users u ON u.id = s.user_id
            WHERE s.id = i.id AND s.ended_at IS NULL AND s.expires_at > now() AND u.status = 'active'
            AND (s.idle_seconds IS NULL OR s.last_active_at + make_interval(secs => s.idle_seconds) > now()))",
    )
    .bind::<sql_types::Array<sql_types::Uuid>, _>(ids)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Notes that the users of these sessions did something.
pub async fn touch_sessions(conn: &mut AsyncPgConnection, ids: &[SignInId]) -> QueryResult<usize> {
    diesel::update(sign_in_sessions::table)
        .filter(sign_in_sessions::id.eq_any(ids.iter().map(|id| id.0)))
        .filter(sign_in_sessions::ended_at.is_null())
        .set(sign_in_sessions::last_active_at.eq(diesel::dsl::now))
        .execute(conn)
        .await
}

/// Ends a session; false when it had ended already.
pub async fn end_session(conn: &mut AsyncPgConnection, id: SignInId, because: &str) -> QueryResult<bool> {
    let ended = diesel::update(sign_in_sessions::table)
        .filter(sign_in_sessions::id.eq(id))
        .filter(sign_in_sessions::ended_at.is_null())
        .set((sign_in_sessions::ended_at.eq(diesel::dsl::now), sign_in_sessions::ended_because.eq(because)))
        .execute(conn)
        .await?;
    Ok(ended == 1)
}

/// A session to be written.
pub struct NewSession<'a> {
    pub id: SignInId,
    pub user_id: UserId,
    pub audience: &'a str,
    pub cookie_hash: Option<Vec<u8>>,
    pub expires_at: DateTime<Utc>,
    pub idle_seconds: Option<i32>,
    pub address: Option<IpAddr>,
    pub user_agent: Option<&'a str>,
}

/// Writes a session.
pub async fn insert_session(conn: &mut AsyncPgConnection, session: &NewSession<'_>) -> QueryResult<usize> {
    crate::db::statement(
        "INSERT INTO sign_in_sessions (id, user_id, audience, cookie_hash, expires_at, idle_seconds, address, user_agent)
        VALUES ($1, $2, $3, $4, $5, $6, $7::inet, $8)",
    )
    .bind::<sql_types::Uuid, _>(session.id)
    .bind::<sql_types::Uuid, _>(session.user_id)
    .bind::<sql_types::Text, _>(session.audience)
    .bind::<sql_types::Nullable<sql_types::Bytea>, _>(session.cookie_hash.as_deref())
    .bind::<sql_types::Timestamptz, _>(session.expires_at)
    .bind::<sql_types::Nullable<sql_types::Integer>, _>(session.idle_seconds)
    .bind::<sql_types::Nullable<sql_types::Text>, _>(session.address.map(|address| address.to_string()))
    .bind::<sql_types::Nullable<sql_types::Text>, _>(session.user_agent)
    .execute(conn)
    .await
}

/// What a sign-in needs to know of a user.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct SignInRecord {
    pub id: UserId,
    pub practice_id: PracticeId,
    pub role: String,
    pub name: String,
    pub email: String,
    pub language: String,
    pub password_hash: Option<String>,
    pub status: String,
    pub locked_until: Option<DateTime<Utc>>,
}

impl SignInRecord {
    /// The role, where it is one we know.
    pub fn role(&self) -> Option<Role> {
        Role::parse(&self.role)
    }

    /// The door it may use.
    pub fn audience(&self) -> Option<Audience> {
        self.role().map(Role::audience)
    }

    /// Whether the record is a client's own.
    pub fn is_client(&self) -> bool {
        self.role() == Some(Role::Client)
    }

    /// Where they are written to.
    pub fn recipient(&self) -> Recipient {
        Recipient {
            practice: self.practice_id,
            user: Some(self.id),
            channel: Channel::Email,
            address: self.email.clone(),
            language: self.language.clone(),
        }
    }
}

/// The user with this id.
pub async fn find_user(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Option<SignInRecord>> {
    users::table.find(user).select(SignInRecord::as_select()).first(conn).await.optional()
}

/// The same, locked until the transaction ends: password, status and locks stay as they are meanwhile.
pub async fn lock_user(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Option<SignInRecord>> {
    users::table.find(user).select(SignInRecord::as_select()).for_no_key_update().first(conn).await.optional()
}

/// Stores another hash of the same password; false when the password was changed meanwhile.
pub async fn renew_hash(conn: &mut AsyncPgConnection, user: UserId, old: &str, new: &str) -> QueryResult<bool> {
    let stored = users::table.find(user).filter(users::password_hash.eq(old));
    Ok(diesel::update(stored).set(users::password_hash.eq(new)).execute(conn).await? == 1)
}

/// The user with this e-mail address, in any case.
pub async fn find_for_sign_in(conn: &mut AsyncPgConnection, email: &str) -> QueryResult<Option<SignInRecord>> {
    use diesel::dsl::sql;
    users::table
        .select(SignInRecord::as_select())
        .filter(sql::<sql_types::Bool>("lower(email) = lower(").bind::<sql_types::Text, _>(email).sql(")"))
        .first(conn)
        .await
        .optional()
}

/// A role in the store that no version of the hub wrote.
pub(super) fn unknown_role() -> diesel::result::Error {
    diesel::result::Error::DeserializationError("an unknown role".into())
}
