//! `GET/POST /unsubscribe/{token}`: the link below e-mails that may be ended. Looking at it changes nothing, since mail
//! scanners look at everything; sending the form ends the e-mails, and programs for mail do so with one click.

use crate::{app::Services, notify::wording};
use crate::{
    audit::{self, Actor, Event},
    db::{self, Pool},
    error::{Error, Result},
    http::{detached, source::Source},
    ids::{PracticeId, UserId},
    notices::preferences,
    notify::{Channel, kind::Kind, secrets::Digester, unsubscribe},
};
use actix_web::{HttpResponse, http::header, web};
use askama::Template;
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct Page {
    words: wording::Unsubscribe,
    done: bool,
}

#[derive(QueryableByName)]
struct Person {
    #[diesel(sql_type = sql::Uuid)]
    id: UserId,
    #[diesel(sql_type = sql::Uuid)]
    practice_id: PracticeId,
    #[diesel(sql_type = sql::Text)]
    role: String,
    #[diesel(sql_type = sql::Text)]
    language: String,
}

/// Asks.
pub async fn show(
    token: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<HttpResponse> {
    let person = find(&mut *pool.get().await?, &services, &token).await?;
    page(&person, false)
}

/// Ends them.
pub async fn end(
    token: web::Path<String>,
    source: Source,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<HttpResponse> {
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let person = find(&mut conn, &services, &token).await?;
        conn.transaction(async |conn| {
            let mut chosen = preferences::find(conn, person.id).await?;
            for kind in Kind::ALL.into_iter().filter(|kind| kind.channels().contains(&Channel::Email)) {
                let ways = chosen.channels(kind).iter().copied().filter(|way| *way != Channel::Email).collect();
                chosen.channels.insert(kind, ways);
            }
            chosen.channels.retain(|kind, _| preferences::is_for(*kind, person.role != "client"));
            chosen.digest = None;
            preferences::save(conn, person.id, &chosen).await?;
            let actor = Actor { user: Some(person.id), practice: Some(person.practice_id), ..source.nobody() };
            let event = Event::new(&actor, "email.unsubscribed").on("user", person.id).with(json!({"by": "link"}));
            let event = if person.role == "client" { event.of_client(person.id) } else { event };
            audit::record(conn, event).await?;
            Ok::<_, Error>(())
        })
        .await?;
        page(&person, true)
    })
    .await
}

async fn find(conn: &mut AsyncPgConnection, services: &Services, token: &str) -> Result<Person> {
    let user = unsubscribe::read(&Digester::find(conn, &services.keyring).await?, token).ok_or(Error::NotFound)?;
    let text = "SELECT id, practice_id, role, language FROM users WHERE id = $1 AND status <> 'erased'";
    let found = db::statement(text).bind::<sql::Uuid, _>(user).get_result(conn).await.optional()?;
    found.ok_or(Error::NotFound)
}

fn page(person: &Person, done: bool) -> Result<HttpResponse> {
    let page = Page { words: wording::unsubscribe(&person.language), done };
    let html = page.render().map_err(anyhow::Error::from)?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8")).body(html))
}
