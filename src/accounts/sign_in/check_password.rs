//! E-mail address and password. Does the same work for an account that is not there, and counts failures before it
//! answers.

use super::{
    begin::Means,
    record_refusal,
    verified::{Proof, Verified},
};
use crate::{
    accounts::{
        Audience, lockout,
        password::{
            self,
            work::{self, Turn},
        },
        security_notice,
        store::{self, SignInRecord},
    },
    audit::Actor,
    db::Pool,
    error::{Error, Result},
    ids::UserId,
    notify::mail::SecurityNotice,
};
use diesel_async::AsyncConnection;
use secrecy::SecretString;

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
    let turn = work::turn().await?;
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
    let turn = work::turn().await?;
    let record = store::find_user(&mut *pool.get().await?, user).await?;
    let door = record.as_ref().and_then(SignInRecord::audience).ok_or(Error::InvalidCredentials)?;
    let now = means.clock.now();
    let is_locked = record.as_ref().is_some_and(|user| user.locked_until.is_some_and(|until| until > now));
    let verified = check(pool, means, record, password, door, from, turn).await?;
    if is_locked { Err(Error::InvalidCredentials) } else { Ok(verified) }
}

/// The turn is kept until the outcome is counted, so that no more guesses are under way than are counted.
async fn check(
    pool: &Pool,
    means: Means<'_>,
    record: Option<SignInRecord>,
    password: SecretString,
    door: Audience,
    from: &Actor,
    turn: Turn,
) -> Result<Verified> {
    let stored = record.as_ref().and_then(|record| record.password_hash.clone());
    let matches = work::verify(&turn, password.clone(), stored).await?;
    if let (true, Some(record)) = (matches, &record) {
        let password_hash = renew_outdated(pool, &turn, record, password).await?;
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
            security_notice::tell(conn, means, record, SecurityNotice::AccountLocked).await?;
        }
        Ok(())
    })
    .await
}

/// The hash, made anew where it was brought along from another system or made with less effort than is due today.
async fn renew_outdated(
    pool: &Pool,
    turn: &Turn,
    record: &SignInRecord,
    password: SecretString,
) -> Result<Option<String>> {
    let Some(outdated) = record.password_hash.as_deref().filter(|stored| password::is_outdated(stored)) else {
        return Ok(record.password_hash.clone());
    };
    let renewed = work::hash(turn, password).await?;
    let is_renewed = store::renew_hash(&mut *pool.get().await?, record.id, outdated, &renewed).await?;
    Ok(Some(if is_renewed { renewed } else { outdated.to_owned() }))
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
