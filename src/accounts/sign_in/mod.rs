//! Signing in at one of the two doors: a first factor, a second one where the person has any, a session. Whatever is
//! wrong, the answer and the work done are the same: nobody learns whether an account exists, is locked, or belongs at
//! the other door.
//!
//! - [`check_password`]: e-mail address and password to [`Verified`]; other first factors make one as well
//! - [`proceed`]: from [`Verified`] to a session, or to a [`Challenge`] for a second factor
//! - [`ticket`]: who still owes the second factor; [`second_factor`]: which ones a person has
//! - [`finish`]: from ticket and second factor to a session
//! - [`begin`]: the session itself, and what the caller is handed; [`alert`]: telling of it by e-mail
//!
//! Locks are taken in this order: the user's row, then tickets, then sessions. Whoever changes a password or a factor
//! locks the user's row first and ends sessions and tickets after: a sign-in under way comes before, and is ended, or
//! after, and is refused.

mod alert;
mod begin;
mod check_password;
pub mod second_factor;
pub mod ticket;
mod verified;

pub use begin::{Handover, Means, SignedIn, Token};
pub use check_password::{Attempt, check_password, check_password_of};
pub use second_factor::Method;
pub use ticket::{Challenge, Ticket};
pub use verified::{Proof, Verified};

use super::{lockout, store};
use crate::{
    audit::{self, Actor, Event},
    db::Pool,
    error::{Error, Result},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};

/// How far a sign-in came.
pub enum Step {
    SignedIn(Box<SignedIn>),
    SecondFactor(Challenge),
}

/// Signs in with e-mail address and password.
///
/// # Errors
/// `InvalidCredentials` for whatever is wrong with the attempt; `Busy` when too many sign in at once.
pub async fn sign_in(
    pool: &Pool,
    means: Means<'_>,
    attempt: Attempt,
    handover: Handover,
    from: &Actor,
) -> Result<Step> {
    let verified = check_password(pool, means, attempt, from).await?;
    proceed(&mut *pool.get().await?, means, verified, handover, from).await
}

/// Goes on from a first factor, with a new session every time.
///
/// # Errors
/// `InvalidCredentials` when the person may not come in here: locked, disabled, wrong door, password changed meanwhile.
pub async fn proceed(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    verified: Verified,
    handover: Handover,
    from: &Actor,
) -> Result<Step> {
    let step = conn.transaction(async |conn| {
        let Some(user) = store::lock_user(conn, verified.user).await? else { return Ok(None) };
        if let Some(reason) = verified.refusal(&user, means.clock.now()) {
            record_refusal(conn, from, Some(&user), reason).await?;
            return Ok(None);
        }
        if !verified.proof.is_enough() {
            let methods = second_factor::find_methods(conn, user.id).await?;
            if !methods.is_empty() || user.role().is_some_and(|role| means.need_second_factor(role)) {
                let challenge = ticket::issue(conn, &verified, handover, methods, means.clock.now()).await?;
                return Ok(Some(Step::SecondFactor(challenge)));
            }
        }
        let signed_in = begin::begin_session(conn, means, &user, verified.proof, None, handover, from).await?;
        Ok::<_, Error>(Some(Step::SignedIn(Box::new(signed_in))))
    });
    step.await?.ok_or(Error::InvalidCredentials)
}

/// The session of somebody who has just shown the second factor that their ticket asks for. Call in the transaction
/// that uses the code up, and commit it: None, with the refusal on record, when the ticket is spent or the person may
/// no longer come in.
///
/// # Errors
/// When the store fails.
pub async fn finish(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    ticket: Ticket,
    method: Method,
    from: &Actor,
) -> Result<Option<SignedIn>> {
    let Some(user) = store::lock_user(conn, ticket.user()).await? else { return Ok(None) };
    let reason = match ticket.refusal(&user, means.clock.now()) {
        None if ticket::spend(conn, &ticket).await? => None,
        None => Some("ticketSpent"),
        refused => refused,
    };
    if let Some(reason) = reason {
        record_refusal(conn, from, Some(&user), reason).await?;
        return Ok(None);
    }
    let (proof, handover) = (ticket.proof(), ticket.handover());
    begin::begin_session(conn, means, &user, proof, Some(method), handover, from).await.map(Some)
}

/// Counts a wrong second factor against the ticket and the account, and puts it on record.
pub async fn record_wrong_factor(conn: &mut AsyncPgConnection, ticket: &Ticket, from: &Actor) -> Result<()> {
    let Some(user) = store::lock_user(conn, ticket.user()).await? else { return Ok(()) };
    ticket::count_failure(conn, ticket).await?;
    lockout::record_failure(conn, Some(user.id)).await?;
    record_refusal(conn, from, Some(&user), "wrongSecondFactor").await
}

/// Puts a refusal on record of a first factor that is nobody's.
pub async fn record_unknown(conn: &mut AsyncPgConnection, from: &Actor, reason: &'static str) -> Result<()> {
    record_refusal(conn, from, None, reason).await
}

/// One row for every sign-in that was refused, of somebody or of nobody.
async fn record_refusal(
    conn: &mut AsyncPgConnection,
    from: &Actor,
    user: Option<&store::SignInRecord>,
    reason: &'static str,
) -> Result<()> {
    let mut event = Event::new(from, "session.begun").refused().with(serde_json::json!({ "reason": reason }));
    if let Some(user) = user {
        event = event.in_practice(user.practice_id).on("user", user.id);
        if user.is_client() {
            event = event.of_client(user.id);
        }
    }
    Ok(audit::record(conn, event).await?)
}
