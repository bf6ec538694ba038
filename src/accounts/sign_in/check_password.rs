//! E-mail address and password. Does the same work for an account that is not there, and counts failures before it
//! answers.

use super::{
    begin::Means,
    record_refusal,
    verified::{Proof, Verified},
};
use crate::{
    accounts::{
        Audience, lockout, password,
        store::{self, SignInRecord},
    },
    audit::Actor,
    db::Pool,
    error::{Error, Result},
    ids::UserId,
    notify::{Mail, mail::SecurityNotice, outbox},
};
use diesel_async::AsyncConnection;
use secrecy::SecretString;
use std::{sync::LazyLock, time::Duration};
use tokio::sync::{Semaphore, SemaphorePermit};

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

/// Whose password it is. Says nothing of whether they may come in: that is for [`super::proceed`].
///
/// # Errors
/// `InvalidCredentials` when it is nobody's, counted and put on record; `Busy` when too many sign in at once.
pub async fn check_password(pool: &Pool, means: Means<'_>, attempt: Attempt, from: &Actor) -> Result<Verified> {
    let turn = turn().await?;
    let record = find_record(pool, &attempt.email).await?;
    check(pool, means, record, attempt.password, attempt.door, from, turn).await
}

/// The same for somebody who is known already: signed in, and asked again.
///
/// # Errors
/// As [`check_password`]. A locked account is refused, too: a stolen session must be no way to guess on.
pub async fn check_password_of(
    pool: &Pool,
    means: Means<'_>,
    user: UserId,
    password: SecretString,
    from: &Actor,
) -> Result<Verified> {
    let turn = turn().await?;
    let record = store::find_user(&mut *pool.get().await?, user).await?;
    let door = record.as_ref().and_then(SignInRecord::audience).ok_or(Error::InvalidCredentials)?;
    let now = means.clock.now();
    let is_locked = record.as_ref().is_some_and(|user| user.locked_until.is_some_and(|until| until > now));
    let verified = check(pool, means, record, password, door, from, turn).await?;
    if is_locked { Err(Error::InvalidCredentials) } else { Ok(verified) }
}

/// The turn is kept until the outcome is counted, so that no more guesses are under way than are counted.
async fn turn() -> Result<SemaphorePermit<'static>> {
    let turn = tokio::time::timeout(PATIENCE, HASHING.acquire()).await;
    turn.ok().and_then(|turn| turn.ok()).ok_or(Error::Busy { retry_after: PATIENCE })
}

async fn check(
    pool: &Pool,
    means: Means<'_>,
    record: Option<SignInRecord>,
    password: SecretString,
    door: Audience,
    from: &Actor,
    _turn: SemaphorePermit<'static>,
) -> Result<Verified> {
    let stored = record.as_ref().and_then(|record| record.password_hash.clone());
    if let (true, Some(record)) = (verify(password, stored).await?, &record) {
        let password_hash = record.password_hash.clone();
        return Ok(Verified { user: record.id, door, proof: Proof::Password, password_hash });
    }
    record_failure(pool, means, record.as_ref(), from).await?;
    Err(Error::InvalidCredentials)
}

/// Counts it and puts it on record, for nobody in the same way: both wait for the disk once.
async fn record_failure(pool: &Pool, means: Means<'_>, record: Option<&SignInRecord>, from: &Actor) -> Result<()> {
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        let locked = lockout::record_failure(conn, record.map(|record| record.id)).await?;
        record_refusal(conn, from, record, "wrongPassword").await?;
        if let (true, Some(record)) = (locked, record) {
            let mail = Mail::Security { notice: SecurityNotice::AccountLocked, at: means.clock.now() };
            outbox::queue(conn, means.keyring, &record.recipient(), mail).await?;
        }
        Ok(())
    })
    .await
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
