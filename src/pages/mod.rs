//! The pages people see: the client's portal and the practice's inbox. Owns their addresses, their HTML and the files
//! they are made of. Holds no rule of its own: a page is a frame around elements that use the same REST calls and the
//! same WebSocket as every other client, so nothing is decided, read or kept here that they could not do.
//!
//! - [`administration`]: what administrators do
//! - [`assets`]: stylesheet, scripts, pictures, under addresses that change with every release
//! - [`shell`]: the frame around every page of somebody signed in, and who is sent where
//! - [`places`]: the links at the top, for each role
//! - [`sign_in`]: the way in and out, which works without script
//! - [`second_step`]: what signing in asks for when a password is not enough
//! - [`entrance`]: registering, and whatever else happens before somebody is in
//! - [`account`]: one's own account
//! - [`clients`]: the practice's clients
//! - [`portal`]: the client's conversations
//! - [`inbox`]: the practice's conversations
//!
//! What lives in the browser is in `assets/`, one idea a file; `writing.js` and `outbox.js` carry the promise that no
//! word is lost or sent twice. No page needs `unsafe-inline`: there is no inline script or style anywhere.

use actix_web::{middleware::Compress, web};

pub mod account;
pub mod administration;
pub mod assets;
pub mod clients;
pub mod entrance;
pub mod inbox;
pub mod places;
pub mod portal;
pub mod second_step;
pub mod shell;
pub mod sign_in;

/// Adds every page to the application.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(sign_in::home))
        .route("/sign-in", web::get().to(sign_in::show))
        .route("/sign-in", web::post().to(sign_in::submit))
        .route("/sign-in/second-step", web::post().to(second_step::submit))
        .route("/sign-out", web::post().to(sign_in::leave))
        .route("/register", web::get().to(entrance::register))
        .route("/verify-email", web::get().to(entrance::verify_email))
        .route("/invitation", web::get().to(entrance::invitation))
        .route("/forgot-password", web::get().to(entrance::forgot_password))
        .route("/reset-password", web::get().to(entrance::reset_password))
        .route("/portal", web::get().to(portal::threads))
        .route("/portal/new", web::get().to(portal::new))
        .route("/portal/messages/{thread}", web::get().to(portal::thread))
        .service(web::redirect("/portal/account", "/portal/account/security"))
        .route("/portal/account/security", web::get().to(account::security))
        .route("/portal/account/privacy", web::get().to(account::privacy))
        .route("/ehr", web::get().to(inbox::list))
        .route("/ehr/admin", web::get().to(administration::users))
        .route("/ehr/admin/invitations", web::get().to(administration::invitations))
        .route("/ehr/admin/api-keys", web::get().to(administration::api_keys))
        .route("/ehr/admin/retention", web::get().to(administration::retention))
        .route("/ehr/admin/erasures", web::get().to(administration::erasures))
        .route("/ehr/admin/audit", web::get().to(administration::audit))
        .route("/ehr/clients/new", web::get().to(clients::new))
        .route("/ehr/clients", web::get().to(clients::list))
        .route("/ehr/account", web::get().to(account::of_staff))
        .route("/ehr/new", web::get().to(inbox::new))
        .route("/ehr/threads/{thread}", web::get().to(inbox::thread))
        .service(
            web::scope("/assets").wrap(Compress::default()).route("/{version}/{name}", web::get().to(assets::show)),
        );
}
