//! Pages of other sites that may call the API: those that are configured, with a bearer token, never with a cookie.
//! Everybody else's get no `Access-Control-Allow-Origin` at all.

use crate::config::edge::Origins;
use actix_cors::Cors;
use actix_web::http::{Method, header};

/// So long a browser need not ask again.
const REMEMBERED: usize = 600;

/// The middleware.
pub fn cors(allowed: &Origins) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT])
        .allowed_header("idempotency-key")
        .expose_headers([header::RETRY_AFTER])
        // Who is refused is decided where calls are: here, nothing is added for others.
        .block_on_origin_mismatch(false)
        .max_age(REMEMBERED);
    allowed.0.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
