//! The practice's pages. The inbox is one page for the list and for a thread beside it: its script follows the
//! address, so that the connection and what is being written live on from one thread to the next.

use super::{
    assets,
    portal::NewThread,
    shell::{Away, Shell, page},
};
use crate::{accounts::Audience, http::principal::MaybePrincipal};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox {
    assets: &'static str,
    shell: Shell,
}

/// `GET /ehr`
pub async fn list(request: HttpRequest, who: MaybePrincipal) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Ehr, who, &request)?;
    Ok(page(StatusCode::OK, &Inbox { assets: assets::base(), shell }))
}

/// `GET /ehr/threads/{thread}`
pub async fn thread(request: HttpRequest, who: MaybePrincipal, _thread: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    list(request, who).await
}

/// `GET /ehr/new`
pub async fn new(request: HttpRequest, who: MaybePrincipal) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Ehr, who, &request)?.running("new.js");
    Ok(page(StatusCode::OK, &NewThread { assets: assets::base(), shell }))
}
