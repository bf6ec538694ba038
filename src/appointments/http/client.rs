//! `GET portal/appointments`, `GET portal/appointments/{appointment}`, `POST portal/appointments/hold`,
//! `POST portal/appointments/request`, and what a client does with one: cancel, reschedule, accept, decline, join.

use super::view::{self, Shown};
use crate::{
    app::Services,
    appointments::{
        Mode, access, availability,
        book::{self, Request},
        list::{self, Search, Status},
        policy, room,
    },
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{
        answer::{Created, Stored},
        detached,
        idempotency::IdempotencyKey,
        json::{Body, MaybeBody},
        page::{List, PageQuery},
        principal::{PortalPrincipal, Principal},
        when,
    },
    ids::{AppointmentId, EntryId, UserId},
};
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// `?status=&limit=&cursor=`.
#[derive(Deserialize, IntoParams)]
pub struct ListQuery {
    #[serde(default)]
    #[param(inline)]
    status: Status,
    // Flattened, numbers of a query would arrive as text.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// A time to keep while the request is filled in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppointmentHold)]
pub struct Hold {
    clinician: UserId,
    /// Of a free time.
    #[serde(deserialize_with = "when::one")]
    starts_at: DateTime<Utc>,
}

/// A time that is kept.
#[derive(Serialize, ToSchema)]
#[schema(as = HeldAppointment)]
pub struct Held {
    until: DateTime<Utc>,
}

/// An appointment to ask for.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppointmentRequest)]
pub struct Asked {
    /// Chosen by the caller, so that asking again asks once.
    id: Option<AppointmentId>,
    clinician: UserId,
    /// Of a free time.
    #[serde(deserialize_with = "when::one")]
    starts_at: DateTime<Utc>,
    #[serde(default)]
    mode: Mode,
    /// What it is about.
    #[schema(max_length = 1000)]
    note: Option<String>,
}

/// Whether a fee is agreed to, where there is one.
#[derive(Deserialize, Default, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = AppointmentCancellation)]
pub struct Cancellation {
    accept_fee: bool,
}

/// Another time, and whether a fee is agreed to.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppointmentMove)]
pub struct Move {
    /// Of a free time.
    #[serde(deserialize_with = "when::one")]
    starts_at: DateTime<Utc>,
    #[serde(default)]
    accept_fee: bool,
}

/// Where one meets.
#[derive(Serialize, ToSchema)]
#[schema(as = MeetingPlace)]
pub struct Place {
    url: String,
}

/// One's own.
pub async fn list(
    caller: PortalPrincipal,
    query: web::Query<ListQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<Shown>>> {
    let ListQuery { status, limit, cursor } = query.into_inner();
    let (limit, after) = PageQuery { limit, cursor }.read()?;
    let after = after.map(|after| (after.last_entry_at, AppointmentId(after.thread.0)));
    let mut conn = pool.get().await?;
    let page = conn.transaction(async |conn| {
        require_view(conn, &caller).await?;
        let search = Search { status, ..Search::default() };
        let found = list::find(conn, caller.viewer(), search, after, limit + 1, services.clock.now()).await?;
        let items = view::shown(conn, &services, caller.practice_id, &found).await?;
        let actor = caller.actor();
        let event = Event::new(&actor, "appointments.listed").of_client(caller.user_id);
        audit::record(conn, event.with(json!({"count": items.len()}))).await?;
        Ok::<_, Error>(view::page(items, limit))
    });
    Ok(web::Json(page.await?))
}

/// One of them.
pub async fn show(
    caller: PortalPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let mut conn = pool.get().await?;
    let found = access::find(&mut conn, caller.viewer(), *id).await?;
    require_view(&mut conn, &caller).await?;
    let shown = view::now(&mut conn, &services, caller.viewer(), *id).await?;
    audit::record(&mut conn, found.event(&caller.actor(), "appointment.viewed")).await?;
    Ok(web::Json(shown))
}

/// Keeps a time while the request is filled in.
pub async fn hold(
    caller: PortalPrincipal,
    input: Body<Hold>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Created<Held>> {
    let Hold { clinician, starts_at } = input.0;
    let request = Request { id: AppointmentId::new(), clinician, starts_at, mode: Mode::default(), note: None };
    let until = detached::to_the_end(async move {
        let (actor, now) = (caller.actor(), services.clock.now());
        book::hold(&mut *pool.get().await?, caller.viewer(), &actor, &request, now).await
    });
    Ok(Created(Held { until: until.await? }))
}

/// Asks for an appointment.
pub async fn request(
    caller: PortalPrincipal,
    key: IdempotencyKey,
    input: Body<Asked>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<Shown>> {
    let Asked { id, clinician, starts_at, mode, note } = input.0;
    let id = AppointmentId(key.or_given(id.map(|id| EntryId(id.0))).0);
    let request = Request { id, clinician, starts_at, mode, note };
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let (viewer, actor, now) = (caller.viewer(), caller.actor(), services.clock.now());
        let repeated = book::request(&mut conn, &services.keyring, viewer, &actor, &request, now).await?;
        let content = view::now(&mut conn, &services, viewer, id).await?;
        Ok(Stored { repeated, content })
    })
    .await
}

/// Gives it up.
pub async fn cancel(
    caller: PortalPrincipal,
    id: web::Path<AppointmentId>,
    input: MaybeBody<Cancellation>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let accept_fee = input.0.accept_fee;
    view::changed(caller, *id, pool, services, async move |act, conn, id| act.cancel(conn, id, accept_fee).await).await
}

/// Moves it.
pub async fn reschedule(
    caller: PortalPrincipal,
    id: web::Path<AppointmentId>,
    input: Body<Move>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let Move { starts_at, accept_fee } = input.0;
    view::changed(caller, *id, pool, services, async move |act, conn, id| {
        act.reschedule(conn, id, starts_at, accept_fee).await
    })
    .await
}

/// Takes what was proposed or offered.
pub async fn accept(
    caller: PortalPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    view::changed(caller, *id, pool, services, async |act, conn, id| act.accept(conn, id).await).await
}

/// Does not want the other time that is proposed: it stays as it is.
pub async fn decline(
    caller: PortalPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    view::changed(caller, *id, pool, services, async |act, conn, id| act.decline(conn, id).await).await
}

/// Where to meet over video.
pub async fn join(
    caller: PortalPrincipal,
    id: web::Path<AppointmentId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Place>> {
    place(&caller, *id, &pool, &services).await
}

/// The same for both sides.
pub(super) async fn place(
    caller: &Principal,
    id: AppointmentId,
    pool: &Pool,
    services: &Services,
) -> Result<web::Json<Place>> {
    let mut conn = pool.get().await?;
    let now = services.clock.now();
    let found = access::find(&mut conn, caller.viewer(), id).await?;
    let stored = availability::read(&mut conn, caller.practice_id, found.appointment.clinician, now).await?;
    let link = stored.and_then(|stored| stored.room_url);
    let jitsi = services.config.jitsi.as_ref();
    let url = room::join(jitsi, link.as_deref(), &found.appointment, caller.identity(), now)?;
    audit::record(&mut conn, found.event(&caller.actor(), "appointment.joined")).await?;
    Ok(web::Json(Place { url }))
}

/// Whether clients of this practice see their appointments at all.
pub(super) async fn require_view(conn: &mut AsyncPgConnection, caller: &Principal) -> Result<()> {
    policy::read(conn, caller.practice_id).await?.rules.require_view()
}
