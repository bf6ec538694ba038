//! A colleague accepts an invitation: the account is made, with the role that the invitation names.

use super::{admit::read_name, invite};
use crate::{
    accounts::{
        credentials, one_time,
        roster::{self, NewUser},
        sign_in::Means,
    },
    audit::{self, Actor, Event},
    db::Pool,
    error::{Error, Result},
    ids::UserId,
    notify::{
        Channel, Mail,
        mail::SecurityNotice,
        outbox::{self, Recipient},
    },
    schema::practices,
};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error as Diesel},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;

/// What came of it.
enum Outcome {
    Accepted,
    /// The link is over; where the invitation stands, a new one is in the mail.
    LinkOver,
}

/// Makes the account.
///
/// # Errors
/// `invalid`: the link is over, or name or password are none; `conflict` when the address signs in elsewhere.
pub async fn accept(
    pool: &Pool,
    means: Means<'_>,
    token: &SecretString,
    name: &str,
    password: SecretString,
    from: &Actor,
) -> Result<()> {
    let name = read_name(name)?;
    let known = {
        let mut conn = pool.get().await?;
        let found = one_time::find(&mut conn, one_time::Purpose::Invitation, token).await?;
        let address = found.map(|found| found.address).unwrap_or_default();
        credentials::known_of(&mut conn, &[&name, &address]).await?
    };
    let hash = credentials::hash_new(password, known, "/password").await?;
    let mut conn = pool.get().await?;
    let outcome = conn.transaction(async |conn| try_to_accept(conn, means, token, &name, &hash, from).await).await?;
    match outcome {
        Outcome::Accepted => Ok(()),
        Outcome::LinkOver => Err(Error::field(
            "/token",
            "This link is over, or was used already. If the invitation still stands, a new link is in the mail.",
        )),
    }
}

async fn try_to_accept(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    token: &SecretString,
    name: &str,
    hash: &str,
    from: &Actor,
) -> Result<Outcome> {
    let invited = invite::find_by_token(conn, token).await?.filter(|(invitation, _)| invitation.client_id.is_none());
    let Some((invitation, found)) = invited else { return Ok(Outcome::LinkOver) };
    let id = UserId::new();
    let practice = invitation.practice_id;
    let to = Recipient {
        practice,
        user: None,
        channel: Channel::Email,
        address: invitation.email.clone(),
        language: "en".into(),
    };
    if !one_time::spend(conn, &found).await? {
        invite::renew_link(conn, means, &invitation, &to).await?;
        return Ok(Outcome::LinkOver);
    }
    let zone: String = practices::table.find(practice).select(practices::time_zone).first(conn).await?;
    let user = NewUser {
        id,
        practice_id: practice,
        role: &invitation.role,
        email: &invitation.email,
        name,
        password_hash: hash,
        time_zone: &zone,
    };
    match roster::insert_user(conn, &user).await {
        Err(Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            return Err(Error::conflict(
                "This address signs in elsewhere already. Ask to be invited with another one.",
            ));
        }
        other => other?,
    };
    invite::close(conn, invitation.id).await?;
    let actor = Actor { user: Some(id), practice: Some(practice), ..from.clone() };
    audit::record(conn, Event::new(&actor, "invitation.accepted").on("invitation", invitation.id)).await?;
    let mail = Mail::Security { notice: SecurityNotice::Registered, at: means.clock.now() };
    outbox::mail(conn, means.keyring, &Recipient { user: Some(id), ..to }, mail).await?;
    Ok(Outcome::Accepted)
}
