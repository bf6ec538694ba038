//! A person's telephone number: entered, and theirs once they typed the code that was sent to it. The number in use stays
//! until the next one is proven, so that nobody on call is out of reach meanwhile.

use super::{
    number,
    point::{self, Point},
};
use crate::{
    audit::{self, Actor, Event},
    clock::Clock,
    crypto::Keyring,
    error::{Error, Result},
    ids::{ContactPointId, PracticeId, UserId},
    keys,
    notify::{
        Channel, Mail,
        content::PhoneCode,
        mail::SecurityNotice,
        outbox::{self, Delivery, Recipient},
        secrets::Digester,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::json;
use std::time::Duration;
use utoipa::ToSchema;

/// How long a code works.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Wrong codes; then a new one is needed.
const FAILURES: i32 = 5;
/// Codes in an hour and in a day: text messages cost money, and may go to somebody who did not ask for them.
const MOST_HOURLY: i64 = 3;
const MOST_DAILY: i64 = 8;

/// What a number is found by.
pub(super) const LOOKUP: &str = "contactPoint.sms";

/// What a person's own numbers are.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Phones {
    /// The one in use.
    pub number: Option<String>,
    pub verified_at: Option<DateTime<Utc>>,
    /// When it answered STOP: nothing is sent to it until it answers START.
    pub opted_out_at: Option<DateTime<Utc>>,
    /// The one whose code was not entered yet.
    pub pending: Option<String>,
}

/// What these calls work with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    pub keyring: &'a Keyring,
    pub clock: &'a Clock,
}

/// The caller's own numbers.
pub async fn show(conn: &mut AsyncPgConnection, keyring: &Keyring, user: UserId) -> Result<Phones> {
    let mut phones = Phones::default();
    for point in numbers(conn, user).await? {
        let number = point.open(keyring)?;
        match point.verified_at {
            None => phones.pending = Some(number),
            Some(at) => {
                phones.opted_out_at = point.opted_out_at;
                (phones.number, phones.verified_at) = (Some(number), Some(at));
            }
        }
    }
    Ok(phones)
}

/// Sends a code to a number.
///
/// # Errors
/// `invalid`: no number, or the one in use; `rateLimited`: too many codes.
pub async fn enter(conn: &mut AsyncPgConnection, means: Means<'_>, actor: &Actor, typed: &str) -> Result<()> {
    let user = actor.user.ok_or(Error::Unauthenticated)?;
    let number = number::read(typed, "/number")?;
    conn.transaction(async |conn| {
        let person = Person::lock(conn, user).await?;
        refuse_too_many(conn, user).await?;
        let digester = Digester::find(conn, means.keyring).await?;
        let lookup = digester.digest(LOOKUP, &[number.as_bytes()]);
        if is_in_use(conn, user, &lookup).await? {
            return Err(Error::field("/number", "This is your number already."));
        }
        let (id, code) = (ContactPointId::new(), six_digits()?);
        let expires_at = means.clock.now() + LIFETIME;
        let digest = digester.digest("phoneCode", &[id.0.as_bytes(), code.as_bytes()]);
        let wrapped = keys::find_or_make(conn, means.keyring, point::owner(&person.role, user, person.practice_id)).await?;
        let key = means.keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
        // Two statements: an index lets a person have one number that waits.
        crate::db::statement(
            "DELETE FROM contact_points WHERE user_id = $1 AND channel = 'sms' AND verified_at IS NULL",
        )
        .bind::<sql::Uuid, _>(user)
        .execute(conn)
        .await?;
        crate::db::statement(
            "INSERT INTO contact_points (id, user_id, channel, key_id, sealed, lookup, created_at, code_digest, code_until)
            VALUES ($1, $2, 'sms', $3, $4, $5, $6, $7, $8)",
        )
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(user)
        .bind::<sql::Uuid, _>(key.id())
        .bind::<sql::Bytea, _>(point::seal(&key, id, &number)?)
        .bind::<sql::Bytea, _>(lookup)
        .bind::<sql::Timestamptz, _>(means.clock.now())
        .bind::<sql::Bytea, _>(digest)
        .bind::<sql::Timestamptz, _>(expires_at)
        .execute(conn)
        .await?;
        let to = Recipient { channel: Channel::Sms, address: id.to_string(), ..person.recipient(user) };
        outbox::queue(conn, means.keyring, &to, PhoneCode { code, expires_at }, Delivery::default()).await?;
        audit::record(conn, person.about(actor, "phone.entered", user)).await?;
        Ok(())
    })
    .await
}

/// Takes the code: the number is theirs, and the one before is forgotten.
///
/// # Errors
/// `invalid`: another code, or one that is over.
pub async fn verify(conn: &mut AsyncPgConnection, means: Means<'_>, actor: &Actor, code: &str) -> Result<()> {
    let user = actor.user.ok_or(Error::Unauthenticated)?;
    let is_right = conn
        .transaction(async |conn| -> Result<bool> {
            let person = Person::lock(conn, user).await?;
            let digester = Digester::find(conn, means.keyring).await?;
            let Some(pending) = pending(conn, user).await? else { return Err(is_over()) };
            let parts = [pending.id.0.as_bytes().as_slice(), code.trim().as_bytes()];
            if pending.code_until <= means.clock.now() || pending.code_failures >= FAILURES {
                return Err(is_over());
            }
            if !digester.verify("phoneCode", &parts, &pending.code_digest) {
                note_failure(conn, pending.id).await?;
                audit::record(conn, person.about(actor, "phone.verified", user).refused()).await?;
                return Ok(false);
            }
            put_into_use(conn, user, pending.id, means.clock.now()).await?;
            audit::record(conn, person.about(actor, "phone.verified", user)).await?;
            let notice = Mail::Security { notice: SecurityNotice::PhoneChanged, at: means.clock.now() };
            outbox::mail(conn, means.keyring, &person.recipient(user), notice).await?;
            Ok(true)
        })
        .await?;
    if is_right { Ok(()) } else { Err(Error::field("/code", "This is not the code. Look at the newest message.")) }
}

/// Forgets all numbers of the caller.
pub async fn remove(conn: &mut AsyncPgConnection, means: Means<'_>, actor: &Actor) -> Result<()> {
    let user = actor.user.ok_or(Error::Unauthenticated)?;
    conn.transaction(async |conn| {
        let person = Person::lock(conn, user).await?;
        let gone = crate::db::statement("DELETE FROM contact_points WHERE user_id = $1 AND channel = 'sms'")
            .bind::<sql::Uuid, _>(user)
            .execute(conn)
            .await?;
        if gone > 0 {
            audit::record(conn, person.about(actor, "phone.removed", user)).await?;
            let notice = Mail::Security { notice: SecurityNotice::PhoneChanged, at: means.clock.now() };
            outbox::mail(conn, means.keyring, &person.recipient(user), notice).await?;
        }
        Ok(())
    })
    .await
}

fn is_over() -> Error {
    Error::field("/code", "This code is over. Enter the number again to get a new one.")
}

/// Whose number it is.
#[derive(QueryableByName)]
struct Person {
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Text)]
    role: String,
    #[diesel(sql_type = sql::Text)]
    email: String,
    #[diesel(sql_type = sql::Text)]
    language: String,
}

impl Person {
    async fn lock(conn: &mut AsyncPgConnection, user: UserId) -> Result<Self> {
        let text = "SELECT practice_id, role, email, language FROM users WHERE id = $1 FOR NO KEY UPDATE";
        let found = crate::db::statement(text).bind::<sql::Uuid, _>(user).get_result(conn).await.optional()?;
        found.ok_or(Error::Unauthenticated)
    }

    fn recipient(&self, user: UserId) -> Recipient {
        Recipient {
            practice: self.practice_id,
            user: Some(user),
            channel: Channel::Email,
            address: self.email.clone(),
            language: self.language.clone(),
        }
    }

    fn about<'a>(&self, actor: &'a Actor, action: &'static str, user: UserId) -> Event<'a> {
        let event = Event::new(actor, action).on("user", user).with(json!({"channel": "sms"}));
        if self.role == "client" { event.of_client(user) } else { event }
    }
}

async fn numbers(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Vec<Point>> {
    crate::db::statement(
        "SELECT c.id, c.user_id, c.verified_at, c.opted_out_at, c.sealed, k.id AS key_id, k.wrapped
        FROM contact_points c JOIN data_keys k ON k.id = c.key_id WHERE c.user_id = $1 AND c.channel = 'sms'",
    )
    .bind::<sql::Uuid, _>(user)
    .load(conn)
    .await
}

async fn is_in_use(conn: &mut AsyncPgConnection, user: UserId, lookup: &[u8]) -> QueryResult<bool> {
    count(
        conn,
        "SELECT count(*) AS count FROM contact_points
        WHERE user_id = $1 AND channel = 'sms' AND verified_at IS NOT NULL AND lookup = $2",
        user,
        lookup,
    )
    .await
    .map(|count| count > 0)
}

async fn refuse_too_many(conn: &mut AsyncPgConnection, user: UserId) -> Result<()> {
    for (most, within, wait) in [(MOST_HOURLY, "1 hour", 3_600), (MOST_DAILY, "1 day", 86_400)] {
        let text = "SELECT count(*) AS count FROM outbox WHERE recipient_id = $1 AND kind = 'phoneCode'
            AND created_at > now() - convert_from($2, 'UTF8')::interval";
        if count(conn, text, user, within.as_bytes()).await? >= most {
            return Err(Error::RateLimited { retry_after: Duration::from_secs(wait) });
        }
    }
    Ok(())
}

async fn count(conn: &mut AsyncPgConnection, text: &'static str, user: UserId, with: &[u8]) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::BigInt)]
        count: i64,
    }
    let row: Row =
        crate::db::statement(text).bind::<sql::Uuid, _>(user).bind::<sql::Bytea, _>(with).get_result(conn).await?;
    Ok(row.count)
}

#[derive(QueryableByName)]
struct Pending {
    #[diesel(sql_type = sql::Uuid)]
    id: ContactPointId,
    #[diesel(sql_type = sql::Bytea)]
    code_digest: Vec<u8>,
    #[diesel(sql_type = sql::Timestamptz)]
    code_until: DateTime<Utc>,
    #[diesel(sql_type = sql::Integer)]
    code_failures: i32,
}

async fn pending(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Option<Pending>> {
    crate::db::statement(
        "SELECT id, code_digest, code_until, code_failures FROM contact_points
        WHERE user_id = $1 AND channel = 'sms' AND verified_at IS NULL AND code_digest IS NOT NULL",
    )
    .bind::<sql::Uuid, _>(user)
    .get_result(conn)
    .await
    .optional()
}

async fn note_failure(conn: &mut AsyncPgConnection, id: ContactPointId) -> QueryResult<usize> {
    crate::db::statement("UPDATE contact_points SET code_failures = code_failures + 1 WHERE id = $1")
        .bind::<sql::Uuid, _>(id)
        .execute(conn)
        .await
}

async fn put_into_use(
    conn: &mut AsyncPgConnection,
    user: UserId,
    id: ContactPointId,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    // Two statements: an index lets a person have one number in use.
    crate::db::statement("DELETE FROM contact_points WHERE user_id = $1 AND channel = 'sms' AND id <> $2")
        .bind::<sql::Uuid, _>(user)
        .bind::<sql::Uuid, _>(id)
        .execute(conn)
        .await?;
    crate::db::statement(
        "UPDATE contact_points SET verified_at = $2, code_digest = NULL, code_until = NULL WHERE id = $1",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

fn six_digits() -> anyhow::Result<String> {
    loop {
        let mut bytes = [0; 4];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| anyhow::anyhow!("no randomness"))?;
        let number = u32::from_be_bytes(bytes);
        // Beyond the last whole million, some codes would be likelier than others.
        if number < 4_294_000_000 {
            return Ok(format!("{:06}", number % 1_000_000));
        }
    }
}
