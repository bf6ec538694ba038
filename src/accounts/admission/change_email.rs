//! Another address for an account. It counts once its owner opened the link that is sent there; the address before is
//! told. Whether an address is somebody else's is told to nobody.

use crate::{
    accounts::{
        credentials, email,
        one_time::{self, Found, Holder, Purpose},
        security_notice, sessions,
        sign_in::Means,
        store::{self, SignInRecord},
    },
    audit::{self, Actor},
    db::Pool,
    error::{Error, Result},
    ids::SignInId,
    notify::{
        Mail,
        mail::SecurityNotice,
        outbox::{self, Recipient},
    },
};
use diesel::{
    QueryResult,
    result::{DatabaseErrorKind, Error as Diesel},
    sql_types as sql,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// Mails a link to the new address; tells which sessions ended. The caller has shown who they are a moment ago.
///
/// # Errors
/// `invalid`: no address, or the one that the account has.
pub async fn request(
    pool: &Pool,
    means: Means<'_>,
    typed: &str,
    end_other_sessions: bool,
    actor: &Actor,
) -> Result<Vec<SignInId>> {
    let (Some(user), Some(session)) = (actor.user, actor.sign_in) else { return Err(Error::Unauthenticated) };
    let new = email::read(typed, "/email")?;
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        let user = store::lock_user(conn, user).await?.ok_or(Error::Unauthenticated)?;
        if user.email.to_lowercase() == new.to_lowercase() {
            return Err(Error::field("/email", "This is your address already."));
        }
        let mut event = credentials::about(actor, "emailChange.requested", &user);
        if email::find(conn, &new).await?.is_some() {
            event = event.refused().with(json!({ "reason": "taken" }));
        } else if let Some(issued) =
            one_time::issue(conn, means.clock, Purpose::ChangeEmail, Holder::User(user.id), &new).await?
        {
            let to = Recipient { address: new, ..user.recipient() };
            let mail = Mail::VerifyEmail { path: issued.path("/verify-email"), expires_at: issued.expires_at };
            outbox::mail(conn, means.keyring, &to, mail).await?;
        } else {
            event = event.refused().with(json!({ "reason": "tooMany" }));
        }
        audit::record(conn, event).await?;
        match end_other_sessions {
            true => Ok(sessions::end_all(conn, user.id, Some(session), "emailChanged").await?),
            false => Ok(Vec::new()),
        }
    })
    .await
}

/// The new address was shown to be theirs. The user's row is locked.
pub(super) async fn confirm(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    found: &Found,
    user: &SignInRecord,
    from: &Actor,
) -> Result<()> {
    if !one_time::spend(conn, found).await? || !set_email(conn, user, &found.address).await? {
        return Err(one_time::is_over());
    }
    one_time::end_all(conn, user.id, "addressChanged").await?;
    let actor = credentials::actor(user, from);
    audit::record(conn, credentials::about(&actor, "email.changed", user)).await?;
    security_notice::tell(conn, means, user, SecurityNotice::EmailChanged).await
}

/// False when it is somebody else's by now.
async fn set_email(conn: &mut AsyncPgConnection, user: &SignInRecord, address: &str) -> QueryResult<bool> {
    let set = crate::db::statement("UPDATE users SET email = $2 WHERE id = $1")
        .bind::<sql::Uuid, _>(user.id)
        .bind::<sql::Text, _>(address)
        .execute(conn)
        .await;
    match set {
        Err(Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        other => Ok(other? == 1),
    }
}
