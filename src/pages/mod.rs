//! The pages people see: the client's portal and the practice's inbox. Owns their addresses, their HTML and the files
//! they are made of. Holds no rule of its own: a page is a frame around elements that use the same REST calls and the
//! same WebSocket as every other client, so nothing is decided, read or kept here that they could not do.
//!
//! - [`ack`]: the link in a call to an emergency
//! - [`administration`]: what administrators do
//! - [`appointments`]: appointments, behind both doors
//! - [`assets`]: stylesheet, scripts, pictures, under addresses that change with every release
//! - [`shell`]: the frame around every page of somebody signed in, and who is sent where
//! - [`places`]: the links at the top, for each role
//! - [`help`]: whom a client in danger turns to, on each of their pages
//! - [`sign_in`]: the way in and out, which works without script
//! - [`second_step`]: what signing in asks for when a password is not enough
//! - [`refusal`]: whatever is refused to a browser, in words
//! - [`entrance`]: registering, and whatever else happens before somebody is in
//! - [`account`]: one's own account
//! - [`billing`]: the practice's billing
//! - [`clients`]: the practice's clients
//! - [`documents`]: documents of a client's record
//! - [`questionnaires`]: assessments, for those who answer them and those who read what was answered
//! - [`emergencies`]: the practice's emergencies, who is called, and when
//! - [`forms`]: forms, for both
//! - [`paying`]: what clients see of billing
//! - [`portal`]: the client's conversations
//! - [`inbox`]: the practice's conversations
//!
//! What lives in the browser is in `assets/`, one idea a file; `writing.js` and `outbox.js` carry the promise that no
//! word is lost or sent twice. No page needs `unsafe-inline`: there is no inline script or style anywhere.

use crate::http::panics::Caught;
use actix_web::{FromRequest, Handler, Responder, Route, web};

pub mod account;
pub mod ack;
pub mod administration;
pub mod appointments;
pub mod assets;
pub mod billing;
pub mod clients;
pub mod documents;
pub mod emergencies;
pub mod entrance;
pub mod forms;
pub mod help;
pub mod inbox;
pub mod paying;
pub mod places;
pub mod portal;
pub mod questionnaires;
pub mod refusal;
pub mod second_step;
pub mod shell;
pub mod sign_in;

/// A page. One that fails is a fault of ours, answered as such.
fn shown<H, Args>(handler: H) -> Route
where
    H: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    web::get().to(Caught(handler))
}

/// What a form is sent to.
fn sent<H, Args>(handler: H) -> Route
where
    H: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    web::post().to(Caught(handler))
}

/// Adds every page to the application.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/", shown(sign_in::home))
        .route("/sign-in", shown(sign_in::show))
        .route("/sign-in", sent(sign_in::submit))
        .route("/sign-in/second-step", sent(second_step::submit))
        .route("/sign-out", sent(sign_in::leave))
        // Asked for by browsers where a page names no picture.
        .service(web::redirect("/favicon.ico", format!("{}/icon.svg", assets::base())))
        .route("/register", shown(entrance::register))
        .route("/verify-email", shown(entrance::verify_email))
        .route("/invitation", shown(entrance::invitation))
        .route("/forgot-password", shown(entrance::forgot_password))
        .route("/reset-password", shown(entrance::reset_password))
        .route("/ack/{token}", shown(ack::show))
        .route("/ack/{token}", sent(ack::take))
        .route("/portal", shown(portal::threads))
        .route("/portal/new", shown(portal::new))
        .route("/portal/messages/{thread}", shown(portal::thread))
        .route("/portal/documents", shown(documents::own))
        .route("/portal/documents/{document}", shown(documents::portal))
        .route("/ehr/documents/{document}", shown(documents::ehr))
        .route("/ehr/clients/{client}/documents", shown(documents::of_client))
        .route("/portal/questionnaires", shown(questionnaires::list))
        .route("/portal/questionnaires/{assessment}", shown(questionnaires::answer))
        .service(web::redirect("/portal/account", "/portal/account/profile"))
        .route("/portal/account/profile", shown(account::profile))
        .route("/portal/account/security", shown(account::security))
        .route("/portal/account/privacy", shown(account::privacy))
        .route("/portal/account/notifications", shown(account::notifications))
        .route("/portal/notifications", shown(account::notices))
        .route("/portal/forms", shown(forms::mine))
        .route("/portal/forms/submissions/{submission}", shown(forms::submitted))
        .route("/portal/forms/{assignment}", shown(forms::fill_in))
        .route("/ehr/forms", shown(forms::library))
        .route("/ehr/forms/{form}", shown(forms::build))
        .route("/ehr/clients/{client}/forms", shown(forms::of_client))
        .route("/ehr/submissions", shown(forms::submissions))
        .route("/ehr/submissions/{submission}", shown(forms::submission))
        .route("/portal/billing", shown(paying::overview))
        .route("/portal/billing/charges", shown(paying::charges))
        .route("/portal/billing/invoices", shown(paying::invoices))
        .route("/portal/billing/invoices/{invoice}", shown(paying::invoice))
        .route("/portal/billing/statements", shown(paying::statements))
        .route("/portal/billing/statements/{month}", shown(paying::statement))
        .route("/portal/billing/history", shown(paying::history))
        .route("/portal/billing/plans", shown(paying::plans))
        .route("/portal/billing/pay", shown(paying::pay))
        .route("/portal/billing/methods", shown(paying::methods))
        .route("/notifications", shown(shell::notices))
        .route("/portal/appointments", shown(appointments::own))
        .route("/portal/appointments/new", shown(appointments::request))
        .route("/portal/appointments/{appointment}", shown(appointments::of_client))
        .route("/ehr/appointments", shown(appointments::schedule))
        .route("/ehr/appointments/requests", shown(appointments::requests))
        .route("/ehr/appointments/{appointment}", shown(appointments::of_staff))
        .route("/ehr/availability", shown(appointments::availability))
        .route("/ehr/admin/appointment-policy", shown(appointments::policy))
        .service(web::redirect("/escalations", "/ehr/escalations"))
        .route("/escalations/{escalation}", shown(emergencies::short))
        .service(web::redirect("/on-call", "/ehr/on-call"))
        .route("/ehr/escalations", shown(emergencies::list))
        .route("/ehr/escalations/{escalation}", shown(emergencies::one))
        .route("/ehr/on-call", shown(emergencies::on_call))
        .route("/ehr/admin/escalation-policy", shown(emergencies::policy))
        .route("/ehr/admin/crisis-phrases", shown(emergencies::phrases))
        .route("/ehr/admin/undelivered", shown(emergencies::undelivered))
        .route("/ehr/notifications", shown(account::notices_of_staff))
        .route("/ehr", shown(inbox::list))
        .route("/ehr/admin", shown(administration::users))
        .route("/ehr/admin/invitations", shown(administration::invitations))
        .route("/ehr/admin/api-keys", shown(administration::api_keys))
        .route("/ehr/admin/retention", shown(administration::retention))
        .route("/ehr/admin/erasures", shown(administration::erasures))
        .route("/ehr/admin/audit", shown(administration::audit))
        .route("/ehr/clients/new", shown(clients::new))
        .route("/ehr/clients", shown(clients::list))
        .route("/ehr/clients/{client}/assessments", shown(questionnaires::of_client))
        .route("/ehr/billing", shown(billing::overview))
        .route("/ehr/billing/invoices", shown(billing::invoices))
        .route("/ehr/billing/invoices/{invoice}", shown(billing::invoice))
        .route("/ehr/billing/settings", shown(billing::settings))
        .route("/ehr/billing/clients/{client}", shown(billing::account))
        .route("/ehr/assessments", shown(questionnaires::overdue))
        .route("/ehr/assessments/{assessment}", shown(questionnaires::result))
        .service(web::redirect("/ehr/account", "/ehr/account/security"))
        .route("/ehr/account/security", shown(account::of_staff))
        .route("/ehr/account/notifications", shown(account::notifications_of_staff))
        .route("/ehr/new", shown(inbox::new))
        .route("/ehr/threads/{thread}", shown(inbox::thread))
        .route("/push-worker.js", shown(assets::push_worker))
        .service(web::scope("/assets").route("/{version}/{name}", shown(assets::show)));
}
