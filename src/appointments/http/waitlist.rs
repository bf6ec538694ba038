//! `GET|POST portal/appointments/waitlist`, `DELETE portal/appointments/waitlist/{waiting}`,
//! `GET ehr/appointments/waitlist`.

use super::view::named;
use crate::{
    accounts::{Permission, Person, Role, people},
    app::Services,
    appointments::{
        Mode, access,
        waitlist::{self, Waiting, Wish},
    },
    audit::{self, Event},
    db::Pool,
    error::Result,
    http::{
        answer::{Created, NoContent},
        detached,
        json::Body,
        page::List,
        principal::{EhrPrincipal, PortalPrincipal},
    },
    ids::{PracticeId, UserId, WaitingId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// For what somebody waits.
#[derive(Deserialize, ToSchema)]
#[schema(as = WaitlistWish)]
pub struct Wished {
    clinician: UserId,
    #[serde(default)]
    mode: Mode,
    /// An appointment that begins from here on.
    from: DateTime<Utc>,
    /// And before this.
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
        places(&mut conn, caller.practice_id, found).await?.into_iter().next().ok_or(crate::error::Error::NotFound)
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
    let listed =
        |client: Option<UserId>| client.into_iter().fold(Event::new(&actor, "waitlist.listed"), Event::of_client);
    let mut events: Vec<Event<'_>> = found.iter().map(|waiting| listed(Some(waiting.client_id))).collect();
    if events.is_empty() {
        events.push(listed(None));
    }
    audit::record_all(&mut conn, &events).await?;
    Ok(web::Json(List::whole(places(&mut conn, caller.practice_id, found).await?)))
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
