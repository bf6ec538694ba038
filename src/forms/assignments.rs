//! Who is to fill in what, and by when. Whatever reads or changes what a client was given asks for an [`Assigned`], and
//! only this file makes one: no handler can forget to ask whose it is.

use super::definition::{Definition, FormKind};
use crate::{
    accounts::{
        Person, Role,
        access::{ClientAccess, Viewer, find_client_access},
        people,
    },
    audit::{self, Actor, Event},
    db::statement,
    emergency::rota::wall,
    error::{Error, Result},
    ids::{FormAssignmentId, FormId, FormSubmissionId, UserId},
    notices::{self, Kind, Notice},
};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// When clients are reminded, on the day before.
const REMINDED_AT: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// So far ahead a day may be.
const LONGEST_DAYS: i64 = 3_660;

/// How far it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormState)]
pub enum State {
    /// To be filled in.
    Open,
    Submitted,
    Reviewed,
    /// The practice took it back.
    Withdrawn,
}

/// A form that a client was given.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignedForm)]
pub struct Summary {
    pub id: FormAssignmentId,
    pub title: String,
    pub kind: FormKind,
    pub version: i32,
    pub state: State,
    pub assigned_at: DateTime<Utc>,
    pub due_on: Option<NaiveDate>,
    /// That day is over where the client is.
    pub overdue: bool,
    /// When something was last kept of what is being written.
    pub saved_at: Option<DateTime<Utc>>,
    pub submission: Option<FormSubmissionId>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub reviewed_at: Option<DateTime<Utc>>,
}

/// Proof that a viewer may see what a client was given, with what it is.
pub struct Assigned {
    pub access: ClientAccess,
    pub id: FormAssignmentId,
    pub form: FormId,
    pub definition: Definition,
    /// As it was published, byte for byte.
    pub digest: Vec<u8>,
    pub summary: Summary,
    zone: Tz,
}

impl Assigned {
    /// The day where the client is.
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        now.with_timezone(&self.zone).date_naive()
    }

    /// An event of the audit log about it.
    pub fn event<'a>(&self, actor: &'a Actor, action: &'static str) -> Event<'a> {
        self.access.event(actor, action).on("formAssignment", self.id)
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql::Uuid)]
    id: FormAssignmentId,
    #[diesel(sql_type = sql::Uuid)]
    form_id: FormId,
    #[diesel(sql_type = sql::Uuid)]
    client_id: UserId,
    #[diesel(sql_type = sql::Text)]
    title: String,
    #[diesel(sql_type = sql::Text)]
    kind: String,
    #[diesel(sql_type = sql::Integer)]
    version: i32,
    #[diesel(sql_type = sql::Text)]
    definition: String,
    #[diesel(sql_type = sql::Bytea)]
    digest: Vec<u8>,
    #[diesel(sql_type = sql::Text)]
    time_zone: String,
    #[diesel(sql_type = sql::Timestamptz)]
    assigned_at: DateTime<Utc>,
    #[diesel(sql_type = sql::Nullable<sql::Date>)]
    due_on: Option<NaiveDate>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    withdrawn_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    saved_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
    submission: Option<FormSubmissionId>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    submitted_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql::Nullable<sql::Timestamptz>)]
    reviewed_at: Option<DateTime<Utc>>,
}

macro_rules! assignments {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.form_id, a.client_id, v.definition::json->>'title' AS title, f.kind, a.version, v.definition,
                v.digest, u.time_zone, a.assigned_at, a.due_on, a.withdrawn_at, d.saved_at, s.id AS submission,
                s.submitted_at, r.reviewed_at
            FROM form_assignments a JOIN forms f ON f.id = a.form_id
            JOIN form_versions v ON v.form_id = a.form_id AND v.version = a.version JOIN users u ON u.id = a.client_id
            LEFT JOIN form_drafts d ON d.assignment_id = a.id LEFT JOIN form_submissions s ON s.assignment_id = a.id
            LEFT JOIN form_reviews r ON r.submission_id = s.id ",
            $rest
        )
    };
}

impl Row {
    fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(chrono_tz::UTC)
    }

    fn summary(&self, now: DateTime<Utc>) -> Result<Summary> {
        let state = match (self.reviewed_at, self.submission, self.withdrawn_at) {
            (Some(_), ..) => State::Reviewed,
            (None, Some(_), _) => State::Submitted,
            (None, None, Some(_)) => State::Withdrawn,
            (None, None, None) => State::Open,
        };
        let today = now.with_timezone(&self.zone()).date_naive();
        Ok(Summary {
            id: self.id,
            title: self.title.clone(),
            kind: FormKind::parse(&self.kind)?,
            version: self.version,
            state,
            assigned_at: self.assigned_at,
            due_on: self.due_on,
            overdue: state == State::Open && self.due_on.is_some_and(|due| due < today),
            saved_at: self.saved_at,
            submission: self.submission,
            submitted_at: self.submitted_at,
            reviewed_at: self.reviewed_at,
        })
    }
}

/// What this client was given, newest first; one more than `limit`, if there is one more. What was taken back is not in
/// the list.
pub async fn list(
    conn: &mut AsyncPgConnection,
    access: &ClientAccess,
    only_open: bool,
    limit: i64,
    before: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<Summary>> {
    let rows: Vec<Row> = statement(assignments!(
        "WHERE a.client_id = $1 AND a.withdrawn_at IS NULL AND (a.closed_at IS NULL OR NOT $2) AND ($3 IS NULL OR a.id < $3)
        ORDER BY a.id DESC LIMIT $4"
    ))
    .bind::<sql::Uuid, _>(access.client())
    .bind::<sql::Bool, _>(only_open)
    .bind::<sql::Nullable<sql::Uuid>, _>(before)
    .bind::<sql::BigInt, _>(limit + 1)
    .load(conn)
    .await?;
    rows.iter().map(|row| row.summary(now)).collect()
}

/// What a client was given, where the viewer may see it.
///
/// # Errors
/// `notFound`.
pub async fn find(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    id: FormAssignmentId,
    now: DateTime<Utc>,
) -> Result<Assigned> {
    let row: Option<Row> =
        statement(assignments!("WHERE a.id = $1")).bind::<sql::Uuid, _>(id).get_result(conn).await.optional()?;
    // Whose it would be is asked in any case: what is another's takes as long as what does not exist.
    let client = row.as_ref().map_or(UserId(id.0), |row| row.client_id);
    let access = find_client_access(conn, viewer, client).await?;
    let (Some(row), Some(access)) = (row, access) else { return Err(Error::NotFound) };
    let summary = row.summary(now)?;
    let (zone, definition) = (row.zone(), Definition::read(&row.definition)?);
    Ok(Assigned { access, id, form: row.form_id, definition, digest: row.digest, summary, zone })
}

/// Two who write into, submit or take back the same form follow each other.
pub async fn lock(conn: &mut AsyncPgConnection, id: FormAssignmentId) -> Result<()> {
    let lock = statement("SELECT FROM form_assignments WHERE id = $1 FOR NO KEY UPDATE");
    lock.bind::<sql::Uuid, _>(id).execute(conn).await?;
    Ok(())
}

/// To whom a form is given, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Giving {
    pub id: FormAssignmentId,
    pub form: FormId,
    pub client: UserId,
    pub due_on: Option<NaiveDate>,
}

/// Gives a form to a client, who is told. True where it was given before under this id.
///
/// # Errors
/// `notFound` where form or client are none of the viewer's; `invalid` where the day is over; `conflict` where there is
/// nothing to give, or the client has it to fill in.
pub async fn give(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    actor: &Actor,
    giving: Giving,
    now: DateTime<Utc>,
) -> Result<(FormAssignmentId, bool)> {
    let Giving { id, form, client, due_on } = giving;
    if !people::may_write_to(conn, viewer, client).await? {
        return Err(Error::NotFound);
    }
    #[derive(QueryableByName)]
    struct Given {
        #[diesel(sql_type = sql::Nullable<sql::Integer>)]
        version: Option<i32>,
        #[diesel(sql_type = sql::Bool)]
        retired: bool,
        #[diesel(sql_type = sql::Text)]
        time_zone: String,
    }
    let given: Option<Given> = statement(
        "SELECT (SELECT max(version) FROM form_versions WHERE form_id = f.id) AS version, f.retired_at IS NOT NULL AS retired,
            u.time_zone
        FROM forms f JOIN users u ON u.id = $3 WHERE f.id = $1 AND f.practice_id = $2",
    )
    .bind::<sql::Uuid, _>(form)
    .bind::<sql::Uuid, _>(viewer.practice)
    .bind::<sql::Uuid, _>(client)
    .get_result(conn)
    .await
    .optional()?;
    let given = given.ok_or(Error::NotFound)?;
    let zone: Tz = given.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let today = now.with_timezone(&zone).date_naive();
    if due_on.is_some_and(|due| due < today) {
        return Err(Error::field("/dueOn", "This day is over. Choose today or a later one."));
    }
    if due_on.is_some_and(|due| due.signed_duration_since(today).num_days() > LONGEST_DAYS) {
        return Err(Error::field("/dueOn", "This day is more than ten years away."));
    }
    let Some(version) = given.version.filter(|_| !given.retired) else {
        return Err(Error::conflict("Only a form that is published, and not retired, can be given to a client."));
    };
    let made = insert(conn, &giving, Some(viewer.user), version, now).await?;
    if !made {
        let same = statement("SELECT FROM form_assignments WHERE id = $1 AND form_id = $2 AND client_id = $3");
        let same = same.bind::<sql::Uuid, _>(id).bind::<sql::Uuid, _>(form).bind::<sql::Uuid, _>(client);
        return match same.execute(conn).await? {
            0 => Err(Error::conflict("This client has this form to fill in already.")),
            _ => Ok((id, true)),
        };
    }
    let detail = json!({"form": form, "version": version});
    let event = Event::new(actor, "form.assigned").of_client(client).on("formAssignment", id).with(detail);
    audit::record(conn, event).await?;
    notices::tell(conn, &Notice::new(client, Kind::FormAssigned, Some(id.0))).await?;
    remind(conn, client, id, due_on, zone, now).await?;
    Ok((id, false))
}

/// Writes the row; false where the client has the form, or the id was used.
pub(super) async fn insert(
    conn: &mut AsyncPgConnection,
    giving: &Giving,
    by: Option<UserId>,
    version: i32,
    now: DateTime<Utc>,
) -> Result<bool> {
    let made = statement(
        "INSERT INTO form_assignments (id, practice_id, form_id, version, client_id, assigned_by, assigned_at, due_on)
        SELECT $1, practice_id, $2, $3, id, $5, $6, $7 FROM users WHERE id = $4 ON CONFLICT DO NOTHING",
    )
    .bind::<sql::Uuid, _>(giving.id)
    .bind::<sql::Uuid, _>(giving.form)
    .bind::<sql::Integer, _>(version)
    .bind::<sql::Uuid, _>(giving.client)
    .bind::<sql::Nullable<sql::Uuid>, _>(by)
    .bind::<sql::Timestamptz, _>(now)
    .bind::<sql::Nullable<sql::Date>, _>(giving.due_on)
    .execute(conn)
    .await?;
    Ok(made == 1)
}

/// The client is reminded on the morning before the day on which it is due, if that is still to come.
pub(super) async fn remind(
    conn: &mut AsyncPgConnection,
    client: UserId,
    id: FormAssignmentId,
    due_on: Option<NaiveDate>,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(due) = due_on else { return Ok(()) };
    let before = due.checked_sub_days(Days::new(1)).map(|day| wall::instant(zone, day.and_time(REMINDED_AT)));
    let over = due.checked_add_days(Days::new(1)).map(|day| wall::instant(zone, day.and_time(NaiveTime::MIN)));
    let Some(at) = before.filter(|at| *at > now) else { return Ok(()) };
    let notice = Notice::new(client, Kind::FormDue, Some(id.0)).scheduled(at).once(i64::from(due.num_days_from_ce()));
    notices::tell(conn, &over.map_or(notice, |over| notice.until(over))).await?;
    Ok(())
}

/// Takes a form back that was not submitted. What the client wrote stays with it.
///
/// # Errors
/// `conflict` where it was submitted.
pub async fn withdraw(
    conn: &mut AsyncPgConnection,
    assigned: &Assigned,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let taken =
        statement("UPDATE form_assignments SET withdrawn_at = $2, closed_at = $2 WHERE id = $1 AND closed_at IS NULL")
            .bind::<sql::Uuid, _>(assigned.id)
            .bind::<sql::Timestamptz, _>(now)
            .execute(conn)
            .await?;
    if taken == 0 && assigned.summary.state != State::Withdrawn {
        return Err(Error::conflict("The client submitted this form already."));
    }
    moot(conn, assigned.id, now).await?;
    audit::record(conn, assigned.event(actor, "form.withdrawn")).await?;
    Ok(())
}

/// There is nothing left to fill in.
pub(super) async fn moot(conn: &mut AsyncPgConnection, id: FormAssignmentId, now: DateTime<Utc>) -> Result<()> {
    for kind in [Kind::FormAssigned, Kind::FormDue] {
        notices::cancel(conn, kind, id.0, now).await?;
    }
    Ok(())
}

/// Somebody of whom columns tell; nobody where they are empty.
pub(super) fn person(id: Option<UserId>, name: Option<String>, role: Option<&str>) -> Option<Person> {
    Some(Person { id: id?, name: name?, role: role.and_then(Role::parse)? })
}
