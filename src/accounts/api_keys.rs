//! Keys of other systems. A key belongs to a practice and grants named scopes there, as a role does to a person. Owns
//! `api_keys`; of a secret only its digest is kept. A key that was revoked or is over is worth nothing from the next call
//! on: every call asks the store.

use super::Permission;
use crate::{
    crypto::secret,
    error::{Error, Result},
    ids::{ApiKeyId, PracticeId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a secret begins with, so that scanners of code find one that was leaked.
const PREFIX: &str = "chk_";
const NAME_CHARACTERS: usize = 100;
/// A key is renewed once a year, at the latest.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// What a key may be allowed to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKeyScope)]
pub enum Scope {
    /// Look up clients and colleagues by name.
    FindPeople,
    /// List the practice's users.
    ReadUsers,
    /// Read the audit log and emergency accesses.
    ReadAudit,
}

impl Scope {
    const ALL: [Self; 3] = [Self::FindPeople, Self::ReadUsers, Self::ReadAudit];

    fn as_str(self) -> &'static str {
        match self {
            Self::FindPeople => "findPeople",
            Self::ReadUsers => "readUsers",
            Self::ReadAudit => "readAudit",
        }
    }

    /// Scopes of a later version grant nothing.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }

    fn permission(self) -> Permission {
        match self {
            Self::FindPeople => Permission::FindPeople,
            Self::ReadUsers => Permission::ReadUsers,
            Self::ReadAudit => Permission::ReadAudit,
        }
    }
}

/// A key that was presented and is good.
#[derive(Clone, Debug)]
pub struct LiveKey {
    pub id: ApiKeyId,
    pub practice: PracticeId,
    scopes: Vec<Scope>,
}

impl LiveKey {
    pub fn grants(&self, permission: Permission) -> bool {
        self.scopes.iter().any(|scope| scope.permission() == permission)
    }
}

/// Whether a token claims to be a key.
pub fn is_key(token: &SecretString) -> bool {
    token.expose_secret().starts_with(PREFIX)
}

/// The key with this secret, if it is good, and notes that it is used.
pub async fn find_live(conn: &mut AsyncPgConnection, secret: &SecretString) -> QueryResult<Option<LiveKey>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        id: ApiKeyId,
        #[diesel(sql_type = sql::Uuid)]
        practice_id: PracticeId,
        #[diesel(sql_type = sql::Array<sql::Text>)]
        scopes: Vec<String>,
    }
    let row: Option<Row> = crate::db::statement(
        "WITH key AS (
            SELECT id, practice_id, scopes, last_used_at FROM api_keys
            WHERE digest = $1 AND revoked_at IS NULL AND expires_at > now()
        ), used AS (
            UPDATE api_keys k SET last_used_at = now() FROM key
            WHERE k.id = key.id AND (key.last_used_at IS NULL OR key.last_used_at < now() - interval '1 minute')
        )
        SELECT id, practice_id, scopes FROM key",
    )
    .bind::<sql::Bytea, _>(secret::digest(secret))
    .get_result(conn)
    .await
    .optional()?;
    let live = |row: Row| LiveKey {
        id: row.id,
        practice: row.practice_id,
        scopes: row.scopes.iter().filter_map(|scope| Scope::parse(scope)).collect(),
    };
    Ok(row.map(live))
}

/// A key as administrators see it: never its secret.
#[derive(Clone, Debug, Serialize, QueryableByName, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    #[diesel(sql_type = sql::Uuid)]
    pub id: ApiKeyId,
    #[diesel(sql_type = sql::Text)]
    pub name: String,
    #[diesel(sql_type = sql::Array<sql::Text>)]
    pub scopes: Vec<String>,
    #[diesel(sql_type = sql::Uuid)]
    pub created_by: UserId,
    #[diesel(sql_type = sql::Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub expires_at: DateTime<Utc>,
    /// To the minute.
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub last_used_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub practice: PracticeId,
    pub by: UserId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub expires_at: DateTime<Utc>,
}

/// Makes a key, and tells its secret: the only time.
///
/// # Errors
/// `Invalid` for a name, scopes or an end that cannot be.
pub async fn make(conn: &mut AsyncPgConnection, now: DateTime<Utc>, new: &NewKey) -> Result<(ApiKey, SecretString)> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control) {
        return Err(Error::field("/name", "Name the system that will use the key, in 1 to 100 characters."));
    }
    if new.scopes.is_empty() {
        return Err(Error::field("/scopes", "Name at least one scope: a key without any is of no use."));
    }
    if new.expires_at <= now || new.expires_at > now + LONGEST {
        return Err(Error::field("/expiresAt", "A key ends in the future, within a year."));
    }
    let secret = SecretString::from(format!("{PREFIX}{}", secret::random()?.expose_secret()));
    let scopes: Vec<&str> =
        Scope::ALL.into_iter().filter(|scope| new.scopes.contains(scope)).map(Scope::as_str).collect();
    let key = crate::db::statement(
        "INSERT INTO api_keys (id, practice_id, name, digest, scopes, created_by, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        RETURNING id, name, scopes, created_by, created_at, expires_at, last_used_at, revoked_at",
    )
    .bind::<sql::Uuid, _>(ApiKeyId::new())
    .bind::<sql::Uuid, _>(new.practice)
    .bind::<sql::Text, _>(name)
    .bind::<sql::Bytea, _>(secret::digest(&secret))
    .bind::<sql::Array<sql::Text>, _>(scopes)
    .bind::<sql::Uuid, _>(new.by)
    .bind::<sql::Timestamptz, _>(new.expires_at)
    .get_result(conn)
    .await?;
    Ok((key, secret))
}

/// The practice's keys, newest first, revoked ones too.
pub async fn list(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<ApiKey>> {
    crate::db::statement(
        "SELECT id, name, scopes, created_by, created_at, expires_at, last_used_at, revoked_at FROM api_keys
        WHERE practice_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(limit)
    .load(conn)
    .await
}

/// Revokes a key of the practice; false where there is none that is not revoked.
pub async fn revoke(conn: &mut AsyncPgConnection, practice: PracticeId, key: ApiKeyId) -> QueryResult<bool> {
    let revoked = crate::db::statement(
        "UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND practice_id = $2 AND revoked_at IS NULL",
    )
    .bind::<sql::Uuid, _>(key)
    .bind::<sql::Uuid, _>(practice)
    .execute(conn)
    .await?;
    Ok(revoked == 1)
}
