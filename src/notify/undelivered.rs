//! What was given up, for staff to see and to send again. Shows to whom, by which way and why; never what was said.

use super::outbox::{Letter, seal};
use crate::{
    audit::{self, Actor, Event},
    clock::Clock,
    crypto::{Keyring, Place, WrappedKey},
    error::{Error, Result},
    ids::{DataKeyId, OutboxId, PracticeId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// A message that was given up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Undelivered {
    pub id: OutboxId,
    pub kind: String,
    pub channel: String,
    /// `failed`, or `bounced`: there is nobody at the address.
    pub state: String,
    /// None: somebody without an account.
    pub recipient: Option<Named>,
    /// In words.
    pub reason: &'static str,
    /// As the provider's answer was noted.
    pub code: Option<String>,
    pub queued_at: DateTime<Utc>,
    pub failed_at: Option<DateTime<Utc>>,
    pub tries: i32,
    /// False: what it said is not kept any more, or of no use.
    pub can_be_resent: bool,
}

/// To whom.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UndeliveredRecipient)]
pub struct Named {
    pub id: UserId,
    pub name: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: OutboxId,
    #[diesel(sql_type = sql::Text)]
    kind: String,
    #[diesel(sql_type = sql::Text)]
    channel: String,
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    user_id: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    name: Option<String>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    last_error: Option<String>,
    #[diesel(sql_type = sql::Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    settled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Integer)]
    attempts: i32,
    #[diesel(sql_type = sql::Bool)]
    is_kept: bool,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
}

/// Those of a practice, newest first.
pub async fn list(
    conn: &mut AsyncPgConnection,
    clock: &Clock,
    practice: PracticeId,
    before: Option<Uuid>,
    most: i64,
) -> Result<Vec<Undelivered>> {
    let rows: Vec<Row> = crate::db::statement(
        "SELECT o.id, o.kind, o.channel, o.state, u.id AS user_id, u.name, o.last_error, o.created_at, o.settled_at,
            o.attempts, o.sealed <> '' AS is_kept, o.expires_at
        FROM outbox o LEFT JOIN users u ON u.id = o.recipient_id
        WHERE o.practice_id = $1 AND o.state IN ('failed', 'bounced') AND ($2 IS NULL OR o.id < $2)
        ORDER BY o.id DESC LIMIT $3",
    )
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(most)
    .load(conn)
    .await?;
    let now = clock.now();
    Ok(rows.into_iter().map(|row| row.show(now)).collect())
}

impl Row {
    fn show(self, now: DateTime<Utc>) -> Undelivered {
        Undelivered {
            reason: reason(&self.state, self.last_error.as_deref().unwrap_or_default()),
            recipient: self.user_id.zip(self.name).map(|(id, name)| Named { id, name }),
            can_be_resent: self.is_kept && self.expires_at.is_none_or(|at| at > now),
            id: self.id,
            kind: self.kind,
            channel: self.channel,
            state: self.state,
            code: self.last_error,
            queued_at: self.created_at,
            failed_at: self.settled_at,
            tries: self.attempts,
        }
    }
}

fn reason(state: &str, code: &str) -> &'static str {
    match code {
        _ if state == "bounced" => "There is nobody at this address, says the provider.",
        "expired" => "It was of no more use before it could be sent.",
        "optedOut" | "twilio 21610" => "The number answered STOP: it gets nothing until it answers START.",
        "address" => "The address was taken away or changed before it could be sent.",
        "notConfigured" => "This way is not set up on this hub.",
        "outOfReach" => "The push service of this browser is at an address that is not called.",
        "unsealable" => "What was stored cannot be opened.",
        "timeout" | "unreachable" | "brokenOff" => "The provider did not answer, many times.",
        _ => "The provider refused it.",
    }
}

/// A row that may be sent again.
#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = sql::Text)]
    state: String,
    #[diesel(sql_type = sql::Text)]
    channel: String,
    #[diesel(sql_type = sql::Text)]
    kind: String,
    #[diesel(sql_type = sql::Bytea)]
    sealed: Vec<u8>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    recipient_id: Option<UserId>,
    #[diesel(sql_type = sql::Nullable<sql::Text>)]
    email: Option<String>,
    #[diesel(sql_type = sql::Uuid)]
    key_id: DataKeyId,
    #[diesel(sql_type = sql::Bytea)]
    wrapped: Vec<u8>,
}

/// Sends it once more, at once, to the address that its person has now.
///
/// # Errors
/// `notFound`: not the practice's; `conflict`: not given up, or nothing is kept that could be sent.
pub async fn resend(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    clock: &Clock,
    actor: &Actor,
    id: OutboxId,
) -> Result<()> {
    let practice = actor.practice.ok_or(Error::Unauthenticated)?;
    conn.transaction(async |conn| {
        let row = lock(conn, practice, id).await?.ok_or(Error::NotFound)?;
        if !matches!(row.state.as_str(), "failed" | "bounced") {
            return Err(Error::conflict("This message was not given up: it waits, or was sent again already."));
        }
        if row.sealed.is_empty() {
            return Err(Error::conflict("What it said is not kept any more. Do what caused it again."));
        }
        if row.expires_at.is_some_and(|at| at <= clock.now()) {
            return Err(Error::conflict("It is of no more use: its link or code is over. Do what caused it again."));
        }
        let sealed = readdress(keyring, id, &row)?;
        crate::db::statement(
            "UPDATE outbox SET state = 'waiting', attempts = 0, due_at = now(), settled_at = NULL, sent_at = NULL,
                provider_id = NULL, last_error = NULL, sealed = $2 WHERE id = $1",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Bytea, _>(sealed)
        .execute(conn)
        .await?;
        let detail = json!({"kind": row.kind, "channel": row.channel, "recipient": row.recipient_id});
        audit::record(conn, Event::new(actor, "message.resent").on("outbox", id).with(detail)).await?;
        Ok(())
    })
    .await
}

async fn lock(conn: &mut AsyncPgConnection, practice: PracticeId, id: OutboxId) -> QueryResult<Option<Kept>> {
    crate::db::statement(
        "SELECT o.state, o.channel, o.kind, o.sealed, o.expires_at, o.recipient_id, u.email, k.id AS key_id, k.wrapped
        FROM outbox o JOIN data_keys k ON k.id = o.key_id LEFT JOIN users u ON u.id = o.recipient_id
        WHERE o.id = $1 AND o.practice_id = $2 FOR UPDATE OF o",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(practice)
    .get_result(conn)
    .await
    .optional()
}

/// E-mails go to the address of now, but for those that are about an address.
fn readdress(keyring: &Keyring, id: OutboxId, row: &Kept) -> Result<Vec<u8>> {
    let is_about_address = row.kind == "verifyEmail";
    let Some(email) = row.email.as_ref().filter(|_| row.channel == "email" && !is_about_address) else {
        return Ok(row.sealed.clone());
    };
    let wrapped = WrappedKey { id: row.key_id, wrapped: row.wrapped.clone() };
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let text = key.open(Place::Outbox { id }, &row.sealed).map_err(anyhow::Error::from)?;
    let letter: Letter = serde_json::from_str(&text).map_err(anyhow::Error::from)?;
    seal(&key, id, &Letter { address: email.clone(), ..letter })
}
