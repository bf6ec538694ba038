//! `GET /api/openapi.json`, and a page to browse it at `/api/docs/`. Open while developing; in production they are for
//! administrators who are signed in, and for everybody else there is nothing here.

use super::Document;
use crate::{
    accounts::Role,
    app::Services,
    config::Profile,
    error::{Error, Result},
    http::principal::MaybePrincipal,
};
use actix_web::{HttpResponse, http::header, web};
use serde_json::Value;
use std::sync::Arc;
use utoipa_swagger_ui::Config;

/// The page is of others' making: its pictures stand in its stylesheet, and one style, known by its hash, in its script.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; \
    style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; object-src 'none'; base-uri 'none'; \
    frame-ancestors 'none'; form-action 'self'";

/// Where the document comes from: it is made when somebody asks for it first, for that takes longer than a start may.
pub struct Source(pub fn() -> Arc<Document>);

/// The document.
pub async fn json(
    caller: MaybePrincipal,
    services: web::Data<Services>,
    source: web::Data<Source>,
) -> Result<web::Json<Value>> {
    admit(&caller, &services)?;
    Ok(web::Json((source.0)().json().clone()))
}

/// To the page: its own files are asked for relative to it.
pub async fn to_page() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/api/docs/")).finish()
}

/// A file of the page.
pub async fn page(
    caller: MaybePrincipal,
    services: web::Data<Services>,
    name: web::Path<String>,
) -> Result<HttpResponse> {
    admit(&caller, &services)?;
    let settings = Config::from("/api/openapi.json").try_it_out_enabled(true).validator_url("none");
    let file = utoipa_swagger_ui::serve(&name, Arc::new(settings)).map_err(|_| Error::NotFound)?;
    let file = file.ok_or(Error::NotFound)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_SECURITY_POLICY, POLICY)).content_type(file.content_type);
    Ok(response.body(file.bytes.into_owned()))
}

fn admit(caller: &MaybePrincipal, services: &Services) -> Result<()> {
    let is_admin = caller.0.as_ref().is_some_and(|caller| caller.role == Role::Admin);
    if is_admin || services.config.profile == Profile::Development { Ok(()) } else { Err(Error::NotFound) }
}
