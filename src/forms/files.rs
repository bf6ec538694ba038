//! Files that a client adds to what they are filling in. Owns `form_files`. A file belongs to the form from its upload on:
//! it is kept with the draft, sealed into the submission by its digest, and let go where nothing names it any more.

use super::{
    answers::Answers,
    assignments::Assigned,
    definition::{Definition, FieldKind},
    drafts,
};
use crate::{
    audit::{self, Actor},
    crypto::Keyring,
    db::statement,
    error::{Error, FieldError, Result},
    ids::{FormAssignmentId, ObjectId},
    objects::{self, Object, Purpose},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashSet;
use utoipa::ToSchema;

/// The most files that a field asks for.
pub const MOST: u32 = 10;
/// The most files kept with one form, those included that no answer names yet.
const MOST_KEPT: usize = 100;
/// So long an upload may wait for the draft that names it, where there is too little room.
const UNNAMED: TimeDelta = TimeDelta::hours(1);

/// A file that belongs to a form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormFile {
    pub id: ObjectId,
    /// The key of its field.
    pub field: String,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

impl FormFile {
    fn of(field: String, object: &Object) -> Self {
        Self {
            id: object.id,
            field,
            name: object.name.as_str().to_owned(),
            media_type: object.media.as_str().to_owned(),
            bytes: object.bytes,
            sha256: object.sha256.clone(),
        }
    }
}

/// Whether this form takes files in this field now.
///
/// # Errors
/// `invalid`; `conflict` where it is closed.
pub fn may_be_added(assigned: &Assigned, field: &str) -> Result<()> {
    drafts::refuse_closed(assigned)?;
    match assigned.definition.field(field).map(|field| &field.kind) {
        Some(FieldKind::File { .. }) => Ok(()),
        _ => Err(Error::field("/field", "This form does not ask for a file here.")),
    }
}

/// Adds a file that was taken in. Lock the assignment before. True where it was added before.
///
/// # Errors
/// As for [`may_be_added`]; `conflict` where there is no room, or the file is another's.
pub async fn add(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    assigned: &Assigned,
    actor: &Actor,
    (field, object): (&str, &Object),
    now: DateTime<Utc>,
) -> Result<(FormFile, bool)> {
    may_be_added(assigned, field)?;
    let file = FormFile::of(field.to_owned(), object);
    let kept = rows(conn, assigned.id).await?;
    if kept.iter().any(|row| row.object.id == object.id && row.field == field) {
        audit::record(conn, assigned.event(actor, "form.fileAdded").with(json!({"file": object.id}))).await?;
        return Ok((file, true));
    }
    if kept.len() >= MOST_KEPT {
        let draft = drafts::find(conn, keyring, assigned).await?;
        let named = named(&assigned.definition, &draft.answers);
        let old = kept.iter().filter(|row| !named.contains(&row.object.id) && row.added_at < now - UNNAMED);
        if let_go(conn, assigned.id, old.map(|row| row.object.id).collect()).await? == 0 {
            return Err(Error::conflict("This form holds 100 files. Take one away, or send the others in a message."));
        }
    }
    let whose = (assigned.access.viewer().user, assigned.access.client());
    if objects::use_once(conn, whose, Purpose::FormAnswer, &[object.id]).await?.is_empty() {
        return Err(Error::conflict("This id is that of another file. Send yours under a new one."));
    }
    statement("INSERT INTO form_files (object_id, assignment_id, field, added_at) VALUES ($1, $2, $3, $4)")
        .bind::<sql::Uuid, _>(object.id)
        .bind::<sql::Uuid, _>(assigned.id)
        .bind::<sql::Text, _>(field)
        .bind::<sql::Timestamptz, _>(now)
        .execute(conn)
        .await?;
    audit::record(conn, assigned.event(actor, "form.fileAdded").with(json!({"file": object.id}))).await?;
    Ok((file, false))
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Text)]
    field: String,
    #[diesel(sql_type = sql::Timestamptz)]
    added_at: DateTime<Utc>,
    #[diesel(embed)]
    object: objects::store::Row,
}

async fn rows(conn: &mut AsyncPgConnection, assignment: FormAssignmentId) -> Result<Vec<Row>> {
    let rows = statement(format!(
        "SELECT f.field, f.added_at, {} FROM form_files f JOIN objects o ON o.id = f.object_id
        JOIN data_keys k ON k.id = o.key_id WHERE f.assignment_id = $1 ORDER BY f.added_at, f.object_id LIMIT {MOST_KEPT}",
        objects::store::COLUMNS
    ));
    Ok(rows.bind::<sql::Uuid, _>(assignment).load(conn).await?)
}

/// The files that are kept with a form, oldest first.
///
/// # Errors
/// Where one does not open.
pub async fn list(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    assignment: FormAssignmentId,
) -> Result<Vec<FormFile>> {
    let rows = rows(conn, assignment).await?;
    rows.into_iter().map(|row| Ok(FormFile::of(row.field, &row.object.open(keyring)?))).collect()
}

/// One of them.
///
/// # Errors
/// `notFound`.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    assigned: &Assigned,
    id: ObjectId,
) -> Result<Object> {
    let kept = statement("SELECT FROM form_files WHERE object_id = $1 AND assignment_id = $2");
    let kept = kept.bind::<sql::Uuid, _>(id).bind::<sql::Uuid, _>(assigned.id).execute(conn).await.optional()?;
    if kept.unwrap_or_default() == 0 {
        return Err(Error::NotFound);
    }
    objects::find(conn, keyring, assigned.access.client(), id).await?.ok_or(Error::NotFound)
}

/// The ids of the files that answers name.
pub fn named(definition: &Definition, answers: &Answers) -> HashSet<ObjectId> {
    let fields = definition.fields.iter().filter(|field| matches!(field.kind, FieldKind::File { .. }));
    fields.flat_map(|field| ids(answers, &field.key)).collect()
}

fn ids(answers: &Answers, field: &str) -> Vec<ObjectId> {
    let items = answers.get(field).and_then(|answer| answer.as_array());
    items.into_iter().flatten().filter_map(|id| id.as_str()?.parse().ok()).collect()
}

/// Lets go of what a draft named `before` and does not name any more.
pub(super) async fn follow(
    conn: &mut AsyncPgConnection,
    assigned: &Assigned,
    before: &Answers,
    after: &Answers,
) -> Result<()> {
    let (before, after) = (named(&assigned.definition, before), named(&assigned.definition, after));
    let_go(conn, assigned.id, before.difference(&after).copied().collect()).await?;
    Ok(())
}

/// The files of answers that were judged, to be sealed with them; all others of the form are let go.
///
/// # Errors
/// `invalid`, below `/answers`, where one is not there.
pub(super) async fn submitted(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    assigned: &Assigned,
    judged: &Answers,
) -> Result<Vec<FormFile>> {
    let kept = list(conn, keyring, assigned.id).await?;
    let (mut sealed, mut missing) = (Vec::new(), Vec::new());
    for field in assigned.definition.fields.iter().filter(|field| matches!(field.kind, FieldKind::File { .. })) {
        for id in ids(judged, &field.key) {
            match kept.iter().find(|file| file.id == id && file.field == field.key) {
                Some(file) => sealed.push(file.clone()),
                None => missing.push(FieldError {
                    pointer: format!("/answers/{}", field.key),
                    message: "A file is not here any more. Add it again.".to_owned(),
                }),
            }
        }
    }
    if !missing.is_empty() {
        return Err(Error::Invalid(missing));
    }
    let others = kept.iter().map(|file| file.id).filter(|id| !sealed.iter().any(|file| file.id == *id));
    let_go(conn, assigned.id, others.collect()).await?;
    Ok(sealed)
}

/// Whether what is kept is what was sealed.
pub(super) fn are(kept: &[FormFile], sealed: &[FormFile]) -> bool {
    sealed.iter().all(|file| kept.contains(file))
}

/// How many files were let go: their rows at once, their content within a minute.
async fn let_go(conn: &mut AsyncPgConnection, assignment: FormAssignmentId, files: Vec<ObjectId>) -> Result<usize> {
    if files.is_empty() {
        return Ok(0);
    }
    let gone = statement(
        "WITH taken AS (DELETE FROM form_files WHERE assignment_id = $1 AND object_id = ANY ($2) RETURNING object_id),
            gone AS (DELETE FROM objects WHERE id IN (SELECT object_id FROM taken) RETURNING location)
        INSERT INTO object_removals (location, due_at) SELECT location, now() FROM gone",
    )
    .bind::<sql::Uuid, _>(assignment)
    .bind::<sql::Array<sql::Uuid>, _>(files.into_iter().map(|id| id.0).collect::<Vec<_>>());
    Ok(gone.execute(conn).await?)
}
