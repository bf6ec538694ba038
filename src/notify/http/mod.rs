//! The calls of channels: one's own telephone and browsers, what was given up, what providers report, and the link that
//! ends e-mails.

pub mod hooks;
pub mod phone;
pub mod push;
pub mod undelivered;
pub mod unsubscribe;

use actix_web::web;

/// Adds the addresses that providers and programs for mail call: beside the API, with its protections.
pub fn configure(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/hooks/twilio/status").route(web::post().to(hooks::status)))
        .service(web::resource("/hooks/twilio/inbound").route(web::post().to(hooks::inbound)))
        .service(
            web::resource("/unsubscribe/{token}")
                .route(web::get().to(unsubscribe::show))
                .route(web::post().to(unsubscribe::end)),
        );
}
