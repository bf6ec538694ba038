//! What a client is writing into a form: kept as they type, sealed, and never judged. Whoever saves says which revision
//! they started from; what started from an older one is not written over the newer, but answered with it. Read by its
//! client alone.

use super::{
    answers::{self, Answers},
    assignments::{self, Assigned, State},
    files,
};
use crate::{
    audit::{self, Actor, Event},
    crypto::{Keyring, Place, WrappedKey},
    db::statement,
    error::{Error, Result},
    ids::DataKeyId,
    keys::{self, Owner},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::Map;
use utoipa::ToSchema;

/// A draft.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormDraft)]
pub struct Draft {
    /// By the keys of their fields.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub answers: Answers,
    /// 0: nothing was kept yet.
    pub revision: i64,
    pub saved_at: Option<DateTime<Utc>>,
}

/// What is being written.
///
/// # Errors
/// When it does not open.
pub async fn find(conn: &mut AsyncPgConnection, keyring: &Keyring, assigned: &Assigned) -> Result<Draft> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        key_id: DataKeyId,
        #[diesel(sql_type = sql::Bytea)]
        wrapped: Vec<u8>,
        #[diesel(sql_type = sql::Bytea)]
        sealed: Vec<u8>,
        #[diesel(sql_type = sql::BigInt)]
        revision: i64,
        #[diesel(sql_type = sql::Timestamptz)]
        saved_at: DateTime<Utc>,
    }
    let row: Option<Row> = statement(
        "SELECT k.id AS key_id, k.wrapped, d.sealed, d.revision, d.saved_at
        FROM form_drafts d JOIN data_keys k ON k.id = d.key_id WHERE d.assignment_id = $1",
    )
    .bind::<sql::Uuid, _>(assigned.id)
    .get_result(conn)
    .await
    .optional()?;
    let Some(row) = row else { return Ok(Draft::default()) };
    let key = keyring.unwrap(&WrappedKey { id: row.key_id, wrapped: row.wrapped }).map_err(anyhow::Error::from)?;
    let Ok(text) = key.open(Place::FormDraft { assignment: assigned.id }, &row.sealed) else {
        let (actor, access) = (Actor::hub(), &assigned.access);
        tracing::error!(assignment = %assigned.id, "integrity failure: a form's draft does not open in its place");
        let event = Event::new(&actor, "integrity.failure").failed().on("formDraft", assigned.id);
        audit::record(conn, event.of_client(access.client()).in_practice(access.practice())).await?;
        return Err(Error::Internal(crate::crypto::Unsealable.into()));
    };
    let answers = serde_json::from_str(&text).map_err(|_| anyhow::anyhow!("a form's draft cannot be read"))?;
    Ok(Draft { answers, revision: row.revision, saved_at: Some(row.saved_at) })
}

/// What was changed, and what it started from.
pub struct Saving {
    /// Null takes an answer away.
    pub changed: Answers,
    /// None: whatever is there.
    pub revision: Option<i64>,
}

/// Keeps what was changed; everything else stays.
///
/// # Errors
/// `conflict` with the `current` draft, where it did not start from that, and where the form is closed; `tooLarge`.
pub async fn save(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    assigned: &Assigned,
    saving: Saving,
    now: DateTime<Utc>,
) -> Result<Draft> {
    let client = assigned.access.client();
    let before = read_to_change(conn, keyring, assigned, saving.revision).await?;
    let answers = answers::merge(&assigned.definition, before.answers.clone(), saving.changed)?;
    files::follow(conn, assigned, &before.answers, &answers).await?;
    let text = serde_json::to_string(&answers).map_err(anyhow::Error::from)?;
    let wrapped = keys::find_or_make(conn, keyring, Owner::Client(client)).await?;
    let key = keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
    let sealed = key.seal(Place::FormDraft { assignment: assigned.id }, &text).map_err(anyhow::Error::from)?;
    let revision = before.revision + 1;
    statement(
        "INSERT INTO form_drafts (assignment_id, client_id, key_id, sealed, revision, saved_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (assignment_id) DO UPDATE
        SET key_id = EXCLUDED.key_id, sealed = EXCLUDED.sealed, revision = EXCLUDED.revision, saved_at = EXCLUDED.saved_at",
    )
    .bind::<sql::Uuid, _>(assigned.id)
    .bind::<sql::Uuid, _>(client)
    .bind::<sql::Uuid, _>(wrapped.id)
    .bind::<sql::Bytea, _>(sealed)
    .bind::<sql::BigInt, _>(revision)
    .bind::<sql::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(Draft { answers, revision, saved_at: Some(now) })
}

/// The draft, while nobody else can change it. Lock the assignment before.
///
/// # Errors
/// `conflict`, as for [`save`].
pub(super) async fn read_to_change(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    assigned: &Assigned,
    revision: Option<i64>,
) -> Result<Draft> {
    refuse_closed(assigned)?;
    let current = find(conn, keyring, assigned).await?;
    if revision.is_some_and(|revision| revision != current.revision) {
        let current = serde_json::to_value(current).unwrap_or_default();
        return Err(Error::Conflict {
            detail: "This form was changed in another window or on another device. Choose which answers to keep.",
            extra: Map::from_iter([("current".to_owned(), current)]),
        });
    }
    Ok(current)
}

pub(super) fn refuse_closed(assigned: &Assigned) -> Result<()> {
    match assigned.summary.state {
        State::Open => Ok(()),
        State::Withdrawn => Err(Error::conflict("The practice took this form back. There is nothing left to fill in.")),
        State::Submitted | State::Reviewed => {
            let submission = serde_json::to_value(assigned.summary.submission).unwrap_or_default();
            Err(Error::Conflict {
                detail: "This form was submitted already.",
                extra: Map::from_iter([("submission".to_owned(), submission)]),
            })
        }
    }
}

/// Lets it go: what it said is in the submission.
pub(super) async fn drop(conn: &mut AsyncPgConnection, assigned: &Assigned) -> Result<()> {
    let delete = statement("DELETE FROM form_drafts WHERE assignment_id = $1");
    delete.bind::<sql::Uuid, _>(assigned.id).execute(conn).await?;
    Ok(())
}

/// Locks what a viewer may see and reads it as it is then.
///
/// # Errors
/// `notFound`.
pub async fn lock(
    conn: &mut AsyncPgConnection,
    viewer: crate::accounts::access::Viewer,
    id: crate::ids::FormAssignmentId,
    now: DateTime<Utc>,
) -> Result<Assigned> {
    assignments::find(conn, viewer, id, now).await?;
    assignments::lock(conn, id).await?;
    assignments::find(conn, viewer, id, now).await
}
