//! An appointment as it is sent: the same for both sides, which both know each other.

use crate::{
    accounts::{Person, Role, access::Viewer, people},
    app::Services,
    appointments::{
        Mode, State,
        access::{self, Appointment},
        course::Act,
    },
    db::Pool,
    error::Result,
    http::{detached, page::List, principal::Principal, when},
    ids::{AppointmentId, PracticeId, SeriesId, ThreadId, UserId},
    threads::summaries::After,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, ops::Deref};
use utoipa::ToSchema;

/// An appointment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Appointment)]
pub struct Shown {
    pub id: AppointmentId,
    state: State,
    mode: Mode,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    client: Person,
    clinician: Person,
    /// What the client says it is about.
    note: Option<String>,
    /// Of an offer: until when it is kept.
    until: Option<DateTime<Utc>>,
    /// Another time that the practice proposes. Until the client accepts it the appointment stays as it is.
    proposal: Option<Proposal>,
    /// Those of one series share it.
    series: Option<SeriesId>,
    changed_at: DateTime<Utc>,
}

/// Another time that is proposed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppointmentProposal)]
pub struct Proposal {
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
}

/// Another time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppointmentTime)]
pub struct OtherTime {
    #[serde(deserialize_with = "when::one")]
    pub starts_at: DateTime<Utc>,
}

/// As they are sent, in their order.
pub async fn shown(
    conn: &mut AsyncPgConnection,
    services: &Services,
    practice: PracticeId,
    found: &[Appointment],
) -> Result<Vec<Shown>> {
    let users: Vec<UserId> = found.iter().flat_map(|one| [one.client, one.clinician]).collect();
    let people = people::find_people(conn, practice, &users).await?;
    let now = services.clock.now();
    found.iter().map(|one| one_shown(one, &people, services, now)).collect()
}

fn one_shown(
    one: &Appointment,
    people: &HashMap<UserId, Person>,
    services: &Services,
    now: DateTime<Utc>,
) -> Result<Shown> {
    let proposal = one.proposal(now).map(|(span, _)| Proposal { starts_at: span.from, ends_at: span.until });
    Ok(Shown {
        id: one.id,
        state: one.state,
        mode: one.mode,
        starts_at: one.during.from,
        ends_at: one.during.until,
        client: named(people, one.client, Role::Client),
        clinician: named(people, one.clinician, Role::Clinician),
        note: one.note(&services.keyring)?,
        until: one.tentative_until,
        proposal,
        series: one.series,
        changed_at: one.changed_at,
    })
}

/// Whoever an appointment names was of the practice once.
pub fn named(people: &HashMap<UserId, Person>, id: UserId, role: Role) -> Person {
    people.get(&id).cloned().unwrap_or_else(|| Person { id, name: "Somebody who left".to_owned(), role })
}

/// One as it stands now, for whoever may see it.
pub async fn now(
    conn: &mut AsyncPgConnection,
    services: &Services,
    viewer: Viewer,
    id: AppointmentId,
) -> Result<Shown> {
    let found = access::find(conn, viewer, id).await?.appointment;
    let shown = shown(conn, services, viewer.practice, std::slice::from_ref(&found)).await?;
    shown.into_iter().next().ok_or(crate::error::Error::NotFound)
}

/// Takes a step with one, and gives it as it stands then. A caller who goes away does not cut it in two.
pub async fn changed(
    caller: impl Deref<Target = Principal> + 'static,
    id: AppointmentId,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
    act: impl AsyncFnOnce(Act<'_>, &mut AsyncPgConnection, AppointmentId) -> Result<()> + 'static,
) -> Result<web::Json<Shown>> {
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let (viewer, actor) = (caller.viewer(), caller.actor());
        act(Act { viewer, actor: &actor, now: services.clock.now() }, &mut conn, id).await?;
        Ok(web::Json(now(&mut conn, &services, viewer, id).await?))
    })
    .await
}

/// A page of a list.
pub fn page(found: Vec<Shown>, limit: i64) -> List<Shown> {
    // A cursor is an instant and an id, whatever it is of.
    List::from_one_more(found, limit, |one| After { last_entry_at: one.starts_at, thread: ThreadId(one.id.0) })
}
