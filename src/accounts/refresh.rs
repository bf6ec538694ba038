//! Refresh tokens: each is used once, for an access token and its successor. All tokens of a session are one family,
//! and a used one that comes again ends it: somebody else has it, and nobody can tell which of the two is the thief.
//!
//! There is no time of grace. Of two uses at the same moment exactly one succeeds, and the other ends the family as a
//! later one would; an answer that was lost cannot be asked for again: its program signs in anew. The family ends with
//! its session, at the latest when the session is over: using the tokens prolongs nothing and is no activity.

use super::{
    lifetimes,
    model::{Audience, Role},
    sign_in::{Means, Token},
    store::{self, LiveSession},
};
use crate::{
    audit::{self, Actor, Event},
    crypto::secret,
    error::Result,
    ids::{PracticeId, SignInId, UserId},
    schema::refresh_tokens,
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use serde_json::json;

/// What came of a refresh token that was presented.
pub enum Refreshed {
    /// It was the newest one.
    Renewed { access: Token, refresh: Token },
    /// Unknown, at the wrong door, or its session is over.
    Refused,
    /// It had been used before: its session is over now.
    Reused(SignInId),
}

/// The first or next token of a session.
pub(super) async fn issue(conn: &mut AsyncPgConnection, session: SignInId, expires_at: DateTime<Utc>) -> Result<Token> {
    let secret = secret::random()?;
    diesel::insert_into(refresh_tokens::table)
        .values((refresh_tokens::hash.eq(secret::digest(&secret)), refresh_tokens::sign_in_id.eq(session)))
        .execute(conn)
        .await?;
    Ok(Token { secret, expires_at })
}

/// Uses a refresh token.
pub async fn refresh(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    presented: &SecretString,
    door: Audience,
    from: &Actor,
) -> Result<Refreshed> {
    let hash = secret::digest(presented);
    conn.transaction(async |conn| {
        let Some(found) = lock(conn, &hash).await? else { return Ok(Refreshed::Refused) };
        if found.used {
            store::end_session(conn, found.sign_in, "tokenReuse").await?;
            record(conn, &found, from, "token.reuse", "used").await?;
            return Ok(Refreshed::Reused(found.sign_in));
        }
        let session = match store::find_live_session(conn, found.sign_in).await? {
            Some(session) if session.audience == door.as_str() => session,
            live => {
                let reason = if live.is_some() { "wrongDoor" } else { "sessionEnded" };
                record(conn, &found, from, "token.refreshed", reason).await?;
                return Ok(Refreshed::Refused);
            }
        };
        renew(conn, means, &hash, session).await
    })
    .await
}

async fn renew(conn: &mut AsyncPgConnection, means: Means<'_>, hash: &[u8], session: LiveSession) -> Result<Refreshed> {
    let Some(role) = Role::parse(&session.role) else { return Ok(Refreshed::Refused) };
    diesel::update(refresh_tokens::table.find(hash))
        .set(refresh_tokens::used_at.eq(diesel::dsl::now))
        .execute(conn)
        .await?;
    let refresh = issue(conn, session.sign_in, session.expires_at).await?;
    let access = access(means, session.user_id, role, session.sign_in, session.expires_at)?;
    Ok(Refreshed::Renewed { access, refresh })
}

/// An access token that does not outlast its session.
pub(super) fn access(
    means: Means<'_>,
    user: UserId,
    role: Role,
    session: SignInId,
    session_expires_at: DateTime<Utc>,
) -> Result<Token> {
    let now = means.clock.now();
    let lifetime = lifetimes::ACCESS_TOKEN.min(session_expires_at - now);
    let (secret, expires_at) = means.tokens.issue(user, role, session, now, lifetime)?;
    Ok(Token { secret, expires_at })
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = sql::Uuid)]
    sign_in: SignInId,
    #[diesel(sql_type = sql::Uuid)]
    user: UserId,
    #[diesel(sql_type = sql::Uuid)]
    practice: PracticeId,
    #[diesel(sql_type = sql::Text)]
    role: String,
    #[diesel(sql_type = sql::Bool)]
    used: bool,
}

/// The token, locked: of several who present it, one at a time is judged.
async fn lock(conn: &mut AsyncPgConnection, hash: &[u8]) -> QueryResult<Option<Found>> {
    crate::db::statement(
        "SELECT s.id AS sign_in, u.id AS \"user\", u.practice_id AS practice, u.role, r.used_at IS NOT NULL AS used
        FROM refresh_tokens r JOIN sign_in_sessions s ON s.id = r.sign_in_id JOIN users u ON u.id = s.user_id
        WHERE r.hash = $1 FOR UPDATE OF r",
    )
    .bind::<sql::Bytea, _>(hash)
    .get_result(conn)
    .await
    .optional()
}

async fn record(
    conn: &mut AsyncPgConnection,
    found: &Found,
    from: &Actor,
    action: &'static str,
    reason: &'static str,
) -> QueryResult<()> {
    let mut event = Event::new(from, action)
        .refused()
        .in_practice(found.practice)
        .on("session", found.sign_in)
        .with(json!({ "reason": reason }));
    if found.role == Role::Client.as_str() {
        event = event.of_client(found.user);
    }
    audit::record(conn, event).await
}
