//! The tokens in links that are mailed: 256 random bits, stored as a digest, good once, for an hour, for the address
//! that they were sent to, and gone when the password changes.
//!
//! Locks are taken in this order: the user's row (or the invitation's), then the token. Hence finding and spending are
//! two steps.

use crate::{
    clock::Clock,
    crypto::secret,
    error::{Error, Result},
    ids::{InvitationId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::{ExposeSecret, SecretString};

/// How long a link works.
pub const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// No more links of a kind in so many minutes: nobody's letter box is filled by somebody else.
const MOST: i64 = 3;
const MOST_IN_MINUTES: i32 = 60;
/// What is over is kept as long as an invitation lives: an old link still tells whose it was.
const KEPT_DAYS: i32 = 8;

/// What a token is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    VerifyEmail,
    ChangeEmail,
    ResetPassword,
    Invitation,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verifyEmail",
            Self::ChangeEmail => "changeEmail",
            Self::ResetPassword => "resetPassword",
            Self::Invitation => "invitation",
        }
    }
}

/// Whose token it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holder {
    User(UserId),
    Invitation(InvitationId),
}

impl Holder {
    fn columns(self) -> (Option<UserId>, Option<InvitationId>) {
        match self {
            Self::User(id) => (Some(id), None),
            Self::Invitation(id) => (None, Some(id)),
        }
    }
}

/// A token that was made, to be mailed.
pub struct Issued {
    token: SecretString,
    digest: Vec<u8>,
    pub expires_at: DateTime<Utc>,
}

impl Issued {
    /// The link to a page: the token stands behind the `#`, which browsers send to nobody.
    pub fn path(&self, page: &str) -> String {
        format!("{page}#{}", self.token.expose_secret())
    }
}

/// A token that was presented. Whether it is still good is known once it is spent.
#[derive(QueryableByName)]
pub struct Found {
    #[diesel(sql_type = sql::Bytea)]
    digest: Vec<u8>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub user: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub invitation: Option<InvitationId>,
    /// The one that it was sent to.
    #[diesel(sql_type = sql::Text)]
    pub address: String,
    #[diesel(sql_type = sql::Bool)]
    pub is_good: bool,
}

impl Found {
    /// Whether `address` is still the one that the token was sent to.
    pub fn was_sent_to(&self, address: &str) -> bool {
        self.address.to_lowercase() == address.to_lowercase()
    }
}

/// Makes a token; None when there were enough of them lately.
pub async fn issue(
    conn: &mut AsyncPgConnection,
    clock: &Clock,
    purpose: Purpose,
    holder: Holder,
    address: &str,
) -> Result<Option<Issued>> {
    let (token, expires_at) = (secret::random()?, clock.now() + LIFETIME);
    let digest = secret::digest(&token);
    let (user, invitation) = holder.columns();
    let made = crate::db::statement(
        "WITH swept AS (DELETE FROM one_time_tokens WHERE expires_at < now() - make_interval(days => $7))
        INSERT INTO one_time_tokens (digest, purpose, user_id, invitation_id, address, expires_at)
        SELECT $1, $2, $3, $4, $5, $6 WHERE $9 > (
            SELECT count(*) FROM one_time_tokens
            WHERE (user_id = $3 OR invitation_id = $4) AND purpose = $2
                AND created_at > now() - make_interval(mins => $8)
        )",
    )
    .bind::<sql::Bytea, _>(&digest)
    .bind::<sql::Text, _>(purpose.as_str())
    .bind::<sql::Nullable<sql::Uuid>, _>(user)
    .bind::<sql::Nullable<sql::Uuid>, _>(invitation)
    .bind::<sql::Text, _>(address)
    .bind::<sql::Timestamptz, _>(expires_at)
    .bind::<sql::Integer, _>(KEPT_DAYS)
    .bind::<sql::Integer, _>(MOST_IN_MINUTES)
    .bind::<sql::BigInt, _>(MOST)
    .execute(conn)
    .await?;
    Ok((made == 1).then_some(Issued { token, digest, expires_at }))
}

/// The token, good or not.
pub async fn find(conn: &mut AsyncPgConnection, purpose: Purpose, token: &SecretString) -> QueryResult<Option<Found>> {
    crate::db::statement(
        "SELECT digest, user_id AS user, invitation_id AS invitation, address,
            ended_at IS NULL AND expires_at > now() AS is_good
        FROM one_time_tokens WHERE digest = $1 AND purpose = $2",
    )
    .bind::<sql::Bytea, _>(secret::digest(token))
    .bind::<sql::Text, _>(purpose.as_str())
    .get_result(conn)
    .await
    .optional()
}

/// Uses it up; false when it is over, or somebody was quicker.
pub async fn spend(conn: &mut AsyncPgConnection, found: &Found) -> QueryResult<bool> {
    let spent = crate::db::statement(
        "UPDATE one_time_tokens SET ended_at = now(), ended_because = 'used'
        WHERE digest = $1 AND ended_at IS NULL AND expires_at > now()",
    )
    .bind::<sql::Bytea, _>(&found.digest)
    .execute(conn)
    .await?;
    Ok(spent == 1)
}

/// Makes all tokens of a person worthless. Call after locking their row.
pub async fn end_all(conn: &mut AsyncPgConnection, user: UserId, because: &'static str) -> QueryResult<()> {
    end(conn, "user_id = $1", user.0, because).await
}

/// Makes all links of a person worthless but the one that was just made.
pub async fn replace_by(conn: &mut AsyncPgConnection, user: UserId, issued: &Issued) -> QueryResult<()> {
    crate::db::statement(
        "UPDATE one_time_tokens SET ended_at = now(), ended_because = 'replaced'
        WHERE user_id = $1 AND digest <> $2 AND ended_at IS NULL",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Bytea, _>(&issued.digest)
    .execute(conn)
    .await?;
    Ok(())
}

/// The same for an invitation's.
pub async fn end_all_of_invitation(
    conn: &mut AsyncPgConnection,
    invitation: InvitationId,
    because: &'static str,
) -> QueryResult<()> {
    end(conn, "invitation_id = $1", invitation.0, because).await
}

async fn end(
    conn: &mut AsyncPgConnection,
    whose: &'static str,
    id: uuid::Uuid,
    because: &'static str,
) -> QueryResult<()> {
    crate::db::statement(format!(
        "UPDATE one_time_tokens SET ended_at = now(), ended_because = $2 WHERE {whose} AND ended_at IS NULL"
    ))
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Text, _>(because)
    .execute(conn)
    .await?;
    Ok(())
}

/// How a link is refused, whatever is wrong with it.
pub fn is_over() -> Error {
    Error::field("/token", "This link is over, or was used already. Ask for a new one.")
}
