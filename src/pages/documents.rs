//! The pages of documents: a client's own, those of a client whom somebody cares for, one of them. Frames around calls:
//! what a document is called stands on a page only once the call has said that its caller may know it.

use super::{
    assets,
    shell::{Away, Shell, framed, page},
};
use crate::{accounts::Audience, http::principal::MaybePrincipal};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use uuid::Uuid;

const SCRIPT: &str = "documents.js";

framed! {
    /// `GET /portal/documents`
    own: OwnDocuments("documents/list.html"), Portal, "documents.js";
}

#[derive(Template)]
#[template(path = "documents/of_client.html")]
struct DocumentsOfClient {
    assets: &'static str,
    shell: Shell,
    client: Uuid,
}

#[derive(Template)]
#[template(path = "documents/one.html")]
struct Document {
    assets: &'static str,
    shell: Shell,
    document: Uuid,
}

/// `GET /ehr/clients/{client}/documents`
pub async fn of_client(
    request: HttpRequest,
    who: MaybePrincipal,
    client: web::Path<Uuid>,
) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(Audience::Ehr, who, &request)?.running(SCRIPT);
    let client = client.into_inner();
    Ok(page(StatusCode::OK, &DocumentsOfClient { assets: assets::base(), shell, client }))
}

/// `GET /portal/documents/{document}`
pub async fn portal(
    request: HttpRequest,
    who: MaybePrincipal,
    document: web::Path<Uuid>,
) -> Result<HttpResponse, Away> {
    one(Audience::Portal, request, who, document)
}

/// `GET /ehr/documents/{document}`
pub async fn ehr(request: HttpRequest, who: MaybePrincipal, document: web::Path<Uuid>) -> Result<HttpResponse, Away> {
    one(Audience::Ehr, request, who, document)
}

fn one(
    door: Audience,
    request: HttpRequest,
    who: MaybePrincipal,
    document: web::Path<Uuid>,
) -> Result<HttpResponse, Away> {
    let shell = Shell::enter(door, who, &request)?.running(SCRIPT);
    Ok(page(StatusCode::OK, &Document { assets: assets::base(), shell, document: document.into_inner() }))
}
