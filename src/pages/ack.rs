//! The page behind the link in a call to an emergency. GET shows and changes nothing, for mail scanners follow links; a
//! press of the button takes the emergency, without signing in. Says whose it is to nobody: who holds the link may not be
//! its person.

use super::{assets, shell::page};
use crate::{
    app::Services,
    db::Pool,
    emergency::{
        http::ack::{self, Shown},
        model::State,
    },
    error::{Error, Result},
    http::{detached, source::Source},
    language::is_spanish,
};
use actix_web::{HttpResponse, http::StatusCode, web};
use askama::Template;
use secrecy::SecretString;

#[derive(Template)]
#[template(path = "ack.html")]
struct Ack {
    assets: &'static str,
    words: &'static Words,
    title: String,
    text: &'static str,
    drill: bool,
    /// A press of the button does something.
    usable: bool,
    /// There is something to sign in for.
    leads_on: bool,
}

/// What the page says, in one language.
struct Words {
    language: &'static str,
    drill: &'static str,
    needed: &'static str,
    press: &'static str,
    nobody_yet: &'static str,
    take: &'static str,
    /// `{name}` of who has it.
    taken: &'static str,
    taken_text: &'static str,
    yours: &'static str,
    yours_text: &'static str,
    over: &'static str,
    over_text: &'static str,
    stale: &'static str,
    stale_text: &'static str,
    sign_in: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    drill: "DRILL: nobody is in danger.",
    needed: "Somebody needs you",
    press: "There is an emergency at your practice. If you can see to it now, press the button: then nobody else is called.",
    nobody_yet: "There is an emergency at your practice. Everybody was called, and nobody has answered. If you can see to \
        it now, press the button.",
    take: "I have it",
    taken: "{name} has it",
    taken_text: "You do not have to do anything.",
    yours: "You have it",
    yours_text: "Everybody else was told. Now sign in to see who needs you, and answer them.",
    over: "This is over",
    over_text: "The emergency was closed. You do not have to do anything.",
    stale: "This link is no longer good",
    stale_text: "It was used already, or is too old. Sign in to see whether somebody needs you.",
    sign_in: "To the emergencies",
};

const SPANISH: Words = Words {
    language: "es",
    drill: "SIMULACRO: nadie está en peligro.",
    needed: "Alguien le necesita",
    press: "Hay una emergencia en su consultorio. Si puede ocuparse ahora, oprima el botón: entonces no se llama a nadie más.",
    nobody_yet: "Hay una emergencia en su consultorio. Se llamó a todas las personas y nadie ha respondido. Si puede \
        ocuparse ahora, oprima el botón.",
    take: "Yo me encargo",
    taken: "{name} se encarga",
    taken_text: "Usted no tiene que hacer nada.",
    yours: "Usted se encarga",
    yours_text: "Se avisó a los demás. Ahora inicie sesión para ver quién le necesita, y respóndale.",
    over: "Ya terminó",
    over_text: "La emergencia se cerró. Usted no tiene que hacer nada.",
    stale: "Este enlace ya no sirve",
    stale_text: "Ya se usó o es demasiado antiguo. Inicie sesión para ver si alguien le necesita.",
    sign_in: "A las emergencias",
};

/// `GET /ack/{token}`
pub async fn show(
    token: web::Path<String>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<HttpResponse> {
    let token = SecretString::from(token.into_inner());
    answer(ack::read(&mut *pool.get().await?, &services, &token).await, None)
}

/// `POST /ack/{token}`
pub async fn take(
    token: web::Path<String>,
    source: Source,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<HttpResponse> {
    let token = SecretString::from(token.into_inner());
    detached::to_the_end(async move {
        let mut conn = pool.get().await?;
        let taken = ack::take(&mut conn, &services, token.clone(), source.nobody()).await;
        match taken {
            Ok(shown) => answer(Ok(shown), Some(StatusCode::OK)),
            // Somebody was faster, or the link was used before: who has it is the answer.
            Err(Error::Conflict { .. }) => {
                answer(ack::read(&mut conn, &services, &token).await, Some(StatusCode::CONFLICT))
            }
            Err(other) => answer(Err(other), None),
        }
    })
    .await
}

/// `taken`: the status of an answer to a press of the button.
fn answer(found: Result<Shown>, taken: Option<StatusCode>) -> Result<HttpResponse> {
    let shown = match found {
        Ok(shown) => shown,
        Err(Error::NotFound) => return Ok(page(StatusCode::NOT_FOUND, &stale(&ENGLISH))),
        Err(other) => return Err(other),
    };
    let words = if is_spanish(&shown.language) { &SPANISH } else { &ENGLISH };
    Ok(page(taken.unwrap_or(StatusCode::OK), &of(&shown, words, taken == Some(StatusCode::OK))))
}

/// `mine`: the button was pressed just now.
fn of(shown: &Shown, words: &'static Words, mine: bool) -> Ack {
    let base = Ack { drill: shown.drill, leads_on: true, ..stale(words) };
    match (&shown.acknowledged_by, shown.state) {
        (_, State::Resolved) => Ack { title: words.over.into(), text: words.over_text, leads_on: false, ..base },
        // Whoever used their link up and bears the name of who has it.
        (Some(name), State::Acknowledged) if mine || !shown.usable && *name == shown.name => {
            Ack { title: words.yours.into(), text: words.yours_text, ..base }
        }
        (Some(name), State::Acknowledged) => {
            Ack { title: words.taken.replace("{name}", name), text: words.taken_text, ..base }
        }
        _ if !shown.usable => base,
        (_, State::Exhausted) => Ack { title: words.needed.into(), text: words.nobody_yet, usable: true, ..base },
        _ => Ack { title: words.needed.into(), text: words.press, usable: true, ..base },
    }
}

/// What is no link, and what is one no more, look alike.
fn stale(words: &'static Words) -> Ack {
    let title = words.stale.into();
    Ack { assets: assets::base(), words, title, text: words.stale_text, drill: false, usable: false, leads_on: true }
}
