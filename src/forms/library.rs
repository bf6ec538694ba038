//! The practice's forms: built, published as versions that never change, given to every new client, and retired. Knows
//! nothing of what clients answer.

use super::{
    check,
    definition::{Definition, FormKind},
    seal,
};
use crate::{
    accounts::Person,
    audit::{self, Actor, Event},
    db::statement,
    error::{Error, Result},
    ids::{FormId, PracticeId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::{Map, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// A form in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormSummary)]
pub struct Summary {
    pub id: FormId,
    pub kind: FormKind,
    pub title: String,
    /// The version that clients are given; none was published yet: null.
    pub version: Option<i32>,
    /// Something was changed since that version.
    pub has_changes: bool,
    pub for_new_clients: bool,
    /// How long new clients have.
    pub due_days: Option<i32>,
    pub changed_at: DateTime<Utc>,
    pub retired_at: Option<DateTime<Utc>>,
    /// How many clients have it to fill in.
    pub open: i64,
}

/// A form with what it asks.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Form)]
pub struct Form {
    #[serde(flatten)]
    pub summary: Summary,
    /// Of what is being built.
    pub revision: i64,
    /// As it is being built.
    pub definition: Definition,
    pub versions: Vec<Version>,
}

/// A version that was published.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormVersion)]
pub struct Version {
    pub version: i32,
    pub published_at: DateTime<Utc>,
    pub published_by: Option<Person>,
}

/// Who does something to forms, and when.
#[derive(Clone, Copy)]
pub struct Builder<'a> {
    pub actor: &'a Actor,
    pub practice: PracticeId,
    pub user: UserId,
    pub now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: FormId,
    #[diesel(sql_type = sql::Text)]
    kind: String,
    #[diesel(sql_type = sql::Text)]
    title: String,
    #[diesel(sql_type = sql::Text)]
    definition: String,
    #[diesel(sql_type = sql::BigInt)]
    revision: i64,
    #[diesel(sql_type = sql::Nullable<sql::Integer>)]
    version: Option<i32>,
    #[diesel(sql_type = sql::Bool)]
    has_changes: bool,
    #[diesel(sql_type = sql::Bool)]
    for_new_clients: bool,
    #[diesel(sql_type = sql::Nullable<sql::Integer>)]
    due_days: Option<i32>,
    #[diesel(sql_type = sql::Timestamptz)]
    changed_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    retired_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::BigInt)]
    open: i64,
}

impl Row {
    fn summary(self) -> Result<Summary> {
        Ok(Summary {
            id: self.id,
            kind: FormKind::parse(&self.kind)?,
            title: self.title,
            version: self.version,
            has_changes: self.has_changes,
            for_new_clients: self.for_new_clients,
            due_days: self.due_days,
            changed_at: self.changed_at,
            retired_at: self.retired_at,
            open: self.open,
        })
    }
}

macro_rules! forms {
    ($rest:literal) => {
        concat!(
            "SELECT f.id, f.kind, f.definition::json->>'title' AS title, f.definition, f.revision, v.version,
                COALESCE(v.definition <> f.definition, true) AS has_changes, f.for_new_clients, f.due_days, f.changed_at,
                f.retired_at,
                (SELECT count(*) FROM form_assignments a WHERE a.form_id = f.id AND a.closed_at IS NULL) AS open
            FROM forms f LEFT JOIN LATERAL (SELECT version, definition FROM form_versions
                WHERE form_id = f.id ORDER BY version DESC LIMIT 1) v ON true ",
            $rest
        )
    };
}

/// The practice's forms, newest first; one more than `limit`, if there is one more.
pub async fn list(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    retired: bool,
    limit: i64,
    before: Option<Uuid>,
) -> Result<Vec<Summary>> {
    let rows: Vec<Row> = statement(forms!(
        "WHERE f.practice_id = $1 AND (f.retired_at IS NOT NULL) = $2 AND ($3 IS NULL OR f.id < $3)
        ORDER BY f.id DESC LIMIT $4"
    ))
    .bind::<sql::Uuid, _>(practice)
    .bind::<sql::Bool, _>(retired)
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(limit + 1)
    .load(conn)
    .await?;
    rows.into_iter().map(Row::summary).collect()
}

/// One of the practice's forms.
///
/// # Errors
/// `notFound`.
pub async fn find(conn: &mut AsyncPgConnection, practice: PracticeId, id: FormId) -> Result<Form> {
    let row: Option<Row> = statement(forms!("WHERE f.practice_id = $1 AND f.id = $2"))
        .bind::<sql::Uuid, _>(practice)
        .bind::<sql::Uuid, _>(id)
        .get_result(conn)
        .await
        .optional()?;
    let row = row.ok_or(Error::NotFound)?;
    let (revision, definition) = (row.revision, Definition::read(&row.definition)?);
    Ok(Form { revision, definition, versions: versions(conn, id).await?, summary: row.summary()? })
}

async fn versions(conn: &mut AsyncPgConnection, form: FormId) -> Result<Vec<Version>> {
    #[derive(QueryableByName)]
    struct Published {
        #[diesel(sql_type = sql::Integer)]
        version: i32,
        #[diesel(sql_type = sql::Timestamptz)]
        published_at: DateTime<Utc>,
        #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
        published_by: Option<UserId>,
        #[diesel(sql_type = sql::Nullable<sql::Text>)]
        name: Option<String>,
        #[diesel(sql_type = sql::Nullable<sql::Text>)]
        role: Option<String>,
    }
    let rows: Vec<Published> = statement(
        "SELECT v.version, v.published_at, v.published_by, u.name, u.role FROM form_versions v
        LEFT JOIN users u ON u.id = v.published_by WHERE v.form_id = $1 ORDER BY v.version DESC LIMIT 200",
    )
    .bind::<sql::Uuid, _>(form)
    .load(conn)
    .await?;
    let version = |row: Published| Version {
        version: row.version,
        published_at: row.published_at,
        published_by: super::assignments::person(row.published_by, row.name, row.role.as_deref()),
    };
    Ok(rows.into_iter().map(version).collect())
}

/// Adds a form; true where it was there before under this id.
///
/// # Errors
/// `invalid`; `conflict` where the id was used for something else.
pub async fn create(
    conn: &mut AsyncPgConnection,
    by: Builder<'_>,
    id: FormId,
    kind: FormKind,
    definition: &Definition,
) -> Result<(Form, bool)> {
    check::may_be_kept(definition)?;
    let made = statement(
        "INSERT INTO forms (id, practice_id, kind, definition, created_by, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (id) DO NOTHING",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(by.practice)
    .bind::<sql::Text, _>(kind.as_str())
    .bind::<sql::Text, _>(stored(definition)?)
    .bind::<sql::Uuid, _>(by.user)
    .bind::<sql::Timestamptz, _>(by.now)
    .execute(conn)
    .await?;
    if made == 1 {
        audit::record(conn, Event::new(by.actor, "form.created").on("form", id)).await?;
    }
    match find(conn, by.practice, id).await {
        Err(Error::NotFound) => {
            Err(Error::conflict("This Idempotency-Key was used for something else. Take a new one."))
        }
        found => found.map(|form| (form, made == 0)),
    }
}

/// Keeps what is being built. Clients see nothing of it before it is published.
///
/// # Errors
/// `invalid`; `notFound`; `conflict`, with the `current` form, where it did not start from that.
pub async fn change(
    conn: &mut AsyncPgConnection,
    by: Builder<'_>,
    id: FormId,
    revision: i64,
    kind: FormKind,
    definition: &Definition,
) -> Result<Form> {
    check::may_be_kept(definition)?;
    let changed = statement(
        "UPDATE forms SET kind = $4, definition = $5, revision = revision + 1, changed_at = $6
        WHERE id = $1 AND practice_id = $2 AND revision = $3",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Uuid, _>(by.practice)
    .bind::<sql::BigInt, _>(revision)
    .bind::<sql::Text, _>(kind.as_str())
    .bind::<sql::Text, _>(stored(definition)?)
    .bind::<sql::Timestamptz, _>(by.now)
    .execute(conn)
    .await?;
    let form = find(conn, by.practice, id).await?;
    if changed == 0 {
        return Err(overtaken(&form));
    }
    audit::record(conn, Event::new(by.actor, "form.changed").on("form", id)).await?;
    Ok(form)
}

/// Publishes what was built as the next version. What was not changed since the last one is not published twice.
///
/// # Errors
/// `invalid`, with everything that is wrong with it; `conflict`, with the `current` form, where it was changed meanwhile,
/// and where it is retired.
pub async fn publish(conn: &mut AsyncPgConnection, by: Builder<'_>, id: FormId, revision: i64) -> Result<Form> {
    lock(conn, by.practice, id).await?;
    let form = find(conn, by.practice, id).await?;
    if form.revision != revision {
        return Err(overtaken(&form));
    }
    refuse_retired(&form)?;
    check::may_be_published(&form.definition)?;
    if !form.summary.has_changes {
        audit::record(conn, Event::new(by.actor, "form.published").on("form", id)).await?;
        return Ok(form);
    }
    let version = form.summary.version.unwrap_or_default() + 1;
    statement(
        "INSERT INTO form_versions (form_id, version, definition, digest, published_by, published_at)
        VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<sql::Uuid, _>(id)
    .bind::<sql::Integer, _>(version)
    .bind::<sql::Text, _>(stored(&form.definition)?)
    .bind::<sql::Bytea, _>(seal::of(&json!(form.definition)))
    .bind::<sql::Uuid, _>(by.user)
    .bind::<sql::Timestamptz, _>(by.now)
    .execute(conn)
    .await?;
    let event = Event::new(by.actor, "form.published").on("form", id).with(json!({"version": version}));
    audit::record(conn, event).await?;
    find(conn, by.practice, id).await
}

/// Nobody is given it any more. Whoever has it may fill it in.
///
/// # Errors
/// `notFound`.
pub async fn retire(conn: &mut AsyncPgConnection, by: Builder<'_>, id: FormId) -> Result<Form> {
    lock(conn, by.practice, id).await?;
    statement("UPDATE forms SET retired_at = COALESCE(retired_at, $2), for_new_clients = false WHERE id = $1")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Timestamptz, _>(by.now)
        .execute(conn)
        .await?;
    audit::record(conn, Event::new(by.actor, "form.retired").on("form", id)).await?;
    find(conn, by.practice, id).await
}

/// Says whether every new client is given it, and how many days they have.
///
/// # Errors
/// `notFound`; `invalid`; `conflict` where there is no version to give, or it is retired.
pub async fn give_to_new_clients(
    conn: &mut AsyncPgConnection,
    by: Builder<'_>,
    id: FormId,
    on: bool,
    due_days: Option<i32>,
) -> Result<Form> {
    if due_days.is_some_and(|days| !(0..=365).contains(&days)) {
        return Err(Error::field("/dueDays", "Between 0 and 365 days."));
    }
    lock(conn, by.practice, id).await?;
    let form = find(conn, by.practice, id).await?;
    if on {
        refuse_retired(&form)?;
    }
    if on && form.summary.version.is_none() {
        return Err(Error::conflict("Publish the form first: there is no version to give."));
    }
    statement("UPDATE forms SET for_new_clients = $2, due_days = $3 WHERE id = $1")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Bool, _>(on)
        .bind::<sql::Nullable<sql::Integer>, _>(due_days)
        .execute(conn)
        .await?;
    let event = Event::new(by.actor, "form.changed").on("form", id).with(json!({"forNewClients": on}));
    audit::record(conn, event).await?;
    find(conn, by.practice, id).await
}

fn refuse_retired(form: &Form) -> Result<()> {
    match form.summary.retired_at {
        None => Ok(()),
        Some(_) => Err(Error::conflict("This form is retired. Build a new one.")),
    }
}

async fn lock(conn: &mut AsyncPgConnection, practice: PracticeId, id: FormId) -> Result<()> {
    let found = statement("SELECT FROM forms WHERE id = $1 AND practice_id = $2 FOR NO KEY UPDATE")
        .bind::<sql::Uuid, _>(id)
        .bind::<sql::Uuid, _>(practice)
        .execute(conn)
        .await?;
    if found == 1 { Ok(()) } else { Err(Error::NotFound) }
}

fn stored(definition: &Definition) -> Result<String> {
    Ok(serde_json::to_string(definition).map_err(anyhow::Error::from)?)
}

fn overtaken(form: &Form) -> Error {
    let current = serde_json::to_value(form).unwrap_or_default();
    Error::Conflict {
        detail: "Somebody else changed this form meanwhile. Look at it again, then change it.",
        extra: Map::from_iter([("current".to_owned(), current)]),
    }
}
