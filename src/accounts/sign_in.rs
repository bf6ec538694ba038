//! Signing in with e-mail address and password, at one of the two doors. Whatever is wrong, the answer and the work
//! done are the same: nobody learns whether an account exists, is locked, or belongs at the other door.

use super::{
    lockout,
    model::Audience,
    password,
    profile::{self, Profile},
    store::{self, NewSession, SignInRecord},
    token::Tokens,
};
use crate::{
    clock::Clock,
    crypto::secret,
    db::Pool,
    error::{Error, Result},
    ids::SignInId,
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use std::{sync::LazyLock, time::Duration};
use tokio::sync::Semaphore;

/// How long an access token is good.
pub const ACCESS_TOKEN: TimeDelta = TimeDelta::minutes(15);
/// How long a session lasts however busy.
pub const SESSION: TimeDelta = TimeDelta::hours(12);
/// How long a session lasts without activity of its user.
pub const IDLE: TimeDelta = TimeDelta::minutes(15);

/// Each hashing takes a core and 19 MiB for tens of milliseconds: no more at once than there are cores.
static HASHING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
/// So long somebody waits for their turn before being told to come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longer ones are nobody's (RFC 5321 allows 254 octets).
const EMAIL_BYTES: usize = 320;

/// What somebody typed.
pub struct Attempt {
    pub email: String,
    pub password: SecretString,
    pub door: Audience,
}

/// A session that has begun.
pub struct SignedIn {
    pub sign_in: SignInId,
    pub profile: Profile,
    pub access_token: SecretString,
    pub access_token_expires_at: DateTime<Utc>,
    /// For a browser's cookie; stored only as a digest.
    pub cookie: SecretString,
}

/// Signs in, with a new session every time.
///
/// # Errors
/// `InvalidCredentials` for whatever is wrong with the attempt; `Busy` when too many sign in at once.
pub async fn sign_in(pool: &Pool, tokens: &Tokens, clock: &Clock, attempt: Attempt) -> Result<SignedIn> {
    // The turn is kept until the outcome is counted, so that no more guesses are under way than are counted.
    let turn = tokio::time::timeout(PATIENCE, HASHING.acquire()).await;
    let _turn = turn.map_err(|_| Error::Busy { retry_after: PATIENCE })?;

    let record = find_record(pool, &attempt.email).await?;
    let matches = verify(attempt.password, record.as_ref().and_then(|record| record.password_hash.clone())).await?;
    let mut conn = pool.get().await?;
    let Some(record) = record.as_ref().filter(|_| matches) else {
        lockout::record_failure(&mut conn, record.map(|record| record.id)).await?;
        return Err(Error::InvalidCredentials);
    };
    // The right password at the other door is neither let in nor held against anybody.
    if record.audience() != Some(attempt.door) || !lockout::record_success(&mut conn, record.id).await? {
        return Err(Error::InvalidCredentials);
    }
    let role = record.role().ok_or(Error::InvalidCredentials)?;
    let profile = profile::find_profile(&mut conn, record.id).await?.ok_or(Error::InvalidCredentials)?;
    let (sign_in, cookie, now) = (SignInId::new(), secret::random()?, clock.now());
    let session = NewSession {
        id: sign_in,
        user_id: record.id,
        audience: attempt.door.as_str(),
        cookie_hash: Some(secret::digest(&cookie)),
        expires_at: now + SESSION,
        idle_seconds: i32::try_from(IDLE.num_seconds()).ok(),
    };
    store::insert_session(&mut conn, &session).await?;
    let (access_token, access_token_expires_at) = tokens.issue(record.id, role, sign_in, now, ACCESS_TOKEN)?;
    Ok(SignedIn { sign_in, profile, access_token, access_token_expires_at, cookie })
}

/// The connection goes back before the hashing: others can use it meanwhile.
async fn find_record(pool: &Pool, email: &str) -> Result<Option<SignInRecord>> {
    let email = email.trim();
    // PostgreSQL takes no NUL in a text.
    if email.len() > EMAIL_BYTES || email.contains('\0') {
        return Ok(None);
    }
    Ok(store::find_for_sign_in(&mut *pool.get().await?, email).await?)
}

async fn verify(password: SecretString, stored: Option<String>) -> Result<bool> {
    let hashing = tokio::task::spawn_blocking(move || password::verify(&password, stored.as_deref())).await;
    Ok(hashing.map_err(|_| anyhow::anyhow!("hashing a password did not come to its end"))??)
}
