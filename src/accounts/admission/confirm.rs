//! The link that shows that a mailbox is somebody's: of a client who registers, or of a new address for an account.

use super::{
    activate::{self, Chosen},
    change_email,
};
use crate::{
    accounts::{
        credentials, email,
        one_time::{self, Found, Holder, Purpose},
        sign_in::Means,
        store::{self, SignInRecord},
    },
    audit::{self, Actor, Event},
    db::Pool,
    error::Result,
    notify::{Mail, outbox},
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;

/// A registration that waits.
#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = sql::Text)]
    password_hash: String,
    #[diesel(sql_type = sql::Text)]
    terms_version: String,
}

/// Mails a link to the address on file; those before stop working. Call after locking the client's row.
pub(super) async fn mail_link(conn: &mut AsyncPgConnection, means: Means<'_>, client: &SignInRecord) -> Result<()> {
    let holder = Holder::User(client.id);
    let issued = one_time::issue(conn, means.clock, Purpose::VerifyEmail, holder, &client.email).await?;
    // There were enough of them lately: the last one works.
    let Some(issued) = issued else { return Ok(()) };
    one_time::replace_by(conn, client.id, &issued).await?;
    let mail = Mail::VerifyEmail { path: issued.path("/verify-email"), expires_at: issued.expires_at };
    outbox::mail(conn, means.keyring, &client.recipient(), mail).await
}

/// Mails the link again to a client whose registration waits for it; tells nothing.
pub async fn resend(pool: &Pool, means: Means<'_>, typed: &str, from: &Actor) -> Result<()> {
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        let client = match email::find(conn, typed).await? {
            Some(user) => store::lock_user(conn, user.id).await?,
            None => None,
        };
        let waiting = match &client {
            Some(client) => find_waiting(conn, client).await?,
            None => None,
        };
        let (Some(client), Some(_)) = (client, waiting) else {
            return Ok(audit::record(conn, Event::new(from, "verification.requested").refused()).await?);
        };
        mail_link(conn, means, &client).await?;
        let actor = Actor { practice: Some(client.practice_id), ..from.clone() };
        Ok(audit::record(conn, credentials::about(&actor, "verification.requested", &client)).await?)
    })
    .await
}

/// Takes a link's token: the account opens, or has its new address.
///
/// # Errors
/// `invalid`: the link is over.
pub async fn confirm(pool: &Pool, means: Means<'_>, token: &SecretString, from: &Actor) -> Result<()> {
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        if let Some((found, user)) = find(conn, Purpose::VerifyEmail, token).await? {
            return open_account(conn, means, &found, &user, from).await;
        }
        let (found, user) = find(conn, Purpose::ChangeEmail, token).await?.ok_or_else(one_time::is_over)?;
        change_email::confirm(conn, means, &found, &user, from).await
    })
    .await
}

/// The token, with its user locked.
async fn find(
    conn: &mut AsyncPgConnection,
    purpose: Purpose,
    token: &SecretString,
) -> Result<Option<(Found, SignInRecord)>> {
    let found = one_time::find(conn, purpose, token).await?.filter(|found| found.is_good);
    let Some((found, user)) = found.and_then(|found| found.user.map(|user| (found, user))) else { return Ok(None) };
    let user = store::lock_user(conn, user).await?.filter(|user| user.status == "active");
    Ok(user.map(|user| (found, user)))
}

async fn open_account(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    found: &Found,
    client: &SignInRecord,
    from: &Actor,
) -> Result<()> {
    let waiting = find_waiting(conn, client).await?.filter(|_| found.was_sent_to(&client.email));
    let waiting = waiting.ok_or_else(one_time::is_over)?;
    if !one_time::spend(conn, found).await? {
        return Err(one_time::is_over());
    }
    let chosen = Chosen { password_hash: &waiting.password_hash, terms_version: &waiting.terms_version, proof: "file" };
    activate::activate(conn, means, client, chosen, from).await
}

async fn find_waiting(conn: &mut AsyncPgConnection, client: &SignInRecord) -> QueryResult<Option<Waiting>> {
    if client.password_hash.is_some() || client.status != "active" {
        return Ok(None);
    }
    crate::db::statement("SELECT password_hash, terms_version FROM registrations WHERE client_id = $1")
        .bind::<sql::Uuid, _>(client.id)
        .get_result(conn)
        .await
        .optional()
}
