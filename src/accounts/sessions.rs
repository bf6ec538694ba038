//! The sign-in sessions of one person. What ends here is worth nothing from then on; live connections of an ended
//! session are cut by every node within seconds.

use super::{model::Role, sign_in::ticket};
use crate::{
    audit::{self, Actor, Event},
    db::statement,
    ids::{SignInId, UserId},
    schema::sign_in_sessions as sessions,
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// A session as its own user sees it.
#[derive(Clone, Debug, Serialize, QueryableByName, ToSchema)]
#[schema(as = SignInSession)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    #[diesel(sql_type = sql::Uuid)]
    pub id: SignInId,
    #[diesel(sql_type = sql::Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub last_active_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub expires_at: DateTime<Utc>,
    /// Where it was begun.
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub address: Option<String>,
    /// By which program.
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    pub user_agent: Option<String>,
}

/// More than these nobody keeps open; the newest come first.
const MOST: i32 = 200;

/// The live sessions of a person.
pub async fn list(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Vec<Session>> {
    statement(
        "SELECT id, created_at, last_active_at, expires_at, host(address) AS address, user_agent FROM sign_in_sessions
        WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()
            AND (idle_seconds IS NULL OR last_active_at + make_interval(secs => idle_seconds) > now())
        ORDER BY last_active_at DESC, id DESC LIMIT $2",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Integer, _>(MOST)
    .load(conn)
    .await
}

/// Ends one of a person's own sessions; false when they have no such session that lives.
pub async fn end_own(conn: &mut AsyncPgConnection, actor: &Actor, session: SignInId) -> QueryResult<bool> {
    conn.transaction(async |conn| {
        let ended: Option<UserId> = diesel::update(sessions::table.find(session))
            .filter(sessions::user_id.nullable().eq(actor.user))
            .filter(sessions::ended_at.is_null())
            .set((sessions::ended_at.eq(diesel::dsl::now), sessions::ended_because.eq("signedOut")))
            .returning(sessions::user_id)
            .get_result(conn)
            .await
            .optional()?;
        let Some(user) = ended else { return Ok(false) };
        audit::record(conn, told(actor, user).on("session", session)).await?;
        Ok(true)
    })
    .await
}

/// Ends all sessions of the person who asks; tells which.
pub async fn end_everywhere(conn: &mut AsyncPgConnection, actor: &Actor, user: UserId) -> QueryResult<Vec<SignInId>> {
    conn.transaction(async |conn| {
        super::store::lock_user(conn, user).await?;
        let ended = end_all(conn, user, None, "signedOutEverywhere").await?;
        audit::record(conn, told(actor, user).on("user", user).with(json!({ "sessions": ended.len() }))).await?;
        Ok(ended)
    })
    .await
}

fn told(actor: &Actor, user: UserId) -> Event<'_> {
    let event = Event::new(actor, "session.ended");
    if actor.role == Some(Role::Client.as_str()) { event.of_client(user) } else { event }
}

/// Ends all sessions of a person but one, and what they began and did not finish; tells which ended. Call within the
/// transaction that changed what they hang from, after it locked the user's row.
pub async fn end_all(
    conn: &mut AsyncPgConnection,
    user: UserId,
    except: Option<SignInId>,
    because: &str,
) -> QueryResult<Vec<SignInId>> {
    ticket::forget_all(conn, user).await?;
    diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(except.map_or(uuid::Uuid::nil(), |session| session.0)))
        .set((sessions::ended_at.eq(diesel::dsl::now), sessions::ended_because.eq(because)))
        .returning(sessions::id)
        .get_results(conn)
        .await
}

/// Notes that the person behind a session has just shown a factor again.
pub async fn note_reauthentication(conn: &mut AsyncPgConnection, session: SignInId) -> QueryResult<()> {
    diesel::update(sessions::table.find(session))
        .set(sessions::reauthenticated_at.eq(diesel::dsl::now))
        .execute(conn)
        .await?;
    Ok(())
}
