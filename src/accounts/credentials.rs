//! Giving somebody another password, and everything that hangs from the old one an end.

use super::{Role, one_time, password::work, sessions, sign_in::ticket, store::SignInRecord};
use crate::{
    audit::{Actor, Event},
    error::Result,
    ids::{SignInId, UserId},
};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;

/// Stores the hash of a new password, ends all sessions but `except` and all links. Call after locking the user's row;
/// tells which sessions ended.
pub async fn set_password(
    conn: &mut AsyncPgConnection,
    user: UserId,
    hash: &str,
    sessions: Ending,
) -> QueryResult<Vec<SignInId>> {
    crate::db::statement("UPDATE users SET password_hash = $2, failed_sign_ins = 0, locked_until = NULL WHERE id = $1")
        .bind::<sql::Uuid, _>(user)
        .bind::<sql::Text, _>(hash)
        .execute(conn)
        .await?;
    one_time::end_all(conn, user, "passwordChanged").await?;
    match sessions {
        Ending::All => sessions::end_all(conn, user, None, "passwordChanged").await,
        Ending::AllBut(session) => sessions::end_all(conn, user, Some(session), "passwordChanged").await,
        Ending::None => {
            // Who came half the way in with the old one starts again.
            ticket::forget_all(conn, user).await?;
            Ok(Vec::new())
        }
    }
}

/// Which sessions end with a password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    All,
    AllBut(SignInId),
    None,
}

/// What others know of a person: no password is made of it.
pub async fn known_of(conn: &mut AsyncPgConnection, names: &[&str]) -> QueryResult<Vec<String>> {
    /// An installation serves one practice, or a few.
    const PRACTICES: i64 = 100;
    use crate::schema::practices;
    let mut known: Vec<String> = practices::table.select(practices::name).limit(PRACTICES).load(conn).await?;
    known.extend(names.iter().map(|name| (*name).to_owned()));
    Ok(known)
}

/// Whoever is about to choose a password, and has shown who they are.
pub async fn known_of_user(conn: &mut AsyncPgConnection, user: &SignInRecord) -> QueryResult<Vec<String>> {
    known_of(conn, &[&user.name, &user.email]).await
}

/// Somebody acting on their own account, not signed in: as the audit log names them.
pub fn actor(user: &SignInRecord, from: &Actor) -> Actor {
    Actor { user: Some(user.id), practice: Some(user.practice_id), role: user.role().map(Role::as_str), ..from.clone() }
}

/// A password that keeps the rules, hashed; the turn is given back before anything is stored.
pub async fn hash_new(password: SecretString, known: Vec<String>, pointer: &'static str) -> Result<String> {
    let turn = work::turn().await?;
    work::check(&turn, password.clone(), known, pointer).await?;
    work::hash(&turn, password).await
}

/// An event of somebody's own account.
pub fn about<'a>(actor: &'a Actor, action: &'static str, user: &SignInRecord) -> Event<'a> {
    let event = Event::new(actor, action).in_practice(user.practice_id).on("user", user.id);
    if user.is_client() { event.of_client(user.id) } else { event }
}
