//! The calls of channels: one's own telephone and browsers, what was given up, and what providers report.

pub mod hooks;
pub mod phone;
pub mod push;
pub mod undelivered;

use actix_web::web;

/// Adds the addresses that providers and programs for mail call: beside the API, with its protections.
pub fn configure(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/hooks/twilio/status").route(web::post().to(hooks::status)))
        .service(web::resource("/hooks/twilio/inbound").route(web::post().to(hooks::inbound)));
}
