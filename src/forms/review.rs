//! Looking at what was submitted: once, by somebody of the client's care. A note stays among those who work for the
//! practice; a message is for the client. Both are sealed with the client's key.

use super::{assignments::State, submissions::Opened};
use crate::{
    audit::{self, Actor},
    crypto::{Keyring, Place},
    db::statement,
    error::{Error, Result},
    ids::UserId,
    keys::{self, Owner},
    notices::{self, Kind, Notice},
};
use chrono::{DateTime, Utc};
use diesel::sql_types as sql;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The most characters of a note or message.
const MOST: usize = 4_000;

/// What was said.
pub struct Said {
    pub note: Option<String>,
    pub message: Option<String>,
}

/// Notes that somebody looked at it, and tells the client.
///
/// # Errors
/// `invalid` where a text is too long; `conflict` where somebody did already.
pub async fn review(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    opened: &Opened,
    (actor, by): (&Actor, UserId),
    said: Said,
    now: DateTime<Utc>,
) -> Result<()> {
    opened.access.require_change()?;
    let (note, message) = (read(said.note, "/note")?, read(said.message, "/message")?);
    let (id, client) = (opened.submission.summary.id, opened.access.client());
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let sealed = |place, text: Option<String>| text.map(|text| key.seal(place, &text)).transpose();
    let note = sealed(Place::FormReviewNote { id }, note).map_err(anyhow::Error::from)?;
    let message = sealed(Place::FormReviewMessage { id }, message).map_err(anyhow::Error::from)?;
    let stored = statement(
        "INSERT INTO form_reviews (submission_id, client_id, reviewed_by, reviewed_at, key_id, note_sealed, message_sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (submission_id) DO NOTHING",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(by)
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Uuid, _>(wrapped.id)
    .bind::<sql::Nullable<sql::Bytea>, _>(note)
    .bind::<sql::Nullable<sql::Bytea>, _>(message)
    .execute(conn)
    .await?;
    if stored == 0 || opened.submission.summary.state == State::Reviewed {
        return Err(Error::conflict("This was reviewed already. Reload to see by whom, and what was said."));
    }
    notices::tell(conn, &Notice::new(client, Kind::FormReviewed, Some(id.0))).await?;
    audit::record(conn, opened.event(actor, "submission.reviewed")).await?;
    Ok(())
}

fn read(text: Option<String>, pointer: &str) -> Result<Option<String>> {
    let Some(text) = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > MOST {
        return Err(Error::field(pointer, format!("This can have at most {MOST} characters. Shorten it.")));
    }
    Ok(Some(text))
}
