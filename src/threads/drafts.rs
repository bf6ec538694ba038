//! Text that somebody is writing: sealed, one for each person and thread, and one for the thread that is not opened
//! yet. Nobody but its author ever reads it.
//!
//! A draft's revision never comes twice, so that a device that fell behind cannot overwrite what it has not seen: what
//! is dropped keeps its row, empty, and the next text goes on counting. To callers an empty row is none, revision 0.

use super::{
    access::{ThreadAccess, Viewer, find_access},
    integrity::{self, Broken},
    model::{BODY_CHARACTERS, SUBJECT_CHARACTERS, Text},
};
use crate::{
    accounts::Role,
    audit::{self, Actor, Event},
    crypto::{Keyring, Place, WrappedKey},
    error::{Error, Result},
    ids::{DataKeyId, EntryId, ThreadId},
    keys::{self, Owner},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a draft is meant to be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub enum For {
    /// A thread that is not opened yet: `new`.
    New,
    Thread(ThreadId),
}

impl TryFrom<String> for For {
    type Error = uuid::Error;
    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        if text == "new" { Ok(Self::New) } else { text.parse().map(Self::Thread) }
    }
}

/// Whom a draft is for: what staff began as a note must not go to the client by mistake.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum DraftKind {
    Message,
    Note,
}

/// A draft as its author gets it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    pub body: Text,
    /// Of a thread that is not opened yet.
    pub subject: Option<Text>,
    /// None where nobody said.
    pub kind: Option<DraftKind>,
    /// The id under which this text was sent, not yet confirmed.
    pub pending_id: Option<EntryId>,
    /// 0: there is none.
    pub revision: i64,
    pub updated_at: Option<DateTime<Utc>>,
}

/// A draft to be kept.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DraftToKeep)]
pub struct Saving {
    body: Text,
    subject: Option<Text>,
    kind: Option<DraftKind>,
    pending_id: Option<EntryId>,
    /// Of the text that it started from; None: whatever is there.
    revision: Option<i64>,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    body: Text,
    subject: Option<Text>,
    kind: Option<DraftKind>,
}

/// The viewer's draft; an empty one where there is none.
pub async fn find_draft(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    actor: &Actor,
    of: For,
) -> Result<Draft> {
    let access = authorise(conn, viewer, of).await?;
    let draft = read(conn, keyring, viewer, of).await?;
    audit::record(conn, event(actor, "draft.viewed", access.as_ref())).await?;
    Ok(draft)
}

/// Keeps the viewer's draft.
///
/// # Errors
/// `Conflict` with the `current` one, where it did not start from that.
pub async fn save_draft(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    viewer: Viewer,
    actor: &Actor,
    of: For,
    saving: Saving,
) -> Result<Draft> {
    let saving = check(saving, of)?;
    let access = authorise(conn, viewer, of).await?;
    let wrapped = match &access {
        Some(access) => access.key().clone(),
        None => keys::find_or_make(conn, keyring, owner(viewer)).await?,
    };
    let Saving { body, subject, kind, pending_id, revision } = saving;
    let kept = serde_json::to_string(&Kept { body, subject, kind }).map_err(anyhow::Error::from)?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let sealed = key.seal(place(viewer, of), &kept).map_err(anyhow::Error::from)?;
    // One statement judges and writes: of two devices that started from the same text, one comes first.
    let written = crate::db::statement(
        "INSERT INTO drafts AS d (user_id, thread_id, key_id, sealed, pending_id)
        SELECT $1, $2, $3, $4, $5
        WHERE COALESCE($6, 0) = 0 OR EXISTS (SELECT FROM drafts WHERE user_id = $1 AND thread_id = $2)
        ON CONFLICT (user_id, thread_id) DO UPDATE SET key_id = EXCLUDED.key_id, sealed = EXCLUDED.sealed,
            pending_id = EXCLUDED.pending_id, revision = d.revision + 1, updated_at = now()
        WHERE $6 IS NULL OR $6 = CASE WHEN d.sealed = '' THEN 0 ELSE d.revision END",
    )
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Uuid, _>(thread_id(of))
    .bind::<sql::Uuid, _>(wrapped.id)
    .bind::<sql::Bytea, _>(sealed)
    .bind::<sql::Nullable<sql::Uuid>, _>(pending_id.map(|id| id.0))
    .bind::<sql::Nullable<sql::BigInt>, _>(revision)
    .execute(conn)
    .await?;
    let current = read(conn, keyring, viewer, of).await?;
    if written == 1 {
        audit::record(conn, event(actor, "draft.saved", access.as_ref())).await?;
        return Ok(current);
    }
    Err(Error::Conflict {
        detail: "This draft was changed on another device. Choose which text to keep.",
        extra: [("current".to_owned(), serde_json::to_value(current).unwrap_or_default())].into_iter().collect(),
    })
}

/// Drops the viewer's draft, if there is one.
pub async fn drop_draft(conn: &mut AsyncPgConnection, viewer: Viewer, actor: &Actor, of: For) -> Result<()> {
    let access = authorise(conn, viewer, of).await?;
    crate::db::statement(
        "UPDATE drafts SET sealed = '', pending_id = NULL, revision = revision + 1, updated_at = now()
        WHERE user_id = $1 AND thread_id = $2 AND sealed <> ''",
    )
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Uuid, _>(thread_id(of))
    .execute(conn)
    .await?;
    audit::record(conn, event(actor, "draft.dropped", access.as_ref())).await?;
    Ok(())
}

fn event<'a>(actor: &'a Actor, action: &'static str, access: Option<&ThreadAccess>) -> Event<'a> {
    access.map_or_else(|| Event::new(actor, action), |access| access.event(actor, action))
}

/// Whoever may see a thread may write a draft for it.
async fn authorise(conn: &mut AsyncPgConnection, viewer: Viewer, of: For) -> Result<Option<ThreadAccess>> {
    match of {
        For::New => Ok(None),
        For::Thread(thread) => Ok(Some(find_access(conn, viewer, thread).await?.ok_or(Error::NotFound)?)),
    }
}

fn check(saving: Saving, of: For) -> Result<Saving> {
    let longer = |text: &Text, most: usize| text.0.len() > most && text.0.chars().count() > most;
    if longer(&saving.body, BODY_CHARACTERS) {
        return Err(Error::TooLarge("A draft may have at most 8,000 characters. Shorten it to keep it.".into()));
    }
    if saving.subject.as_ref().is_some_and(|subject| longer(subject, SUBJECT_CHARACTERS)) {
        return Err(Error::field("/subject", "The subject is longer than 200 characters. Shorten it."));
    }
    let subject = saving.subject.filter(|_| of == For::New);
    Ok(Saving { subject, ..saving })
}

async fn read(conn: &mut AsyncPgConnection, keyring: &Keyring, viewer: Viewer, of: For) -> Result<Draft> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        key_id: DataKeyId,
        #[diesel(sql_type = sql::Bytea)]
        wrapped: Vec<u8>,
        #[diesel(sql_type = sql::Bytea)]
        sealed: Vec<u8>,
        #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
        pending_id: Option<EntryId>,
        #[diesel(sql_type = sql::BigInt)]
        revision: i64,
        #[diesel(sql_type = sql::Timestamptz)]
        updated_at: DateTime<Utc>,
    }
    let row: Option<Row> = crate::db::statement(
        "SELECT k.id AS key_id, k.wrapped, d.sealed, d.pending_id, d.revision, d.updated_at
        FROM drafts d JOIN data_keys k ON k.id = d.key_id
        WHERE d.user_id = $1 AND d.thread_id = $2 AND d.sealed <> ''",
    )
    .bind::<sql::Uuid, _>(viewer.user)
    .bind::<sql::Uuid, _>(thread_id(of))
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else { return Ok(Draft::default()) };
    let key = keyring.unwrap(&WrappedKey { id: row.key_id, wrapped: row.wrapped }).map_err(anyhow::Error::from)?;
    let Ok(kept) = key.open(place(viewer, of), &row.sealed) else {
        let (thread, practice) = (ThreadId(thread_id(of)), Some(viewer.practice));
        let client = (viewer.role == Role::Client).then_some(viewer.user);
        integrity::record(conn, &[Broken { kind: "draft", id: viewer.user.0, thread, client, practice }]).await?;
        return Err(Error::Internal(crate::crypto::Unsealable.into()));
    };
    let kept: Kept = serde_json::from_str(&kept).map_err(|_| anyhow::anyhow!("a stored draft cannot be read"))?;
    Ok(Draft {
        body: kept.body,
        subject: kept.subject,
        kind: kept.kind,
        pending_id: row.pending_id,
        revision: row.revision,
        updated_at: Some(row.updated_at),
    })
}

/// A client's text is the client's own before it belongs to a thread; staff's is their practice's.
fn owner(viewer: Viewer) -> Owner {
    match viewer.role {
        Role::Client => Owner::Client(viewer.user),
        Role::Clinician | Role::Staff | Role::Admin => Owner::Practice(viewer.practice),
    }
}

fn thread_id(of: For) -> Uuid {
    match of {
        For::New => Uuid::nil(),
        For::Thread(thread) => thread.0,
    }
}

fn place(viewer: Viewer, of: For) -> Place {
    Place::Draft { thread: ThreadId(thread_id(of)), user: viewer.user }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saving(body: &str, subject: Option<&str>) -> Saving {
        Saving {
            body: Text(body.into()),
            subject: subject.map(|subject| Text(subject.into())),
            kind: None,
            pending_id: None,
            revision: None,
        }
    }

    #[test]
    fn a_draft_is_addressed_by_its_thread_or_by_the_word_new() {
        let thread = ThreadId::new();
        assert_eq!(For::try_from("new".to_owned()), Ok(For::New));
        assert_eq!(For::try_from(thread.to_string()), Ok(For::Thread(thread)));
        assert!(For::try_from("old".to_owned()).is_err());
    }

    #[test]
    fn only_a_thread_that_is_not_opened_yet_has_a_subject_to_keep() {
        assert_eq!(check(saving("", Some("Sleep")), For::New).unwrap().subject, Some(Text("Sleep".into())));
        assert_eq!(check(saving("", Some("Sleep")), For::Thread(ThreadId::new())).unwrap().subject, None);
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!(check(saving(&"ä".repeat(8_000), None), For::New).is_ok());
        assert!(check(saving(&"ä".repeat(8_001), None), For::New).is_err());
        assert!(check(saving("", Some(&"ä".repeat(201))), For::New).is_err());
    }
}
