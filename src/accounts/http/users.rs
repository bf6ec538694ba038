//! `GET admin/users`, `PATCH admin/users/{user}`, `POST admin/users/{user}/lock|unlock|end-sessions`.

use crate::{
    accounts::{
        Permission, Role,
        users::{self, Change, Changed, Status, User, Wanted},
    },
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{
        agent::Agent,
        detached,
        json::Body,
        page::{self, List},
        principal::AdminPrincipal,
    },
    ids::UserId,
};
use actix_web::web;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// `?role=&status=&q=&limit=&cursor=`.
#[derive(Deserialize, IntoParams)]
pub struct UsersQuery {
    #[param(inline)]
    role: Option<Role>,
    #[param(inline)]
    status: Option<Status>,
    /// Part of a name or an e-mail address.
    #[serde(default)]
    q: String,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<Uuid>,
}

/// What changes; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = UserChange)]
pub struct Wish {
    role: Option<Role>,
    status: Option<Status>,
    name: Option<String>,
}

/// Newest first.
pub async fn list(
    caller: Agent,
    query: web::Query<UsersQuery>,
    pool: web::Data<Pool>,
) -> Result<web::Json<List<User>>> {
    caller.require(Permission::ReadUsers)?;
    let UsersQuery { role, status, q, limit, cursor } = query.into_inner();
    let (limit, wanted) = (page::limit(limit)?, Wanted { role, status, part: q });
    let (mut conn, actor) = (pool.get().await?, caller.actor());
    let found = users::list(&mut conn, caller.practice(), &wanted, cursor, limit + 1).await?;
    audit::record(&mut conn, Event::new(&actor, "users.listed").with(json!({"count": found.len()}))).await?;
    Ok(web::Json(List::newest(found, limit, |user| user.id.0)))
}

/// Role, status, name.
pub async fn change(
    caller: AdminPrincipal,
    user: web::Path<UserId>,
    wish: Body<Wish>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<User>> {
    let Wish { role, status, name } = wish.0;
    set(caller, *user, Change { role, status, name }, pool, services).await
}

/// Keeps them out, and ends their sessions.
pub async fn lock(
    caller: AdminPrincipal,
    user: web::Path<UserId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<User>> {
    set(caller, *user, Change { status: Some(Status::Disabled), ..Change::default() }, pool, services).await
}

/// Lets them in again, also after too many failures.
pub async fn unlock(caller: AdminPrincipal, user: web::Path<UserId>, pool: web::Data<Pool>) -> Result<web::Json<User>> {
    caller.require(Permission::ManageUsers)?;
    let user = *user;
    detached::to_the_end(async move {
        pool.get()
            .await?
            .transaction(async |conn| {
                let role = users::unlock(conn, caller.viewer(), user).await?;
                let actor = caller.actor();
                audit::record(conn, about(Event::new(&actor, "user.unlocked"), user, role)).await?;
                show(conn, &caller, user).await
            })
            .await
    })
    .await
}

/// Signs them out everywhere.
pub async fn end_sessions(
    caller: AdminPrincipal,
    user: web::Path<UserId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<User>> {
    caller.require(Permission::ManageUsers)?;
    let user = *user;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let settled = conn.transaction(async |conn| {
            let changed = users::end_sessions(conn, caller.viewer(), user).await?;
            let actor = caller.actor();
            let event = about(Event::new(&actor, "user.signedOut"), user, changed.was);
            audit::record(conn, event.with(json!({"sessions": changed.ended.len()}))).await?;
            Ok::<_, Error>((changed, show(conn, &caller, user).await?))
        });
        let (changed, user) = settled.await?;
        cut(&services, &changed);
        Ok(user)
    })
    .await
}

async fn set(
    caller: AdminPrincipal,
    user: UserId,
    change: Change,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<User>> {
    caller.require(Permission::ManageUsers)?;
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let settled = conn.transaction(async |conn| {
            let changed = users::change(conn, caller.viewer(), user, change).await?;
            if !changed.fields.is_empty() {
                let actor = caller.actor();
                let event = about(Event::new(&actor, "user.changed"), user, changed.was);
                audit::record(conn, event.with(json!({"fields": changed.fields}))).await?;
            }
            Ok::<_, Error>((changed, show(conn, &caller, user).await?))
        });
        let (changed, user) = settled.await?;
        cut(&services, &changed);
        Ok(user)
    })
    .await
}

/// Live connections here at once; other nodes find out within seconds.
fn cut(services: &Services, changed: &Changed) {
    for session in &changed.ended {
        services.hub.end_sign_in(*session);
    }
}

async fn show(conn: &mut AsyncPgConnection, caller: &AdminPrincipal, user: UserId) -> Result<web::Json<User>> {
    Ok(web::Json(users::find(conn, caller.practice_id, user).await?.ok_or(Error::NotFound)?))
}

fn about(event: Event<'_>, user: UserId, role: Role) -> Event<'_> {
    let event = event.on("user", user);
    if role == Role::Client { event.of_client(user) } else { event }
}
