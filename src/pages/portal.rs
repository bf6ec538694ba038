//! The client's pages: the conversations, one conversation, a new one. Which threads are whose is decided where they
//! are read; the addresses here tell nothing, not even that a thread exists.

use super::{
    assets,
    shell::{Away, Shell, page},
};
use crate::{accounts::Audience, http::principal::MaybePrincipal};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "threads.html")]
struct Threads {
    assets: &'static str,
    shell: Shell,
}

#[derive(Template)]
#[template(path = "thread.html")]
struct Thread {
    assets: &'static str,
    shell: Shell,
    thread: Uuid,
}

/// The page on which a conversation is opened, behind both doors.
#[derive(Template)]
#[template(path = "new_thread.html")]
pub struct NewThread {
    pub assets: &'static str,
    pub shell: Shell,
}

/// `GET /portal`
pub async fn threads(request: HttpRequest, who: MaybePrincipal) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Portal, who, &request)?;
    Ok(page(StatusCode::OK, &Threads { assets: assets::base(), shell }))
}

/// `GET /portal/new`
pub async fn new(request: HttpRequest, who: MaybePrincipal) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Portal, who, &request)?.running("new.js");
    Ok(page(StatusCode::OK, &NewThread { assets: assets::base(), shell }))
}

/// `GET /portal/messages/{thread}`
pub async fn thread(request: HttpRequest, who: MaybePrincipal, thread: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Portal, who, &request)?;
    Ok(page(StatusCode::OK, &Thread { assets: assets::base(), shell, thread: thread.into_inner() }))
}
