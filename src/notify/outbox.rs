//! Rows that wait to be delivered.

use super::mail::Mail;
use crate::{
    crypto::{Keyring, Place},
    error::Result,
    ids::{OutboxId, PracticeId, UserId},
    keys::{self, Owner},
    schema::outbox,
};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};

/// To whom.
#[derive(Clone, Debug)]
pub struct Recipient {
    pub practice: PracticeId,
    /// None: somebody without an account yet.
    pub user: Option<UserId>,
    pub address: String,
    /// ISO 639-1; languages without a wording get English.
    pub language: String,
}

/// What is sealed in a row.
#[derive(Serialize, Deserialize)]
pub struct Letter {
    pub address: String,
    pub language: String,
    pub mail: Mail,
}

/// Puts an e-mail into the outbox. Call within the transaction that causes it.
pub async fn queue(conn: &mut AsyncPgConnection, keyring: &Keyring, to: &Recipient, mail: Mail) -> Result<()> {
    let wrapped = keys::find_or_make(conn, keyring, Owner::Practice(to.practice)).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let (id, kind) = (OutboxId::new(), mail.kind());
    let letter = Letter { address: to.address.clone(), language: to.language.clone(), mail };
    let text = serde_json::to_string(&letter).map_err(anyhow::Error::from)?;
    let sealed = key.seal(Place::Outbox { id }, &text).map_err(anyhow::Error::from)?;
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(id),
            outbox::practice_id.eq(to.practice),
            outbox::recipient_id.eq(to.user),
            outbox::channel.eq("email"),
            outbox::kind.eq(kind),
            outbox::key_id.eq(key.id()),
            outbox::sealed.eq(sealed),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
