//! The second step of signing in, with a typed code: of the authenticator app, or from the sheet.

use super::{authenticator, backup_codes, change};
use crate::{
    accounts::{
        Audience,
        sign_in::{self, Means, Method, SignedIn, ticket},
        store,
    },
    audit::Actor,
    db::Pool,
    error::{Error, Result},
    notify::mail::SecurityNotice,
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use secrecy::{ExposeSecret, SecretString};

/// What was typed.
enum Typed {
    Totp(String),
    /// What is stored of it.
    BackupCode(Vec<u8>),
    /// Nothing that could be good.
    Nonsense,
}

/// Signs in whoever holds this ticket and types a good code.
///
/// # Errors
/// `ticketExpired` when the ticket is spent, over, or was guessed with too often; `invalidCode` for whatever is wrong
/// with the code, or with the account.
pub async fn verify(
    pool: &Pool,
    means: Means<'_>,
    door: Audience,
    ticket: &SecretString,
    code: &SecretString,
    from: &Actor,
) -> Result<SignedIn> {
    let mut conn = pool.get().await?;
    let ticket = ticket::find(&mut conn, ticket, door).await?.ok_or(Error::TicketExpired)?;
    let typed = read(&mut conn, &ticket, code).await?;
    let signed_in = conn.transaction(async |conn| {
        let user = store::lock_user(conn, ticket.user()).await?.ok_or(Error::InvalidCode)?;
        // Of somebody who may not come in, no code is used up.
        if ticket.refusal(&user, means.clock.now()).is_some() {
            sign_in::finish(conn, means, ticket, Method::Totp, from).await?;
            return Ok(None);
        }
        let method = match &typed {
            Typed::Totp(code) => {
                let good = authenticator::accept(conn, means.keyring, user.id, code, means.clock.now()).await?;
                good.then_some(Method::Totp)
            }
            Typed::BackupCode(hash) => backup_codes::spend(conn, user.id, hash).await?.then_some(Method::BackupCode),
            Typed::Nonsense => None,
        };
        let Some(method) = method else {
            sign_in::record_wrong_factor(conn, &ticket, from).await?;
            return Ok(None);
        };
        if method == Method::BackupCode {
            change::tell(conn, means, &user, SecurityNotice::BackupCodeUsed).await?;
        }
        sign_in::finish(conn, means, ticket, method, from).await
    });
    signed_in.await?.ok_or(Error::InvalidCode)
}

/// Hashes a backup code before the user's row is locked: it takes a while.
async fn read(conn: &mut AsyncPgConnection, ticket: &ticket::Ticket, code: &SecretString) -> Result<Typed> {
    let plain: String = code.expose_secret().chars().filter(|c| !c.is_whitespace()).collect();
    if plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Typed::Totp(plain));
    }
    let Some(code) = backup_codes::read(code.expose_secret()) else { return Ok(Typed::Nonsense) };
    let hash = backup_codes::hash_for(conn, ticket.user(), code).await?;
    Ok(hash.map_or(Typed::Nonsense, Typed::BackupCode))
}
