//! Reading appointments: a client's own, or what somebody of the practice may see. Decided by the same condition as a
//! single one.

use super::{
    access::{Appointment, COLUMNS, Row, TABLES, VISIBLE, sees_all},
    state::State,
};
use crate::{
    accounts::{Role, access::Viewer},
    db,
    error::Result,
    ids::{AppointmentId, UserId},
};
use chrono::{DateTime, Utc};
use diesel::sql_types as sql;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = AppointmentStatus)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Not over and not cancelled, the nearest first.
    #[default]
    Upcoming,
    /// Over, and not cancelled; the latest first.
    Past,
    /// The practice has to answer, and their time is ahead.
    Requested,
    Cancelled,
    All,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Search {
    pub status: Status,
    /// They reach into this.
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub clinician: Option<UserId>,
    pub client: Option<UserId>,
}

/// Appointments after a place in the order of the list: by their beginnings, and by their ids among those that begin
/// together.
pub async fn find(
    conn: &mut AsyncPgConnection,
    viewer: Viewer,
    search: Search,
    after: Option<(DateTime<Utc>, AppointmentId)>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Appointment>> {
    let backwards = matches!(search.status, Status::Past | Status::Cancelled);
    let (order, beyond) = if backwards { ("DESC", "<") } else { ("ASC", ">") };
    let states: Vec<&str> =
        State::ALL.into_iter().filter(|state| fits(search.status, *state)).map(State::as_str).collect();
    let text = format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE {VISIBLE} AND a.state = ANY($5)
            AND ($6 IS NULL OR upper(a.during) > $6) AND ($7 IS NULL OR lower(a.during) < $7)
            AND ($8 IS NULL OR a.clinician_id = $8) AND ($9 IS NULL OR a.client_id = $9)
            AND ($10 IS NULL OR upper(a.during) <= $10)
            AND (NOT $15 OR lower(a.during) > $11)
            AND (a.tentative_until IS NULL OR a.tentative_until > $11)
            AND ($12 IS NULL OR (lower(a.during), a.id) {beyond} ($12, $13))
        ORDER BY lower(a.during) {order}, a.id {order} LIMIT $14"
    );
    let from = if search.status == Status::Upcoming { Some(search.from.unwrap_or(now).max(now)) } else { search.from };
    let over_by = (search.status == Status::Past).then_some(now);
    let rows: Vec<Row> = db::statement(text)
        .bind::<sql::Uuid, _>(viewer.user)
        .bind::<sql::Uuid, _>(viewer.practice)
        .bind::<sql::Bool, _>(viewer.role == Role::Client)
        .bind::<sql::Bool, _>(sees_all(viewer))
        .bind::<sql::Array<sql::Text>, _>(states)
        .bind::<sql::Nullable<sql::Timestamptz>, _>(from)
        .bind::<sql::Nullable<sql::Timestamptz>, _>(search.until)
        .bind::<sql::Nullable<sql::Uuid>, _>(search.clinician)
        .bind::<sql::Nullable<sql::Uuid>, _>(search.client)
        .bind::<sql::Nullable<sql::Timestamptz>, _>(over_by)
        .bind::<sql::Timestamptz, _>(now)
        .bind::<sql::Nullable<sql::Timestamptz>, _>(after.map(|(at, _)| at))
        .bind::<sql::Nullable<sql::Uuid>, _>(after.map(|(_, id)| id))
        .bind::<sql::BigInt, _>(limit)
        .bind::<sql::Bool, _>(search.status == Status::Requested)
        .load(conn)
        .await?;
    rows.into_iter().map(Row::read).collect()
}

fn fits(status: Status, state: State) -> bool {
    match status {
        _ if state == State::Held => false,
        Status::Upcoming | Status::Past => state != State::Cancelled,
        Status::Requested => matches!(state, State::Requested | State::Rescheduled),
        Status::Cancelled => state == State::Cancelled,
        Status::All => true,
    }
}
