//! `GET|POST portal/appointments/waitlist`, `DELETE portal/appointments/waitlist/{waiting}`,
//! `GET ehr/appointments/waitlist`, `PUT|DELETE ehr/appointments/waitlist/{waiting}`,
//! `POST ehr/appointments/waitlist/{waiting}/offer`.

use super::{
    client::require_view,
    view::{self, OtherTime, Shown, named},
};
use crate::{
    accounts::{Permission, Person, Role, access::listed, people},
    app::Services,
    appointments::{
        Mode, access,
        waitlist::{
            self, Waiting, Wish,
            desk::{Changed, Desk},
        },
    },
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{Created, NoContent, Stored},
        detached,
        idempotency::IdempotencyKey,
        json::Body,
        page::List,
        principal::{EhrPrincipal, PortalPrincipal},
        when,
    },
    ids::{AppointmentId, PracticeId, UserId, WaitingId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// For what somebody waits.
#[derive(Deserialize, ToSchema)]
#[schema(as = WaitlistWish)]
pub struct Wished {
    clinician: UserId,
    #[serde(default)]
    mode: Mode,
    /// An appointment that begins from here on.
    #[serde(deserialize_with = "when::one")]
    from: DateTime<Utc>,
    /// And before this.
    #[serde(deserialize_with = "when::one")]
    until: DateTime<Utc>,
}

/// What somebody waits for from now on; the clinician stays the same.
#[derive(Deserialize, ToSchema)]
#[schema(as = WaitlistChange)]
pub struct Change {
    mode: Mode,
    /// An appointment that begins from here on.
    #[serde(deserialize_with = "when::one")]
    from: DateTime<Utc>,
    /// And before this.
    #[serde(deserialize_with = "when::one")]
    until: DateTime<Utc>,
}

/// A place on the waitlist.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WaitlistPlace)]
pub struct Place {
    id: WaitingId,
    client: Person,
    clinician: Person,
    mode: Mode,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    since: DateTime<Utc>,
}

/// One's own.
pub async fn own(caller: PortalPrincipal, pool: web::Data<Pool>) -> Result<web::Json<List<Place>>> {
    let mut conn = pool.get().await?;
    require_view(&mut conn, &caller).await?;
    let found = waitlist::list(&mut conn, caller.practice_id, Some(caller.user_id), None).await?;
    audit::record(&mut conn, Event::new(&caller.actor(), "waitlist.listed").of_client(caller.user_id)).await?;
    Ok(web::Json(List::whole(places(&mut conn, caller.practice_id, found).await?)))
}

/// Waits from now on.
pub async fn join(
    caller: PortalPrincipal,
    input: Body<Wished>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Place>> {
    let Wished { clinician, mode, from, until } = input.0;
    let place = detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let (actor, now) = (caller.actor(), services.clock.now());
        let wish = Wish { clinician, mode, from, until };
        waitlist::join(&mut conn, caller.viewer(), &actor, WaitingId::new(), wish, now).await?;
        let found = waitlist::list(&mut conn, caller.practice_id, Some(caller.user_id), Some(clinician)).await?;
        places(&mut conn, caller.practice_id, found).await?.into_iter().next().ok_or(Error::NotFound)
    });
    Ok(Created(place.await?))
}

/// Waits no more.
pub async fn leave(
    caller: PortalPrincipal,
    id: web::Path<WaitingId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    detached::to_the_end(async move {
        let (actor, now) = (caller.actor(), services.clock.now());
        waitlist::leave(&mut *pool.get().await?, caller.viewer(), &actor, *id, now).await
    })
    .await?;
    Ok(NoContent)
}

/// Who waits for whom: for whoever sees all of the practice's appointments all, for others those who wait for them.
pub async fn of_practice(caller: EhrPrincipal, pool: web::Data<Pool>) -> Result<web::Json<List<Place>>> {
    caller.require(Permission::WorkAppointments)?;
    let mut conn = pool.get().await?;
    let clinician = (!access::sees_all(caller.viewer())).then_some(caller.user_id);
    let found = waitlist::list(&mut conn, caller.practice_id, None, clinician).await?;
    let actor = caller.actor();
    let clients = found.iter().map(|waiting| waiting.client_id).collect();
    audit::record_all(&mut conn, &listed(&actor, "waitlist.listed", &clients, &BTreeSet::new())).await?;
    Ok(web::Json(List::whole(places(&mut conn, caller.practice_id, found).await?)))
}

/// Changes what somebody waits for.
pub async fn change(
    caller: EhrPrincipal,
    id: web::Path<WaitingId>,
    input: Body<Change>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Place>> {
    let Change { mode, from, until } = input.0;
    at_the_desk(caller, pool, services, async move |desk, conn| {
        let changed = desk.change(conn, *id, Changed { mode, from, until }).await?;
        let place = places(conn, desk.viewer.practice, vec![changed]).await?.into_iter().next();
        Ok(web::Json(place.ok_or(Error::NotFound)?))
    })
    .await
}

/// Takes somebody off.
pub async fn remove(
    caller: EhrPrincipal,
    id: web::Path<WaitingId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<NoContent> {
    at_the_desk(caller, pool, services, async move |desk, conn| desk.remove(conn, *id).await).await?;
    Ok(NoContent)
}

/// Offers somebody a time.
pub async fn offer(
    caller: EhrPrincipal,
    key: IdempotencyKey,
    id: web::Path<WaitingId>,
    input: Body<OtherTime>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Shown>> {
    let (at, here) = (input.0.starts_at, services.clone());
    let offered = AppointmentId(key.or_given(None).0);
    at_the_desk(caller, pool, services, async move |desk, conn| {
        let repeated = desk.offer(conn, *id, offered, at).await?;
        Ok(Stored { repeated, content: view::now(conn, &here, desk.viewer, offered).await? })
    })
    .await
}

async fn at_the_desk<T: 'static>(
    caller: EhrPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
    act: impl AsyncFnOnce(Desk<'_>, &mut AsyncPgConnection) -> Result<T> + 'static,
) -> Result<T> {
    caller.require(Permission::WorkAppointments)?;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let actor = caller.actor();
        act(Desk { viewer: caller.viewer(), actor: &actor, now: services.clock.now() }, &mut conn).await
    })
    .await
}

async fn places(conn: &mut AsyncPgConnection, practice: PracticeId, found: Vec<Waiting>) -> Result<Vec<Place>> {
    let users: Vec<UserId> = found.iter().flat_map(|one| [one.client_id, one.clinician_id]).collect();
    let people = people::find_people(conn, practice, &users).await?;
    let place = |one: Waiting| Place {
        id: one.id,
        client: named(&people, one.client_id, Role::Client),
        clinician: named(&people, one.clinician_id, Role::Clinician),
        mode: Mode::parse(&one.mode).unwrap_or_default(),
        from: one.from_at,
        until: one.until_at,
        since: one.made_at,
    };
    Ok(found.into_iter().map(place).collect())
}
