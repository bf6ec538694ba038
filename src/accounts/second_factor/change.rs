//! Changing what somebody proves themselves with. Every change is on record, and the person is told by e-mail. Call
//! within a transaction.

use super::{
    authenticator,
    backup_codes::{self, Sheet},
};
use crate::{
    accounts::{
        Role, passkeys, security_notice, sessions,
        sign_in::{Means, second_factor::find_methods},
        store::{self, SignInRecord},
    },
    audit::{self, Actor, Event},
    error::{Error, Result},
    ids::{SignInId, UserId},
    notify::mail::SecurityNotice,
};
use diesel_async::AsyncPgConnection;
use serde_json::json;

const DUE: &str = "Your practice asks for a second factor. Add another one before you remove the last.";

/// The user, locked: whoever signs in meanwhile comes before the change or after it.
pub async fn lock(conn: &mut AsyncPgConnection, user: UserId) -> Result<SignInRecord> {
    store::lock_user(conn, user).await?.ok_or(Error::Unauthenticated)
}

/// Puts the app into use whose code this is, with a fresh sheet of codes. False: the code is wrong.
///
/// # Errors
/// `conflict` when no seed was shown lately.
pub async fn confirm_app(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    user: &SignInRecord,
    code: &str,
    sheet: &Sheet,
    by: &Actor,
) -> Result<bool> {
    if !authenticator::confirm(conn, means.keyring, user.id, code, means.clock.now()).await? {
        return Ok(false);
    }
    backup_codes::replace(conn, user.id, sheet).await?;
    record(conn, by, user, "totp.enrolled").await?;
    tell(conn, means, user, SecurityNotice::SecondFactorAdded).await?;
    Ok(true)
}

/// Puts a fresh sheet in place of the old one.
///
/// # Errors
/// `conflict` for somebody without another factor: codes on paper stand in for one.
pub async fn renew_codes(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    user: &SignInRecord,
    sheet: &Sheet,
    by: &Actor,
) -> Result<()> {
    if find_methods(conn, user.id).await?.is_empty() {
        return Err(Error::conflict("Backup codes stand in for a second factor. Add an app or a passkey first."));
    }
    backup_codes::replace(conn, user.id, sheet).await?;
    record(conn, by, user, "backupCodes.renewed").await?;
    tell(conn, means, user, SecurityNotice::BackupCodesRenewed).await
}

/// Takes the app away, and ends what was signed in with it elsewhere. False: there was none.
///
/// # Errors
/// `forbidden` when it is the last factor of somebody who needs one.
pub async fn remove_app(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    user: &SignInRecord,
    by: &Actor,
) -> Result<bool> {
    if !authenticator::remove(conn, user.id).await? {
        return Ok(false);
    }
    settle(conn, means, user, by.sign_in).await?;
    record(conn, by, user, "totp.removed").await?;
    tell(conn, means, user, SecurityNotice::SecondFactorRemoved).await?;
    Ok(true)
}

/// After a factor was taken away: codes on paper alone are no factor, and other sessions end.
///
/// # Errors
/// `forbidden` when it was the last factor of somebody who needs one: roll back.
pub async fn settle(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    user: &SignInRecord,
    stays: Option<SignInId>,
) -> Result<()> {
    let is_left = authenticator::enrolled_at(conn, user.id).await?.is_some()
        || !passkeys::store::credential_ids(conn, user.id).await?.is_empty();
    if !is_left {
        if user.role().is_some_and(|role| means.need_second_factor(role)) {
            return Err(Error::Forbidden(DUE));
        }
        backup_codes::remove(conn, user.id).await?;
    }
    sessions::end_all(conn, user.id, stays, "secondFactorRemoved").await?;
    Ok(())
}

/// Takes everything away from somebody who lost it: the practice has made sure who they are. Signing in takes the
/// password alone then, or the password and a new factor where one is due.
pub async fn reset(conn: &mut AsyncPgConnection, means: Means<'_>, user: &SignInRecord, by: &Actor) -> Result<()> {
    clear(conn, user, by).await?;
    tell(conn, means, user, SecurityNotice::SecondFactorRemoved).await
}

/// The same without an e-mail, for an operator who has no keys at hand.
pub async fn clear(conn: &mut AsyncPgConnection, user: &SignInRecord, by: &Actor) -> Result<()> {
    let had_app = authenticator::remove(conn, user.id).await?;
    let had_passkeys = passkeys::store::remove_all(conn, user.id).await?;
    backup_codes::remove(conn, user.id).await?;
    sessions::end_all(conn, user.id, None, "secondFactorReset").await?;
    let detail = json!({ "app": had_app, "passkeys": had_passkeys });
    Ok(audit::record(conn, event(by, user, "secondFactor.reset").with(detail)).await?)
}

/// Puts a change on record.
pub async fn record(conn: &mut AsyncPgConnection, by: &Actor, user: &SignInRecord, action: &'static str) -> Result<()> {
    Ok(audit::record(conn, event(by, user, action)).await?)
}

fn event<'a>(by: &'a Actor, user: &SignInRecord, action: &'static str) -> Event<'a> {
    let event = Event::new(by, action).in_practice(user.practice_id).on("user", user.id);
    if user.role() == Some(Role::Client) { event.of_client(user.id) } else { event }
}

/// Tells the person by e-mail.
pub async fn tell(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    user: &SignInRecord,
    notice: SecurityNotice,
) -> Result<()> {
    security_notice::tell(conn, means, user, notice).await
}
