//! One-time links in pages: whoever holds one says "I have it" without signing in. A link acts for one person in one
//! escalation, is stored as a digest, and shows nothing of anybody. Reading it does nothing: mail scanners follow links.

use crate::{
    crypto::secret,
    db,
    error::{Error, Result},
    ids::{EscalationId, PracticeId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::{ExposeSecret, SecretString};

/// Who is called sees the page within hours, or somebody else has it.
pub const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// A link that was followed, with what may be shown of it.
#[derive(QueryableByName, Debug)]
pub struct Link {
    #[diesel(sql_type = sql::Uuid)]
    pub escalation: EscalationId,
    #[diesel(sql_type = sql::Uuid)]
    pub practice: PracticeId,
    #[diesel(sql_type = sql::Uuid)]
    pub user: UserId,
    #[diesel(sql_type = sql::Text)]
    pub name: String,
    #[diesel(sql_type = sql::Text)]
    pub role: String,
    #[diesel(sql_type = sql::Text)]
    pub language: String,
    /// It was not used, and its time is not over.
    #[diesel(sql_type = sql::Bool)]
    pub is_good: bool,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub used_at: Option<DateTime<Utc>>,
}

/// Makes one; its path below the public URL.
pub async fn issue(
    conn: &mut AsyncPgConnection,
    escalation: EscalationId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<String> {
    let token = secret::random()?;
    db::statement("INSERT INTO ack_links (digest, escalation_id, user_id, expires_at) VALUES ($1, $2, $3, $4)")
        .bind::<sql::Bytea, _>(secret::digest(&token))
        .bind::<sql::Uuid, _>(escalation)
        .bind::<sql::Uuid, _>(user)
        .bind::<sql::Timestamptz, _>(now + LIFETIME)
        .execute(conn)
        .await?;
    Ok(format!("/ack/{}", token.expose_secret()))
}

/// The link, good or not. Changes nothing.
///
/// # Errors
/// `NotFound` for what is none, or one of somebody who works here no more.
pub async fn find(conn: &mut AsyncPgConnection, token: &SecretString, now: DateTime<Utc>) -> Result<Link> {
    let link: Option<Link> = db::statement(
        "SELECT l.escalation_id AS escalation, e.practice_id AS practice, u.id AS user, u.name, u.role, u.language,
            l.used_at IS NULL AND l.expires_at > $2 AS is_good, l.used_at
        FROM ack_links l JOIN escalations e ON e.id = l.escalation_id JOIN users u ON u.id = l.user_id
        WHERE l.digest = $1 AND u.status = 'active' AND u.role <> 'client' AND u.practice_id = e.practice_id",
    )
    .bind::<sql::Bytea, _>(secret::digest(token))
    .bind::<sql::Timestamptz, _>(now)
    .get_result(conn)
    .await
    .optional()?;
    link.ok_or(Error::NotFound)
}

/// Uses it up; false when it was used already, or is over.
pub async fn spend(conn: &mut AsyncPgConnection, token: &SecretString, now: DateTime<Utc>) -> QueryResult<bool> {
    let spent =
        db::statement("UPDATE ack_links SET used_at = $2 WHERE digest = $1 AND used_at IS NULL AND expires_at > $2")
            .bind::<sql::Bytea, _>(secret::digest(token))
            .bind::<sql::Timestamptz, _>(now)
            .execute(conn)
            .await?;
    Ok(spent == 1)
}
