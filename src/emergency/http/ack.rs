//! `GET|POST api/v1/ack/{token}`: the link in a page. Whoever has it acts for the person to whom it was sent, in that one
//! emergency, once. GET shows and changes nothing: mail scanners follow links. Neither says whose emergency it is.

use crate::{
    accounts::{Role, access::Viewer},
    app::Services,
    audit::Actor,
    db::Pool,
    emergency::{
        acts::Act,
        links::{self, Link},
        model::State,
        store, truth,
    },
    error::{Error, Result},
    http::{detached, source::Source},
};
use actix_web::{HttpRequest, web};
use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

/// What a link shows.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AckLink)]
pub struct Shown {
    /// To whom it was sent.
    pub name: String,
    /// Their language.
    pub language: String,
    pub state: State,
    pub drill: bool,
    pub raised_at: DateTime<Utc>,
    /// The link can still be used.
    pub usable: bool,
    /// Who has it, by name.
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<DateTime<Utc>>,
}

/// Shows where it stands.
pub async fn show(
    token: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let mut conn = pool.get().await?;
    Ok(web::Json(read(&mut conn, &services, &token.into_inner().into()).await?))
}

/// Says "I have it".
pub async fn acknowledge(
    request: HttpRequest,
    token: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Shown>> {
    let (token, nobody) = (SecretString::from(token.into_inner()), Source::of(&request).nobody());
    let shown = detached::to_the_end(async move { take(&mut *pool.get().await?, &services, token, nobody).await });
    Ok(web::Json(shown.await?))
}

/// For the page.
pub async fn read(conn: &mut AsyncPgConnection, services: &Services, token: &SecretString) -> Result<Shown> {
    let now = store::now(conn, &services.clock).await?;
    let link = links::find(conn, token, now).await?;
    let escalation = store::find(conn, link.practice, link.escalation).await?.ok_or(Error::NotFound)?;
    let holder = escalation.course.acknowledged;
    let acknowledged_by = truth::name_of(conn, holder.map(|(by, _)| by)).await?;
    Ok(Shown {
        usable: link.is_good && escalation.course.state != State::Resolved,
        name: link.name,
        language: link.language,
        state: escalation.course.state,
        drill: escalation.drill,
        raised_at: escalation.raised_at,
        acknowledged_by,
        acknowledged_at: holder.map(|(_, at)| at),
    })
}

/// For the page.
pub async fn take(
    conn: &mut AsyncPgConnection,
    services: &Services,
    token: SecretString,
    nobody: Actor,
) -> Result<Shown> {
    let now = store::now(conn, &services.clock).await?;
    let link = links::find(conn, &token, now).await?;
    let Link { user, practice, .. } = link;
    let role = Role::parse(&link.role).ok_or(Error::NotFound)?;
    let actor = Actor { user: Some(user), practice: Some(practice), role: Some(role.as_str()), ..nobody };
    let act = Act {
        keyring: &services.keyring,
        clock: &services.clock,
        viewer: Viewer { user, practice, role },
        actor: &actor,
        via: "link",
    };
    let taken = conn.transaction(async |conn| {
        // Used up together with what it does.
        if !links::spend(conn, &token, now).await? {
            return Err(Error::conflict("This link was used already, or is too old. Sign in to see the emergency."));
        }
        act.acknowledge(conn, link.escalation).await
    });
    let escalation = taken.await?;
    services.bell.ring();
    if let Some(thread) = escalation.thread {
        services.hub.thread_changed(thread).await;
    }
    read(conn, services, &token).await
}
