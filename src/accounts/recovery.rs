//! Back into an account whose password was forgotten: a link to the address on file, a new password. The link proves the
//! mailbox and nothing else: nobody is signed in by it, and a second factor is asked for at the next sign-in as ever.

use super::{
    Audience,
    credentials::{self, Ending},
    email,
    one_time::{self, Found, Holder, Purpose},
    security_notice,
    sign_in::Means,
    store::{self, SignInRecord},
};
use crate::{
    audit::{self, Actor, Event},
    db::Pool,
    error::Result,
    ids::SignInId,
    notify::{Mail, mail::SecurityNotice, outbox},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use secrecy::SecretString;
use serde_json::json;

/// Mails a link to whoever signs in at this door with this address and has a password; tells nothing.
pub async fn ask(pool: &Pool, means: Means<'_>, door: Audience, typed: &str, from: &Actor) -> Result<()> {
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        let user = email::find(conn, typed).await?;
        let Some(user) = user.filter(|user| may_reset(user, door)) else {
            return Ok(audit::record(conn, Event::new(from, "passwordReset.requested").refused()).await?);
        };
        let issued =
            one_time::issue(conn, means.clock, Purpose::ResetPassword, Holder::User(user.id), &user.email).await?;
        let actor = Actor { practice: Some(user.practice_id), ..from.clone() };
        let mut event = credentials::about(&actor, "passwordReset.requested", &user);
        if let Some(issued) = issued {
            let page = match door {
                Audience::Portal => "/reset-password",
                Audience::Ehr => "/reset-password?door=clinician",
            };
            let mail = Mail::ResetPassword { path: issued.path(page), expires_at: issued.expires_at };
            outbox::mail(conn, means.keyring, &user.recipient(), mail).await?;
        } else {
            event = event.refused().with(json!({ "reason": "tooMany" }));
        }
        Ok(audit::record(conn, event).await?)
    })
    .await
}

/// Takes the link's token for a new password; tells which sessions ended.
///
/// # Errors
/// `invalid`: the link is over, or the password is none.
pub async fn reset(
    pool: &Pool,
    means: Means<'_>,
    door: Audience,
    token: SecretString,
    password: SecretString,
    from: &Actor,
) -> Result<Vec<SignInId>> {
    // A refused password does not use the link up.
    let (found, known) = {
        let mut conn = pool.get().await?;
        let found = one_time::find(&mut conn, Purpose::ResetPassword, &token).await?.filter(|found| found.is_good);
        let found = found.ok_or_else(one_time::is_over)?;
        let user = judge(&found, find_user(&mut conn, &found).await?, door)?;
        (found, credentials::known_of_user(&mut conn, &user).await?)
    };
    let hash = credentials::hash_new(password, known, "/password").await?;
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        let user = match found.user {
            Some(user) => store::lock_user(conn, user).await?,
            None => None,
        };
        let user = judge(&found, user, door)?;
        if !one_time::spend(conn, &found).await? {
            return Err(one_time::is_over());
        }
        let ended = credentials::set_password(conn, user.id, &hash, Ending::All).await?;
        let actor = credentials::actor(&user, from);
        let event = credentials::about(&actor, "password.reset", &user).with(json!({ "sessionsEnded": ended.len() }));
        audit::record(conn, event).await?;
        security_notice::tell(conn, means, &user, SecurityNotice::PasswordChanged).await?;
        Ok(ended)
    })
    .await
}

async fn find_user(conn: &mut AsyncPgConnection, found: &Found) -> Result<Option<SignInRecord>> {
    match found.user {
        Some(user) => Ok(store::find_user(conn, user).await?),
        None => Ok(None),
    }
}

/// The user, if the link is still theirs.
fn judge(found: &Found, user: Option<SignInRecord>, door: Audience) -> Result<SignInRecord> {
    let user = user.filter(|user| may_reset(user, door) && found.was_sent_to(&user.email));
    user.ok_or_else(one_time::is_over)
}

/// Who never had a password registers, or is let in by the practice.
fn may_reset(user: &SignInRecord, door: Audience) -> bool {
    user.status == "active" && user.audience() == Some(door) && user.password_hash.is_some()
}
