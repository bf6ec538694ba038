//! Another password for somebody who is signed in and shows the old one.

use super::{
    credentials::{self, Ending},
    security_notice,
    sign_in::{self, Means},
    store,
};
use crate::{
    audit::{self, Actor},
    db::Pool,
    error::{Error, Result},
    ids::SignInId,
    notify::mail::SecurityNotice,
};
use diesel_async::AsyncConnection;
use secrecy::SecretString;
use serde_json::json;

/// A change of password, as its owner wants it.
pub struct Change {
    pub current: SecretString,
    pub new: SecretString,
    pub end_other_sessions: bool,
}

/// Changes the password of somebody who is signed in and shows the old one; tells which sessions ended.
///
/// # Errors
/// `invalid`: the old one is wrong, or the new one is none.
pub async fn change(pool: &Pool, means: Means<'_>, change: Change, actor: &Actor) -> Result<Vec<SignInId>> {
    let (Some(user), Some(session)) = (actor.user, actor.sign_in) else { return Err(Error::Unauthenticated) };
    let Change { current, new, end_other_sessions } = change;
    // A wrong one counts as at the sign-in: a stolen session is no way to guess.
    match sign_in::check_password_of(pool, means, user, current, actor).await {
        Err(Error::InvalidCredentials) => {
            return Err(Error::field(
                "/currentPassword",
                "This is not your password. After several wrong ones your account is locked for half an hour.",
            ));
        }
        other => drop(other?),
    }
    let known = {
        let mut conn = pool.get().await?;
        let user = store::find_user(&mut conn, user).await?.ok_or(Error::Unauthenticated)?;
        credentials::known_of_user(&mut conn, &user).await?
    };
    let hash = credentials::hash_new(new, known, "/newPassword").await?;
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        let user = store::lock_user(conn, user).await?.ok_or(Error::Unauthenticated)?;
        let ending = if end_other_sessions { Ending::AllBut(session) } else { Ending::None };
        let ended = credentials::set_password(conn, user.id, &hash, ending).await?;
        let event = credentials::about(actor, "password.changed", &user).with(json!({ "sessionsEnded": ended.len() }));
        audit::record(conn, event).await?;
        security_notice::tell(conn, means, &user, SecurityNotice::PasswordChanged).await?;
        Ok(ended)
    })
    .await
}
