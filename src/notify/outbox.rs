//! Rows that wait to be delivered: putting them in, and taking them back.

use super::{channel::Channel, content::Content, mail::Mail};
use crate::{
    crypto::{DataKey, Keyring, Place},
    error::{Error, Result},
    ids::{OutboxId, PracticeId, UserId},
    keys::{self, Owner},
    schema::outbox,
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};

/// To whom, and how.
#[derive(Clone, Debug)]
pub struct Recipient {
    pub practice: PracticeId,
    /// None: somebody without an account yet.
    pub user: Option<UserId>,
    /// Never [`Channel::InApp`].
    pub channel: Channel,
    /// An e-mail address; for text messages and push the id of a contact point, which is looked up when it is sent: a
    /// number that was changed or opted out meanwhile gets nothing. A number itself is taken only without a user: the
    /// practice's own telephone.
    pub address: String,
    /// ISO 639-1; languages without a wording get English.
    pub language: String,
}

/// When, and how quickly.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delivery {
    /// In the lane that never waits for ordinary rows.
    pub urgent: bool,
    /// None: at once.
    pub not_before: Option<DateTime<Utc>>,
    /// It is given up from then on. None: when the content is of no more use.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What is sealed in a row.
#[derive(Serialize, Deserialize)]
pub struct Letter {
    pub address: String,
    pub language: String,
    #[serde(flatten)]
    pub content: Content,
}

/// Puts a message into the outbox. Call within the transaction that causes it: it is sent once that is committed, and
/// never if it is not.
pub async fn queue(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    to: &Recipient,
    content: impl Into<Content>,
    delivery: Delivery,
) -> Result<OutboxId> {
    if to.channel == Channel::InApp {
        return Err(Error::Internal(anyhow::anyhow!("what is told within Carehub does not go through the outbox")));
    }
    let wrapped = keys::find_or_make(conn, keyring, Owner::Practice(to.practice)).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let content = content.into();
    let (id, kind) = (OutboxId::new(), content.kind());
    let expires_at = [delivery.expires_at, content.expires_at()].into_iter().flatten().min();
    let letter = Letter { address: to.address.clone(), language: to.language.clone(), content };
    let sealed = seal(&key, id, &letter)?;
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(id),
            outbox::practice_id.eq(to.practice),
            outbox::recipient_id.eq(to.user),
            outbox::channel.eq(to.channel.as_str()),
            outbox::kind.eq(kind),
            outbox::key_id.eq(key.id()),
            outbox::sealed.eq(sealed),
            outbox::urgent.eq(delivery.urgent),
            // The column's default is the transaction's time.
            delivery.not_before.map(|at| outbox::due_at.eq(at)),
            outbox::expires_at.eq(expires_at),
        ))
        .execute(conn)
        .await?;
    Ok(id)
}

/// Seals what a row holds.
pub(super) fn seal(key: &DataKey, id: OutboxId, letter: &Letter) -> Result<Vec<u8>> {
    let text = serde_json::to_string(letter).map_err(anyhow::Error::from)?;
    Ok(key.seal(Place::Outbox { id }, &text).map_err(anyhow::Error::from)?)
}

/// Queues an e-mail about an account, to be sent at once.
pub async fn mail(conn: &mut AsyncPgConnection, keyring: &Keyring, to: &Recipient, mail: Mail) -> Result<()> {
    queue(conn, keyring, to, mail, Delivery::default()).await?;
    Ok(())
}

/// Takes back what was not sent yet; how many rows that were. What a provider is being given at this moment arrives.
pub async fn cancel(conn: &mut AsyncPgConnection, ids: &[OutboxId]) -> Result<usize> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let cancelled = crate::db::statement(
        "UPDATE outbox SET state = 'cancelled', settled_at = now(), sealed = ''
        WHERE id = ANY($1) AND state = 'waiting'",
    )
    .bind::<sql::Array<sql::Uuid>, _>(ids)
    .execute(conn)
    .await?;
    Ok(cancelled)
}
