//! `GET portal/appointments/{appointment}/calendar.ics`, `GET portal/calendar/{secret}.ics`, and
//! `GET|POST|DELETE portal/appointments/feed`: for calendar programs.

use super::{client::require_view, view::named};
use crate::{
    accounts::{Role, people},
    app::Services,
    appointments::{
        access,
        calendar::{self, Entry},
        feed,
        list::{self, Search, Status},
        policy,
    },
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{CalendarFile, Created, NoContent},
        detached,
        json::Body,
        principal::PortalPrincipal,
        source::Source,
    },
    ids::{AppointmentId, UserId},
};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What has been stays in a calendar for so long.
const BACK: TimeDelta = TimeDelta::days(90);
/// More than that no program needs to show.
const MOST: i64 = 500;

/// A new address.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
#[schema(as = NewCalendarFeed)]
pub struct NewFeed {
    /// Appointments name the clinician. Whoever reads the calendar then knows whom one sees.
    shows_names: bool,
}

/// An address that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeCalendarFeed)]
pub struct MadeFeed {
    /// Shown this once.
    url: String,
}

/// Whether there is an address.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CalendarFeed)]
pub struct ShownFeed {
    /// Null: there is none.
    made_at: Option<DateTime<Utc>>,
    shows_names: bool,
}

/// One appointment.
pub async fn file(
    caller: PortalPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
) -> Result<CalendarFile> {
    let mut conn = pool.get().await?;
    let found = access::find(&mut conn, caller.viewer(), *id).await?;
    require_view(&mut conn, &caller).await?;
    audit::record(&mut conn, found.event(&caller.actor(), "appointment.exported")).await?;
    let text = calendar::file(&Entry { appointment: &found.appointment, with: None }, &caller.identity().language);
    Ok(CalendarFile { name: "appointment.ics", text })
}

/// All of somebody's, for whoever has the address.
pub async fn subscription(
    secret: web::Path<String>,
    source: Source,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<CalendarFile> {
    let secret = SecretString::from(secret.into_inner());
    let mut conn = pool.get().await?;
    let text = conn.transaction(async |conn| {
        let found = feed::find(conn, &secret).await?.ok_or(Error::NotFound)?;
        let feed::Reader { viewer, shows_names, language } = found;
        if !policy::read(conn, viewer.practice).await?.rules.may_view {
            return Err(Error::NotFound);
        }
        let now = services.clock.now();
        let search = Search { status: Status::All, from: Some(now - BACK), ..Search::default() };
        let found = list::find(conn, viewer, search, None, MOST, now).await?;
        let users: Vec<UserId> = found.iter().map(|one| one.clinician).collect();
        let people = people::find_people(conn, viewer.practice, &users).await?;
        let names: Vec<_> = found.iter().map(|one| named(&people, one.clinician, Role::Clinician).name).collect();
        let entry = |(appointment, name)| Entry { appointment, with: shows_names.then_some(name) };
        let entries: Vec<Entry<'_>> = found.iter().zip(names.iter().map(String::as_str)).map(entry).collect();
        let actor = source.nobody();
        let event = Event::new(&actor, "calendarFeed.read").in_practice(viewer.practice).of_client(viewer.user);
        audit::record(conn, event).await?;
        Ok(calendar::feed(&entries, &language))
    });
    Ok(CalendarFile { name: "appointments.ics", text: text.await? })
}

/// Whether one has an address.
pub async fn show(caller: PortalPrincipal, pool: web::Data<Pool>) -> Result<web::Json<ShownFeed>> {
    let found = feed::show(&mut *pool.get().await?, caller.user_id).await?;
    let shown = ShownFeed { made_at: None, shows_names: false };
    Ok(web::Json(found.map_or(shown, |feed| ShownFeed { made_at: Some(feed.made_at), shows_names: feed.shows_names })))
}

/// Makes one; the one before ends.
pub async fn make(
    caller: PortalPrincipal,
    input: Body<NewFeed>,
    request: actix_web::HttpRequest,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<MadeFeed>> {
    let base = match &services.config.public_url {
        Some(url) => url.to_string(),
        None => {
            let info = request.connection_info().clone();
            format!("{}://{}/", info.scheme(), info.host())
        }
    };
    let shows_names = input.0.shows_names;
    let secret = detached::to_the_end(async move {
        let actor = caller.actor();
        let now = services.clock.now();
        feed::make(&mut *pool.get().await?, &actor, caller.user_id, shows_names, now).await
    });
    let secret = secret.await?;
    Ok(Created(MadeFeed { url: format!("{base}api/v1/portal/calendar/{}.ics", secret.expose_secret()) }))
}

/// Ends it.
pub async fn end(caller: PortalPrincipal, pool: web::Data<Pool>) -> Result<NoContent> {
    detached::to_the_end(async move {
        let actor = caller.actor();
        feed::end(&mut *pool.get().await?, &actor, caller.user_id).await
    })
    .await?;
    Ok(NoContent)
}
