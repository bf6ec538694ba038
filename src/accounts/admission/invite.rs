//! Invitations: of clients who are on file, and of colleagues. One that is open for an address takes the place of the
//! one before. The mailed link lives an hour, the invitation a week: whoever comes with an old link is sent a new one.

use crate::{
    accounts::{
        Role,
        one_time::{self, Holder, Purpose},
        sign_in::Means,
        store::{self, SignInRecord},
    },
    audit::{self, Actor, Event},
    db::Pool,
    error::{Error, Result},
    ids::{InvitationId, PracticeId, UserId},
    notify::{
        Channel, Mail,
        outbox::{self, Recipient},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;
use serde_json::json;

/// How long somebody may take to come.
const LIFETIME: TimeDelta = TimeDelta::days(7);
/// Wrong dates of birth, and the practice has to invite again.
const FAILURES: i32 = 5;
/// The most that one list holds.
const MOST: i64 = 200;

/// An invitation.
#[derive(QueryableByName)]
pub struct Invitation {
    #[diesel(sql_type = sql::Uuid)]
    pub id: InvitationId,
    #[diesel(sql_type = sql::Uuid)]
    pub practice_id: PracticeId,
    #[diesel(sql_type = sql::Text)]
    pub email: String,
    #[diesel(sql_type = sql::Text)]
    pub role: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    pub client_id: Option<UserId>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Timestamptz)]
    pub expires_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    pub accepted_at: Option<DateTime<Utc>>,
}

macro_rules! invitations {
    ($condition:literal) => {
        concat!(
            "SELECT id, practice_id, email, role, client_id, created_at, expires_at, accepted_at FROM invitations WHERE ",
            $condition
        )
    };
}

/// Invites a client of the practice who is on file and has no account yet.
///
/// # Errors
/// `notFound`; `conflict` when they have an account.
pub async fn invite_client(pool: &Pool, means: Means<'_>, client: UserId, actor: &Actor) -> Result<Invitation> {
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        let client = store::lock_user(conn, client).await?;
        let client = client.filter(|client| client.is_client() && Some(client.practice_id) == actor.practice);
        let client = client.filter(|client| client.status == "active").ok_or(Error::NotFound)?;
        if client.password_hash.is_some() {
            return Err(Error::conflict("This client has an account already. A forgotten password is no invitation."));
        }
        invite(conn, means, Role::Client, Some(client.id), &client.recipient(), actor).await
    })
    .await
}

/// Invites a colleague into the caller's practice.
///
/// # Errors
/// `invalid`; `conflict` when they are a user of the practice.
pub async fn invite_colleague(
    pool: &Pool,
    means: Means<'_>,
    email: String,
    role: Role,
    actor: &Actor,
) -> Result<Invitation> {
    let practice = actor.practice.ok_or(Error::Unauthenticated)?;
    if !role.is_staff() {
        return Err(Error::field("/role", "Clients are put on file first, and invited from there."));
    }
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        let user = store::find_for_sign_in(conn, &email).await?;
        // Who is with another practice is told so themselves, when they accept.
        if user.is_some_and(|user| user.practice_id == practice) {
            return Err(Error::conflict("Somebody of your practice signs in with this address already."));
        }
        let to = Recipient { practice, user: None, channel: Channel::Email, address: email, language: "en".into() };
        invite(conn, means, role, None, &to, actor).await
    })
    .await
}

async fn invite(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    role: Role,
    client: Option<UserId>,
    to: &Recipient,
    actor: &Actor,
) -> Result<Invitation> {
    let before: Vec<Ended> = crate::db::statement(
        "UPDATE invitations SET revoked_at = now() WHERE practice_id = $1 AND lower(email) = lower($2)
            AND accepted_at IS NULL AND revoked_at IS NULL RETURNING id",
    )
    .bind::<sql::Uuid, _>(to.practice)
    .bind::<sql::Text, _>(&to.address)
    .load(conn)
    .await?;
    for ended in before {
        one_time::end_all_of_invitation(conn, ended.id, "replaced").await?;
    }
    let invitation: Invitation = crate::db::statement(
        "INSERT INTO invitations (id, practice_id, email, role, client_id, invited_by, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        RETURNING id, practice_id, email, role, client_id, created_at, expires_at, accepted_at",
    )
    .bind::<sql::Uuid, _>(InvitationId::new())
    .bind::<sql::Uuid, _>(to.practice)
    .bind::<sql::Text, _>(&to.address)
    .bind::<sql::Text, _>(role.as_str())
    .bind::<sql::Nullable<sql::Uuid>, _>(client)
    .bind::<sql::Nullable<sql::Uuid>, _>(actor.user)
    .bind::<sql::Timestamptz, _>(means.clock.now() + LIFETIME)
    .get_result(conn)
    .await?;
    mail_link(conn, means, &invitation, to).await?;
    let event =
        Event::new(actor, "invitation.sent").on("invitation", invitation.id).with(json!({ "role": role.as_str() }));
    let event = match client {
        Some(client) => event.of_client(client),
        None => event,
    };
    audit::record(conn, event).await?;
    Ok(invitation)
}

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = sql::Uuid)]
    id: InvitationId,
}

async fn mail_link(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    invitation: &Invitation,
    to: &Recipient,
) -> Result<()> {
    use crate::schema::practices;
    let holder = Holder::Invitation(invitation.id);
    let issued = one_time::issue(conn, means.clock, Purpose::Invitation, holder, &invitation.email).await?;
    let Some(issued) = issued else { return Ok(()) };
    let practice = practices::table.find(invitation.practice_id).select(practices::name).first(conn).await?;
    let page = if invitation.client_id.is_some() { "/register" } else { "/invitation" };
    let mail = Mail::Invitation { practice, path: issued.path(page), expires_at: issued.expires_at };
    outbox::mail(conn, means.keyring, to, mail).await
}

/// The invitation that a token was mailed for, if it still stands; locked. And whether the token is good: an old one is
/// answered with a new one in the mail.
pub(super) async fn find_by_token(
    conn: &mut AsyncPgConnection,
    token: &SecretString,
) -> Result<Option<(Invitation, one_time::Found)>> {
    let Some(found) = one_time::find(conn, Purpose::Invitation, token).await? else { return Ok(None) };
    let invitation: Option<Invitation> = crate::db::statement(invitations!(
        "id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now() FOR UPDATE"
    ))
    .bind::<sql::Nullable<sql::Uuid>, _>(found.invitation)
    .get_result(conn)
    .await
    .optional()?;
    Ok(invitation.map(|invitation| (invitation, found)))
}

/// Sends a new link for an old one.
pub(super) async fn renew_link(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    invitation: &Invitation,
    to: &Recipient,
) -> Result<()> {
    mail_link(conn, means, invitation, to).await
}

/// Judges a client who comes with an invitation; None: it was for them, and is used up. A letter may go astray: the date
/// of birth has to be right as well.
pub(super) async fn judge_clients(
    conn: &mut AsyncPgConnection,
    means: Means<'_>,
    client: &SignInRecord,
    token: &SecretString,
    is_born: bool,
) -> Result<Option<&'static str>> {
    let Some((invitation, found)) = find_by_token(conn, token).await? else { return Ok(Some("linkOver")) };
    if invitation.client_id != Some(client.id) || !found.was_sent_to(&client.email) {
        return Ok(Some("anothersLink"));
    }
    if !is_born {
        crate::db::statement(
            "UPDATE invitations SET failures = failures + 1,
                revoked_at = CASE WHEN failures + 1 >= $2 THEN now() END WHERE id = $1",
        )
        .bind::<sql::Uuid, _>(invitation.id)
        .bind::<sql::Integer, _>(FAILURES)
        .execute(conn)
        .await?;
        return Ok(Some("wrong"));
    }
    if one_time::spend(conn, &found).await? {
        return Ok(None);
    }
    renew_link(conn, means, &invitation, &client.recipient()).await?;
    Ok(Some("linkOver"))
}

/// Notes that somebody came.
pub(super) async fn close(conn: &mut AsyncPgConnection, invitation: InvitationId) -> QueryResult<()> {
    crate::db::statement("UPDATE invitations SET accepted_at = now() WHERE id = $1")
        .bind::<sql::Uuid, _>(invitation)
        .execute(conn)
        .await?;
    one_time::end_all_of_invitation(conn, invitation, "accepted").await
}

/// The practice's invitations that stand or were accepted, the newest first.
pub async fn list(conn: &mut AsyncPgConnection, practice: PracticeId) -> QueryResult<Vec<Invitation>> {
    crate::db::statement(invitations!("practice_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT $2"))
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::BigInt, _>(MOST)
        .load(conn)
        .await
}

/// Takes an invitation back.
///
/// # Errors
/// `notFound` when there is none that stands.
pub async fn revoke(pool: &Pool, id: InvitationId, actor: &Actor) -> Result<()> {
    let mut conn = pool.get().await?;
    conn.transaction(async |conn| {
        let revoked: Option<Ended> = crate::db::statement(
            "UPDATE invitations SET revoked_at = now()
            WHERE id = $1 AND practice_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL RETURNING id",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Nullable<sql::Uuid>, _>(actor.practice.map(|practice| practice.0))
        .get_result(conn)
        .await
        .optional()?;
        let revoked = revoked.ok_or(Error::NotFound)?;
        one_time::end_all_of_invitation(conn, revoked.id, "revoked").await?;
        Ok(audit::record(conn, Event::new(actor, "invitation.revoked").on("invitation", id)).await?)
    })
    .await
}
