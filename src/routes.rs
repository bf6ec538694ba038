//! THE table of URLs: every call of the API once, with the door that it stands behind. Pages add theirs in
//! [`crate::pages`]. Holds no handler, and decides nothing: the door is kept by the handler's extractor, and a test
//! compares the two.

use crate::{
    accounts::http as accounts,
    appointments::http as appointments,
    assessments::http as assessments,
    audit::http as audit,
    billing::http as billing,
    config::edge::Origins,
    documents::http as documents,
    emergency::http as emergency,
    forms::http as forms,
    http::{
        cors, deadline, denials, headers, health, json,
        openapi::{self, Call, Described, Document, call::Refusal, document::Entry},
        operator, origin,
        panics::Caught,
        principal::{EhrPrincipal as Ehr, PortalPrincipal as Portal},
        rates, refusals,
        trace::RequestSpan,
    },
    hub,
    notices::http as notices,
    notify::http as channels,
    pages,
    privacy::http as privacy,
    threads::http as threads,
};
use actix_web::{
    Handler, Resource, Responder,
    http::Method,
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use std::sync::{Arc, LazyLock};
use tracing_actix_web::TracingLogger;

/// Who is let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// Everybody, signed in or not.
    Open,
    /// Everybody who is signed in.
    Signed,
    /// Clients.
    Portal,
    /// Those who work for a practice.
    Ehr,
    /// Administrators of a practice.
    Admin,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub door: Door,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// Refusals of its own, beside those that follow from its door and from what it takes.
    pub refusals: &'static [Refusal],
    describe: fn(&mut Call),
}

macro_rules! table {
    ($($door:ident $path:literal {
        $($method:ident $handler:expr => $summary:literal $([$($refusal:ident)+])?),+ $(,)?
    })+) => {
        /// Every call of the API.
        pub const TABLE: &[Route] = &[$($(Route {
            method: stringify!($method),
            path: $path,
            door: Door::$door,
            summary: $summary,
            refusals: &[$($(openapi::problems::$refusal),+)?],
            describe: |call| Described::of($handler).tell(call),
        }),+),+];

        fn mount(cfg: &mut ServiceConfig) {
            $(
                let resource = web::resource($path);
                $(let resource = on(resource, Method::$method, $handler);)+
                cfg.service(resource);
            )+
        }
    };
}

// <door> <path> { <METHOD> <handler> => "<what it does>" [<refusals of its own>], … }
table! {
    Open   "/healthz" { GET health::lives => "Tells whether the process lives." }
    Open   "/metrics" { GET health::metrics => "Counters in Prometheus' text format, for operators." [not_found] }
    Open   "/readyz" { GET health::ready => "Tells whether it can take messages." }
    Open   "/api/openapi.json" { GET openapi::serve::json => "This document." }
    // Who is calling is settled by the socket itself, on the upgrade or in the first frame.
    Open   "/api/v1/ws" { GET hub::http::upgrade => "Opens the live half." [bad_request unauthenticated forbidden] }

    Open   "/api/v1/portal/auth/login" { POST accounts::login::portal => "Signs a client in." [invalid_credentials] }
    Open   "/api/v1/portal/auth/logout" { POST accounts::logout::logout::<Portal> => "Signs out." [forbidden] }
    Portal "/api/v1/portal/auth/logout-everywhere" { POST accounts::logout::everywhere::<Portal> => "Ends all of one's sessions." }
    Open   "/api/v1/portal/auth/refresh-token" { POST accounts::refresh::portal => "Gives new tokens for a refresh token, which is good once." [unauthenticated] }
    Portal "/api/v1/portal/auth/reauthenticate" { POST accounts::reauthenticate::reauthenticate::<Portal> => "Takes the password again." [invalid_credentials] }
    Portal "/api/v1/portal/auth/sessions" { GET accounts::sessions::list::<Portal> => "Lists where one is signed in." }
    Portal "/api/v1/portal/auth/sessions/{session}" { DELETE accounts::sessions::end::<Portal> => "Ends one of one's sessions." }
    Open   "/api/v1/ehr/auth/login" { POST accounts::login::ehr => "Signs somebody in who works for a practice." [invalid_credentials] }
    Open   "/api/v1/ehr/auth/logout" { POST accounts::logout::logout::<Ehr> => "Signs out." [forbidden] }
    Ehr    "/api/v1/ehr/auth/logout-everywhere" { POST accounts::logout::everywhere::<Ehr> => "Ends all of one's sessions." }
    Open   "/api/v1/ehr/auth/refresh-token" { POST accounts::refresh::ehr => "Gives new tokens for a refresh token, which is good once." [unauthenticated] }
    Ehr    "/api/v1/ehr/auth/reauthenticate" { POST accounts::reauthenticate::reauthenticate::<Ehr> => "Takes the password again." [invalid_credentials] }
    Ehr    "/api/v1/ehr/auth/sessions" { GET accounts::sessions::list::<Ehr> => "Lists where one is signed in." }
    Ehr    "/api/v1/ehr/auth/sessions/{session}" { DELETE accounts::sessions::end::<Ehr> => "Ends one of one's sessions." }
    Portal "/api/v1/portal/auth/mfa" { GET accounts::mfa::show::show::<Portal> => "Tells which second factors one has." }
    Portal "/api/v1/portal/auth/mfa/totp" {
        POST accounts::mfa::totp::begin::<Portal> => "Shows a new seed for an authenticator app.",
        DELETE accounts::mfa::totp::remove::<Portal> => "Takes the authenticator app away." [not_found],
    }
    Portal "/api/v1/portal/auth/mfa/totp/confirm" { POST accounts::mfa::totp::confirm::<Portal> => "Puts the new seed into use." [conflict] }
    Portal "/api/v1/portal/auth/mfa/backup-codes" { POST accounts::mfa::backup_codes::renew::<Portal> => "Makes ten new backup codes." [conflict] }
    Open   "/api/v1/portal/auth/mfa/verify" { POST accounts::mfa::verify::verify::<Portal> => "Signs in with a code, the second step." [invalid_code ticket_expired] }
    Open   "/api/v1/portal/auth/mfa/enrol" { POST accounts::mfa::enrol::begin::<Portal> => "Shows a seed to somebody who needs a second factor to come in." [ticket_expired] }
    Open   "/api/v1/portal/auth/mfa/enrol/confirm" { POST accounts::mfa::enrol::confirm::<Portal> => "Puts it into use and signs in." [invalid_code ticket_expired conflict] }
    Portal "/api/v1/portal/auth/passkeys" { GET accounts::passkeys::manage::list::<Portal> => "Lists one's passkeys." }
    Portal "/api/v1/portal/auth/passkeys/{passkey}" { DELETE accounts::passkeys::manage::remove::<Portal> => "Takes a passkey away." }
    Portal "/api/v1/portal/auth/passkeys/register/start" { POST accounts::passkeys::register::start::<Portal> => "Asks the browser for a new passkey." [conflict] }
    Portal "/api/v1/portal/auth/passkeys/register/finish" { POST accounts::passkeys::register::finish::<Portal> => "Keeps a passkey." [conflict] }
    Open   "/api/v1/portal/auth/passkeys/sign-in/start" { POST accounts::passkeys::sign_in::start::<Portal> => "Asks the browser for a passkey." [conflict ticket_expired] }
    Open   "/api/v1/portal/auth/passkeys/sign-in/finish" { POST accounts::passkeys::sign_in::finish::<Portal> => "Signs in with a passkey." [conflict invalid_passkey ticket_expired] }
    Ehr    "/api/v1/ehr/auth/mfa" { GET accounts::mfa::show::show::<Ehr> => "Tells which second factors one has." }
    Ehr    "/api/v1/ehr/auth/mfa/totp" {
        POST accounts::mfa::totp::begin::<Ehr> => "Shows a new seed for an authenticator app.",
        DELETE accounts::mfa::totp::remove::<Ehr> => "Takes the authenticator app away." [not_found],
    }
    Ehr    "/api/v1/ehr/auth/mfa/totp/confirm" { POST accounts::mfa::totp::confirm::<Ehr> => "Puts the new seed into use." [conflict] }
    Ehr    "/api/v1/ehr/auth/mfa/backup-codes" { POST accounts::mfa::backup_codes::renew::<Ehr> => "Makes ten new backup codes." [conflict] }
    Open   "/api/v1/ehr/auth/mfa/verify" { POST accounts::mfa::verify::verify::<Ehr> => "Signs in with a code, the second step." [invalid_code ticket_expired] }
    Open   "/api/v1/ehr/auth/mfa/enrol" { POST accounts::mfa::enrol::begin::<Ehr> => "Shows a seed to somebody who needs a second factor to come in." [ticket_expired] }
    Open   "/api/v1/ehr/auth/mfa/enrol/confirm" { POST accounts::mfa::enrol::confirm::<Ehr> => "Puts it into use and signs in." [invalid_code ticket_expired conflict] }
    Ehr    "/api/v1/ehr/auth/passkeys" { GET accounts::passkeys::manage::list::<Ehr> => "Lists one's passkeys." }
    Ehr    "/api/v1/ehr/auth/passkeys/{passkey}" { DELETE accounts::passkeys::manage::remove::<Ehr> => "Takes a passkey away." }
    Ehr    "/api/v1/ehr/auth/passkeys/register/start" { POST accounts::passkeys::register::start::<Ehr> => "Asks the browser for a new passkey." [conflict] }
    Ehr    "/api/v1/ehr/auth/passkeys/register/finish" { POST accounts::passkeys::register::finish::<Ehr> => "Keeps a passkey." [conflict] }
    Open   "/api/v1/ehr/auth/passkeys/sign-in/start" { POST accounts::passkeys::sign_in::start::<Ehr> => "Asks the browser for a passkey." [conflict ticket_expired] }
    Open   "/api/v1/ehr/auth/passkeys/sign-in/finish" { POST accounts::passkeys::sign_in::finish::<Ehr> => "Signs in with a passkey." [conflict invalid_passkey ticket_expired] }
    Open   "/api/v1/portal/auth/oidc" { GET accounts::oidc::providers::list => "Lists the identity providers through which one may sign in." }
    Open   "/api/v1/portal/auth/oidc/{provider}" { GET accounts::oidc::start::start::<Portal> => "Goes to an identity provider to sign in." [not_found] }
    Open   "/api/v1/portal/auth/oidc/{provider}/callback" { GET accounts::oidc::callback::callback::<Portal> => "Comes back from an identity provider." [not_found] }
    Portal "/api/v1/portal/auth/oidc/{provider}/link" {
        POST accounts::oidc::link::begin::<Portal> => "Goes to an identity provider to link one's account.",
        DELETE accounts::oidc::link::remove::<Portal> => "Takes a link to an identity provider away.",
    }
    Open   "/api/v1/ehr/auth/oidc" { GET accounts::oidc::providers::list => "Lists the identity providers through which one may sign in." }
    Open   "/api/v1/ehr/auth/oidc/{provider}" { GET accounts::oidc::start::start::<Ehr> => "Goes to an identity provider to sign in." [not_found] }
    Open   "/api/v1/ehr/auth/oidc/{provider}/callback" { GET accounts::oidc::callback::callback::<Ehr> => "Comes back from an identity provider." [not_found] }
    Ehr    "/api/v1/ehr/auth/oidc/{provider}/link" {
        POST accounts::oidc::link::begin::<Ehr> => "Goes to an identity provider to link one's account.",
        DELETE accounts::oidc::link::remove::<Ehr> => "Takes a link to an identity provider away.",
    }
    Ehr    "/api/v1/ehr/clients/{client}/reset-second-factor" { POST accounts::mfa::reset::of_client => "Takes away the second factors of a client who lost them." }
    Admin  "/api/v1/admin/users/{user}/reset-second-factor" { POST accounts::mfa::reset::of_user => "Takes away the second factors of somebody who lost them." }
    Open   "/api/v1/portal/auth/terms" { GET accounts::admission::terms => "Shows the terms of use." }
    Open   "/api/v1/portal/auth/register" { POST accounts::admission::register => "Registers a client of the practice; answers everybody alike." }
    Open   "/api/v1/portal/auth/verify-email" { POST accounts::admission::verify => "Takes the token of the link that was mailed." }
    Open   "/api/v1/portal/auth/resend-verification" { POST accounts::admission::resend => "Mails the link again, if there is one due." }
    Portal "/api/v1/portal/profile/email" { POST accounts::admission::change_email => "Mails a link to a new address." [reauthenticate] }
    Portal "/api/v1/portal/profile" {
        GET accounts::profile::show => "Shows what one has said about oneself.",
        PATCH accounts::profile::change => "Changes what one says about oneself.",
        PUT accounts::profile::change => "Changes what one says about oneself.",
    }
    Portal "/api/v1/portal/profile/emergency-contacts" {
        GET accounts::profile::contacts => "Lists whom to call for oneself in an emergency.",
        PUT accounts::profile::change_contacts => "Says whom to call in an emergency.",
    }
    Portal "/api/v1/portal/profile/settings" {
        GET accounts::settings::show => "Shows one's language and time zone.",
        PATCH accounts::settings::change => "Changes them.",
        PUT accounts::settings::change => "Changes them.",
    }
    Ehr    "/api/v1/ehr/clients/{client}/profile" { GET accounts::profile::of_client => "Shows what a client said about themselves, and whom to call." }
    Ehr    "/api/v1/ehr/clients/{client}/invitation" { POST accounts::invitations::invite_client => "Invites a client who is on file." [conflict] }
    Open   "/api/v1/ehr/auth/accept-invitation" { POST accounts::invitations::accept => "Makes the account of somebody who was invited." [conflict] }
    Admin  "/api/v1/admin/invitations" {
        GET accounts::invitations::list => "Lists invitations.",
        POST accounts::invitations::invite => "Invites a colleague." [conflict],
    }
    Admin  "/api/v1/admin/invitations/{invitation}" { DELETE accounts::invitations::revoke => "Takes an invitation back." }
    Open   "/api/v1/portal/auth/forgot-password" { POST accounts::recover::forgot_at_portal => "Mails a link to choose a new password, if there is such a client." }
    Open   "/api/v1/portal/auth/reset-password" { POST accounts::recover::reset_at_portal => "Takes the link's token for a new password; ends all sessions." }
    Portal "/api/v1/portal/auth/change-password" { POST accounts::recover::change::<Portal> => "Changes one's own password." }
    Open   "/api/v1/ehr/auth/forgot-password" { POST accounts::recover::forgot_at_ehr => "Mails a link to choose a new password, if there is such a colleague." }
    Open   "/api/v1/ehr/auth/reset-password" { POST accounts::recover::reset_at_ehr => "Takes the link's token for a new password; ends all sessions." }
    Ehr    "/api/v1/ehr/auth/change-password" { POST accounts::recover::change::<Ehr> => "Changes one's own password." }
    Signed "/api/v1/auth/me" { GET accounts::me::me => "Tells who is calling." }

    Portal "/api/v1/portal/messages" {
        GET threads::list::list => "Lists one's threads, newest activity first.",
        POST threads::open::portal => "Opens a thread with its first message." [conflict],
    }
    Portal "/api/v1/portal/messages/unread-count" { GET threads::unread::unread::<Portal> => "Counts what is unread." }
    // Before the one that takes an id in its place.
    Portal "/api/v1/portal/messages/attachments" { POST threads::attachments::upload => "Takes a file in, to be named in a message." }
    Portal "/api/v1/portal/messages/attachments/{attachment}" { GET threads::attachments::download::<Portal> => "Gives a file that was sent." }
    Portal "/api/v1/portal/messages/attachments/{attachment}/preview" { GET threads::attachments::preview::<Portal> => "Gives a page of a file that was sent as a picture." }
    Portal "/api/v1/portal/messages/{thread}" { GET threads::show::show::<Portal> => "Shows a thread with a page of its entries." }
    Portal "/api/v1/portal/messages/{thread}/reply" { POST threads::reply::reply::<Portal> => "Sends a message." [conflict thread_closed] }
    Portal "/api/v1/portal/messages/{thread}/read" {
        POST threads::read::read::<Portal> => "Marks as read.",
        PUT threads::read::read::<Portal> => "Marks as read.",
    }
    Portal "/api/v1/portal/messages/{thread}/draft" {
        GET threads::draft::get::<Portal> => "Shows what one is writing.",
        PUT threads::draft::put::<Portal> => "Keeps what one is writing." [conflict],
        DELETE threads::draft::delete::<Portal> => "Drops what one was writing.",
    }

    Portal "/api/v1/portal/documents" {
        GET documents::list::portal => "Lists one's documents; finds them by words.",
        POST documents::add::portal => "Hands a document in.",
    }
    Portal "/api/v1/portal/documents/{document}" { GET documents::show::show::<Portal> => "Shows a document with its versions and signatures." }
    Portal "/api/v1/portal/documents/{document}/download" { GET documents::content::link::<Portal> => "Gives a link to a version, good for five minutes and this session." }
    Portal "/api/v1/portal/documents/{document}/content" { GET documents::content::content::<Portal> => "Gives what such a link leads to." }
    Portal "/api/v1/portal/documents/{document}/preview" { GET documents::content::preview::<Portal> => "Gives a page of a version as a picture." }
    Portal "/api/v1/portal/documents/{document}/sign" { POST documents::sign::sign => "Signs the version that one was asked to sign." [conflict] }
    Ehr    "/api/v1/ehr/clients/{client}/documents" {
        GET documents::list::ehr => "Lists a client's documents; finds them by words.",
        POST documents::add::ehr => "Adds a document to a client's record.",
    }
    Ehr    "/api/v1/ehr/documents/{document}" {
        GET documents::show::show::<Ehr> => "Shows a document with its versions and signatures.",
        PATCH documents::share::change => "Changes a document's title or category.",
    }
    Ehr    "/api/v1/ehr/documents/{document}/download" { GET documents::content::link::<Ehr> => "Gives a link to a version, good for five minutes and this session." }
    Ehr    "/api/v1/ehr/documents/{document}/content" { GET documents::content::content::<Ehr> => "Gives what such a link leads to." }
    Ehr    "/api/v1/ehr/documents/{document}/preview" { GET documents::content::preview::<Ehr> => "Gives a page of a version as a picture." }
    Ehr    "/api/v1/ehr/documents/{document}/versions" { POST documents::add::version => "Adds a version." }
    Ehr    "/api/v1/ehr/documents/{document}/share" { POST documents::share::share => "Lets the client see it." }
    Ehr    "/api/v1/ehr/documents/{document}/unshare" { POST documents::share::unshare => "Lets the client see it no more." [conflict] }
    Ehr    "/api/v1/ehr/documents/{document}/request-signature" { POST documents::share::request_signature => "Asks the client to sign its newest version." [conflict] }

    Portal "/api/v1/portal/account/phone" {
        GET channels::phone::show::<Portal> => "Shows one's number for text messages.",
        PUT channels::phone::enter::<Portal> => "Sends a code to a number." [conflict reauthenticate],
        DELETE channels::phone::remove::<Portal> => "Forgets one's number." [reauthenticate],
    }
    Portal "/api/v1/portal/account/phone/verify" { POST channels::phone::verify::<Portal> => "Takes the code that was sent to a number." }
    Portal "/api/v1/portal/push-key" { GET channels::push::key::<Portal> => "Gives the key that browsers subscribe to push messages with." }
    Portal "/api/v1/portal/push-subscriptions" {
        POST channels::push::subscribe::<Portal> => "Lets a browser be woken by push messages.",
        DELETE channels::push::unsubscribe::<Portal> => "Lets it be woken no more." [not_found],
    }
    Ehr    "/api/v1/ehr/account/phone" {
        GET channels::phone::show::<Ehr> => "Shows one's number for text messages.",
        PUT channels::phone::enter::<Ehr> => "Sends a code to a number." [conflict reauthenticate],
        DELETE channels::phone::remove::<Ehr> => "Forgets one's number." [reauthenticate],
    }
    Ehr    "/api/v1/ehr/account/phone/verify" { POST channels::phone::verify::<Ehr> => "Takes the code that was sent to a number." }
    Ehr    "/api/v1/ehr/push-key" { GET channels::push::key::<Ehr> => "Gives the key that browsers subscribe to push messages with." }
    Ehr    "/api/v1/ehr/push-subscriptions" {
        POST channels::push::subscribe::<Ehr> => "Lets a browser be woken by push messages.",
        DELETE channels::push::unsubscribe::<Ehr> => "Lets it be woken no more." [not_found],
    }
    Admin  "/api/v1/admin/undelivered" { GET channels::undelivered::list => "Lists messages that were given up." }
    Admin  "/api/v1/admin/undelivered/{outbox}/resend" { POST channels::undelivered::resend => "Sends a message once more." [conflict] }

    Portal "/api/v1/portal/messages/{thread}/emergency" { GET emergency::client::show => "Tells where one's emergency stands: who was told, who has it." }
    Ehr    "/api/v1/ehr/threads/{thread}/escalate" { POST emergency::escalate::escalate => "Raises an emergency in a client's thread." }
    Ehr    "/api/v1/ehr/escalations" { GET emergency::list::list => "Lists the practice's emergencies, newest first." }
    // Before the one that takes an id in its place.
    Ehr    "/api/v1/ehr/escalations/drill" { POST emergency::drill::begin => "Calls people as in an emergency, and says that it is a drill." [conflict] }
    Ehr    "/api/v1/ehr/escalations/report" { GET emergency::drill::report => "Tells how emergencies went, and drills apart from them." }
    Ehr    "/api/v1/ehr/escalations/{escalation}" { GET emergency::show::show => "Shows an emergency and whom it called." }
    Ehr    "/api/v1/ehr/escalations/{escalation}/acknowledge" { POST emergency::act::acknowledge => "Takes an emergency; nobody else is called any more." [conflict] }
    Ehr    "/api/v1/ehr/escalations/{escalation}/hand-over" { POST emergency::act::hand_over => "Calls a colleague to take an emergency over." [conflict] }
    Ehr    "/api/v1/ehr/escalations/{escalation}/skip" { POST emergency::act::skip => "Passes an emergency on: the next people are called at once." [conflict] }
    Ehr    "/api/v1/ehr/escalations/{escalation}/resolve" { POST emergency::act::resolve => "Closes an emergency, with a note of what was done." [conflict] }
    Ehr    "/api/v1/ehr/alarms" { GET emergency::alarms::list => "Lists what is wrong with the emergency service itself." }
    Open   "/api/v1/ack/{token}" {
        GET emergency::ack::show => "Shows what a page's link is about, without saying whose emergency it is." [not_found],
        POST emergency::ack::acknowledge => "Takes the emergency by a page's link, once." [not_found conflict],
    }

    Portal "/api/v1/portal/billing/balance" { GET billing::portal::balance::show => "Shows what one owes, and how one can pay it." }
    Portal "/api/v1/portal/billing/charges" { GET billing::portal::charges::list => "Lists what one is asked to pay for." }
    Portal "/api/v1/portal/billing/invoices" { GET billing::portal::invoices::list => "Lists one's invoices." }
    Portal "/api/v1/portal/billing/invoices/{invoice}" { GET billing::portal::invoices::show => "Shows an invoice with what it is for." }
    Portal "/api/v1/portal/billing/invoices/{invoice}/pdf" { GET billing::portal::invoices::pdf => "Gives an invoice as PDF." }
    Portal "/api/v1/portal/billing/payments" { GET billing::portal::payments::list => "Lists what one paid." }
    Portal "/api/v1/portal/billing/statements" { GET billing::portal::statements::list => "Lists one's month statements." }
    Portal "/api/v1/portal/billing/statements/{month}" { GET billing::portal::statements::show => "Shows a month statement." [not_found] }
    Portal "/api/v1/portal/billing/statements/{month}/pdf" { GET billing::portal::statements::pdf => "Gives a month statement as PDF." [not_found] }
    Portal "/api/v1/portal/billing/superbill" { GET billing::portal::superbill::pdf => "Gives services of some days as PDF, for one's insurer." }
    Portal "/api/v1/portal/payments/history" { GET billing::portal::payments::history => "Lists everything that happened to one's account." }
    Portal "/api/v1/portal/payments/receipt/{payment}" { GET billing::portal::payments::receipt => "Gives a receipt as PDF." }
    Portal "/api/v1/portal/payments/autopay" {
        GET billing::portal::autopay::show => "Tells whether invoices are taken from a saved card on the day they are due.",
        PUT billing::portal::autopay::choose => "Turns that on or off." [conflict],
    }
    Portal "/api/v1/portal/payments/plans" {
        GET billing::portal::plans::list => "Lists one's payment plans.",
        POST billing::portal::plans::begin => "Begins to pay in parts." [conflict],
    }
    Portal "/api/v1/portal/payments/plans/schedule" { GET billing::portal::plans::schedule => "Tells what would be taken when." [conflict] }
    Portal "/api/v1/portal/payments/plans/{paymentplan}" { DELETE billing::portal::plans::cancel => "Ends a payment plan." [conflict] }

    Portal "/api/v1/portal/appointments" { GET appointments::client::list => "Lists one's appointments." [forbidden] }
    Portal "/api/v1/portal/appointments/terms" { GET appointments::slots::terms => "Tells what one may do by oneself, and with whom." }
    Portal "/api/v1/portal/appointments/hold" { POST appointments::client::hold => "Keeps a time while the request is filled in." [conflict] }
    Portal "/api/v1/portal/appointments/request" { POST appointments::client::request => "Asks for an appointment." [conflict] }
    Portal "/api/v1/portal/appointments/feed" {
        GET appointments::calendar::show => "Tells whether calendar programs have an address.",
        POST appointments::calendar::make => "Makes an address for calendar programs; shown this once.",
        DELETE appointments::calendar::end => "Ends the address.",
    }
    Portal "/api/v1/portal/appointments/waitlist" {
        GET appointments::waitlist::own => "Lists for what one waits.",
        POST appointments::waitlist::join => "Waits for an earlier time.",
    }
    Portal "/api/v1/portal/payments/process" { POST billing::stripe::pay::process => "Pays by card." [conflict not_found] }
    Portal "/api/v1/portal/payments/attempts/{attempt}" { GET billing::stripe::pay::show => "Tells how far a payment by card is." [conflict] }
    Portal "/api/v1/portal/payments/methods" {
        GET billing::stripe::cards::list => "Lists one's cards." [conflict],
        POST billing::stripe::cards::setup => "Lets the browser give Stripe another card." [conflict],
    }
    Portal "/api/v1/portal/payments/methods/{card}" { DELETE billing::stripe::cards::remove => "Lets Stripe forget a card." [conflict] }
    Portal "/api/v1/portal/payments/methods/{card}/default" { PUT billing::stripe::cards::choose => "Charges this card where nobody chooses one." [conflict] }
    Portal "/api/v1/portal/appointments/waitlist/{waiting}" { DELETE appointments::waitlist::leave => "Waits no more." }
    // After those whose names stand where an id does.
    Portal "/api/v1/portal/appointments/{appointment}" { GET appointments::client::show => "Shows an appointment." }
    Portal "/api/v1/portal/appointments/{appointment}/cancel" {
        PATCH appointments::client::cancel => "Cancels an appointment." [conflict],
        PUT appointments::client::cancel => "Cancels an appointment." [conflict],
    }
    Portal "/api/v1/portal/appointments/{appointment}/reschedule" { PUT appointments::client::reschedule => "Moves an appointment." [conflict] }
    Portal "/api/v1/portal/appointments/{appointment}/accept" { POST appointments::client::accept => "Takes the time that was proposed or offered." [conflict] }
    Portal "/api/v1/portal/appointments/{appointment}/decline" { POST appointments::client::decline => "Keeps a confirmed time: the other one that was proposed is declined." [conflict] }
    Portal "/api/v1/portal/appointments/{appointment}/join" { GET appointments::client::join => "Tells where to meet over video." [conflict] }
    Portal "/api/v1/portal/appointments/{appointment}/calendar.ics" { GET appointments::calendar::file => "Gives an appointment to a calendar program." }
    Portal "/api/v1/portal/slots" { GET appointments::slots::for_client => "Lists free times of a clinician." }
    // The secret is the credential: calendar programs have no other.
    Open   "/api/v1/portal/calendar/{secret}.ics" { GET appointments::calendar::subscription => "Gives somebody's appointments to their calendar program." [not_found] }
    Ehr    "/api/v1/ehr/appointments" {
        GET appointments::staff::list => "Lists appointments that one may see.",
        POST appointments::staff::make => "Makes an appointment, or a series." [conflict not_found],
    }
    Ehr    "/api/v1/ehr/appointments/waitlist" { GET appointments::waitlist::of_practice => "Lists who waits for whom." }
    Ehr    "/api/v1/ehr/appointments/waitlist/{waiting}" {
        PUT appointments::waitlist::change => "Changes what somebody waits for.",
        DELETE appointments::waitlist::remove => "Takes somebody off the waitlist.",
    }
    Ehr    "/api/v1/ehr/appointments/waitlist/{waiting}/offer" { POST appointments::waitlist::offer => "Offers somebody who waits a time." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}" { GET appointments::staff::show => "Shows an appointment." }
    Ehr    "/api/v1/ehr/appointments/{appointment}/confirm" { POST appointments::acts::confirm => "Confirms a request." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/propose" { POST appointments::acts::propose => "Proposes another time; what is confirmed stays so until the client accepts it." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/withdraw" { POST appointments::acts::withdraw => "Takes back another time that was proposed for a confirmed appointment." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/reschedule" { PUT appointments::acts::reschedule => "Moves an appointment." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/check-in" { POST appointments::acts::check_in => "Notes that the client is there." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/complete" { POST appointments::acts::complete => "Notes that it took place." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/no-show" { POST appointments::acts::no_show => "Notes that the client did not come." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/cancel" { POST appointments::acts::cancel => "Cancels an appointment." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/series" { PUT appointments::series::change => "Moves the series of an appointment, or the rest of it." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/series/cancel" { POST appointments::series::cancel => "Cancels the series of an appointment, or the rest of it." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/join" { GET appointments::staff::join => "Tells where to meet over video." [conflict] }
    Ehr    "/api/v1/ehr/slots" { GET appointments::slots::for_staff => "Lists free times of a clinician." }
    Ehr    "/api/v1/ehr/availability" {
        GET appointments::availability::show => "Shows when somebody takes appointments.",
        PUT appointments::availability::change => "Changes when somebody takes appointments." [conflict],
    }
    Ehr    "/api/v1/ehr/availability/exceptions" { POST appointments::availability::add => "Notes that somebody is away, or there all the same." [conflict] }
    Ehr    "/api/v1/ehr/availability/exceptions/{exception}" { DELETE appointments::availability::remove => "Takes an exception back." }
    Admin  "/api/v1/admin/appointment-policy" {
        GET appointments::policy::show => "Shows how the practice handles appointments.",
        PUT appointments::policy::change => "Changes how the practice handles appointments." [conflict],
    }
    Ehr    "/api/v1/ehr/billing/settings" {
        GET billing::ehr::settings::show => "Shows how the practice bills, and its fee schedule.",
        PUT billing::ehr::settings::change => "Changes how the practice bills, and its fee schedule." [conflict],
    }
    Ehr    "/api/v1/ehr/billing/clinicians" { GET billing::ehr::settings::clinicians => "Lists what superbills say of clinicians." }
    Ehr    "/api/v1/ehr/billing/clinicians/{colleague}" { PUT billing::ehr::settings::change_clinician => "Changes what superbills say of a clinician." }
    Ehr    "/api/v1/ehr/billing/failed-payments" { GET billing::ehr::planned::failed => "Lists payments of plans and autopay that failed." }
    Ehr    "/api/v1/ehr/billing/disputes" { GET billing::ehr::disputes::list => "Lists payments by card that payers dispute with their bank, open ones first." }
    Ehr    "/api/v1/ehr/billing/clients/{client}/plans" { GET billing::ehr::planned::plans_of => "Lists a client's payment plans." }
    Ehr    "/api/v1/ehr/billing/plans/{paymentplan}/cancel" { POST billing::ehr::planned::cancel => "Ends a client's payment plan, with a reason, and tells the client." [conflict] }
    Ehr    "/api/v1/ehr/billing/free" { GET billing::ehr::free::list => "Lists appointments that are marked as free." }
    Ehr    "/api/v1/ehr/billing/appointments/{appointment}/free" {
        PUT billing::ehr::free::mark => "Marks an appointment as free: it waits for no charge." [conflict],
        DELETE billing::ehr::free::unmark => "Takes that back.",
    }
    Ehr    "/api/v1/ehr/billing/aging" { GET billing::ehr::practice::aging => "Tells how old debts are: of each client, and of all." }
    Ehr    "/api/v1/ehr/billing/to-charge" {
        GET billing::ehr::practice::to_charge => "Lists what waits to be charged, oldest first.",
        POST billing::ehr::practice::charge_all => "Charges all whose amount is known.",
    }
    Ehr    "/api/v1/ehr/billing/export" { GET billing::ehr::practice::export => "Gives the ledger of some days to a spreadsheet." }
    Ehr    "/api/v1/ehr/billing/clients/{client}" { GET billing::ehr::account::show => "Shows how a client's account stands." }
    Ehr    "/api/v1/ehr/billing/clients/{client}/history" { GET billing::ehr::account::history => "Lists what happened on an account, newest first." }
    Ehr    "/api/v1/ehr/billing/clients/{client}/statements" { GET billing::ehr::papers::statements => "Lists a client's month statements." }
    Ehr    "/api/v1/ehr/billing/clients/{client}/statements/{month}" { GET billing::ehr::papers::statement => "Shows a client's month statement." }
    Ehr    "/api/v1/ehr/billing/clients/{client}/statements/{month}/pdf" { GET billing::ehr::papers::statement_pdf => "Gives a client's month statement as PDF." }
    Ehr    "/api/v1/ehr/billing/clients/{client}/superbill" { GET billing::ehr::papers::superbill => "Gives a client's services of some days as PDF, for their insurer." }
    Ehr    "/api/v1/ehr/billing/payments/{payment}/receipt" { GET billing::ehr::papers::receipt => "Gives a client's receipt as PDF." }
    Ehr    "/api/v1/ehr/billing/clients/{client}/charges" {
        GET billing::ehr::charges::list => "Lists a client's charges, newest first.",
        POST billing::ehr::charges::add => "Charges a client." [conflict],
    }
    Ehr    "/api/v1/ehr/billing/clients/{client}/adjustments" { POST billing::ehr::adjustments::make => "Corrects what a client owes, with a reason." [conflict] }
    Ehr    "/api/v1/ehr/billing/clients/{client}/payments" {
        GET billing::ehr::payments::list => "Lists a client's payments, newest first.",
        POST billing::ehr::payments::take => "Records a payment that was taken by hand." [conflict],
    }
    Ehr    "/api/v1/ehr/billing/clients/{client}/invoices" {
        GET billing::ehr::invoices::of_client => "Lists a client's invoices, newest first.",
        POST billing::ehr::invoices::issue => "Issues an invoice, and tells the client." [conflict],
    }
    Ehr    "/api/v1/ehr/billing/charges/{charge}/void" { POST billing::ehr::charges::void => "Takes a charge back, with a reason." [conflict] }
    Ehr    "/api/v1/ehr/billing/payments/{payment}/refunds" { POST billing::ehr::payments::refund => "Gives a payment, or part of it, back." [conflict] }
    Ehr    "/api/v1/ehr/billing/invoices" { GET billing::ehr::invoices::list => "Lists the practice's invoices, newest first." }
    Ehr    "/api/v1/ehr/billing/invoices/{invoice}" { GET billing::ehr::invoices::show => "Shows an invoice with its charges." }
    Ehr    "/api/v1/ehr/billing/invoices/{invoice}/pdf" { GET billing::ehr::invoices::pdf => "Gives an invoice as PDF, as its client has it." }
    Ehr    "/api/v1/ehr/billing/invoices/{invoice}/send-again" { POST billing::ehr::invoices::send_again => "Tells the client of an invoice once more." [conflict] }
    Ehr    "/api/v1/ehr/billing/invoices/{invoice}/void" { POST billing::ehr::invoices::void => "Takes an invoice back, with a reason." }
    Ehr    "/api/v1/ehr/billing/appointments/{appointment}/charges" { GET billing::ehr::appointment::charges => "Lists what an appointment was charged." }
    // Before the ones that take an id in their place.
    Portal "/api/v1/portal/assessments" { GET assessments::due::list => "Lists the questionnaires that wait for one's answers." }
    Portal "/api/v1/portal/assessments/history" { GET assessments::history::list => "Lists what one has answered, newest first." }
    Portal "/api/v1/portal/assessments/trends" { GET assessments::trend::own => "Shows one's scores of an instrument over time." }
    Portal "/api/v1/portal/assessments/emergency" { GET assessments::emergency::show => "Tells where the emergency stands that one's answers raised." }
    Portal "/api/v1/portal/assessments/{assessment}" { GET assessments::answer::show => "Shows a questionnaire with one's answers." }
    Portal "/api/v1/portal/assessments/{assessment}/start" { POST assessments::answer::start => "Begins to answer, or goes on." [conflict] }
    Portal "/api/v1/portal/assessments/{assessment}/answers" {
        PUT assessments::answer::save => "Keeps one's answers so far." [conflict],
        PATCH assessments::answer::save => "Keeps one's answers so far." [conflict],
    }
    Portal "/api/v1/portal/assessments/{assessment}/submit" { POST assessments::answer::submit => "Submits one's answers; they are scored, and raise an emergency where one means danger." [conflict] }
    Ehr    "/api/v1/ehr/appointments/{appointment}/assessments" { GET assessments::before::list => "Lists what a client was asked before an appointment." }
    Ehr    "/api/v1/ehr/assessments/instruments" { GET assessments::assign::instruments => "Lists the instruments that can be assigned." }
    Ehr    "/api/v1/ehr/assessments/overdue" { GET assessments::overdue::list => "Lists what was not answered in time." }
    Ehr    "/api/v1/ehr/assessments/{assessment}" { GET assessments::record::show => "Shows what a client answered." }
    Ehr    "/api/v1/ehr/clients/{client}/assessments" {
        GET assessments::record::list => "Lists a client's assessments, newest first.",
        POST assessments::assign::assign => "Assigns an instrument to a client." [conflict],
    }
    Ehr    "/api/v1/ehr/clients/{client}/assessments/trends" { GET assessments::trend::of_client => "Shows a client's scores of an instrument over time." }
    Ehr    "/api/v1/ehr/clients/{client}/assessment-plans" { GET assessments::assign::list => "Lists what is assigned to a client." }
    Ehr    "/api/v1/ehr/clients/{client}/assessment-plans/{plan}" { DELETE assessments::assign::end => "Ends an assignment; what waits for answers is taken back." [conflict] }

    Portal "/api/v1/portal/privacy/access-log" { GET audit::access_log::show => "Lists who opened one's record." }
    Portal "/api/v1/portal/privacy/break-glass" { GET accounts::break_glass::of_oneself => "Lists who took emergency access to one's record." }

    Ehr    "/api/v1/ehr/clients/{client}/care-team" {
        GET accounts::care_team::show => "Lists who cares for a client.",
        POST accounts::care_team::join => "Lets a colleague into the care team.",
    }
    Ehr    "/api/v1/ehr/clients/{client}/care-team/{user}" { DELETE accounts::care_team::leave => "Takes somebody out of the care team." }
    Ehr    "/api/v1/ehr/clients/{client}/break-glass" { POST accounts::break_glass::grant => "Takes emergency access to a client's record, with a reason." [conflict] }
    Admin  "/api/v1/admin/users" { GET accounts::users::list => "Lists the practice's users." }
    Admin  "/api/v1/admin/users/{user}" { PATCH accounts::users::change => "Changes a user's role, status or name." [conflict] }
    Admin  "/api/v1/admin/users/{user}/lock" { POST accounts::users::lock => "Keeps a user out, and ends their sessions." [conflict] }
    Admin  "/api/v1/admin/users/{user}/unlock" { POST accounts::users::unlock => "Lets a user in again." }
    Admin  "/api/v1/admin/users/{user}/end-sessions" { POST accounts::users::end_sessions => "Signs a user out everywhere." }
    Admin  "/api/v1/admin/api-keys" {
        GET accounts::api_keys::list => "Lists the keys of other systems.",
        POST accounts::api_keys::make => "Makes a key for another system; its secret is shown this once.",
    }
    Admin  "/api/v1/admin/api-keys/{key}" { DELETE accounts::api_keys::revoke => "Revokes a key." }
    Admin  "/api/v1/admin/audit" { GET audit::log::list => "Reads the practice's audit log." }
    Admin  "/api/v1/admin/break-glass" { GET accounts::break_glass::of_practice => "Lists who took emergency access, and why." }
    Admin  "/api/v1/admin/clients/{client}/legal-hold" {
        GET privacy::hold::show => "Shows the legal hold that lies on a client.",
        PUT privacy::hold::place => "Places a legal hold: nothing of the client is erased.",
        DELETE privacy::hold::lift => "Lifts it.",
    }
    Admin  "/api/v1/admin/clients/{client}/erasure" { POST privacy::erasure::erase => "Erases a client for ever." [conflict legal_hold reauthenticate] }
    Admin  "/api/v1/admin/clients/{client}/export" { GET privacy::export::by_admin => "Hands out everything about a client." [reauthenticate] }
    Admin  "/api/v1/admin/crisis-phrases" {
        GET emergency::crisis_phrases::show => "Shows what is looked for in what clients write.",
        PUT emergency::crisis_phrases::change => "Changes the practice's own crisis phrases." [conflict reauthenticate],
    }
    Admin  "/api/v1/admin/crisis-phrases/try" { POST emergency::crisis_phrases::try_out => "Tells whether a text would be an emergency; stores nothing." }
    Admin  "/api/v1/admin/crisis-resources" {
        GET emergency::crisis_resources::show => "Shows where clients in danger are sent at once.",
        PUT emergency::crisis_resources::change => "Changes where clients in danger are sent at once." [conflict reauthenticate],
    }
    Admin  "/api/v1/admin/retention" {
        GET privacy::retention::show => "Tells how long things are kept.",
        PUT privacy::retention::change => "Changes how long things are kept." [reauthenticate],
    }
    Portal "/api/v1/portal/privacy/consents" {
        GET privacy::consents::list => "Lists what may be agreed to, and what was decided.",
        POST privacy::consents::decide => "Agrees, or withdraws." [conflict],
    }
    Portal "/api/v1/portal/privacy/export" { POST privacy::export::by_client => "Hands out everything about oneself." [reauthenticate] }
    Admin  "/api/v1/admin/erasures" { GET privacy::erasure::list => "Lists the newest erasures." }
    Admin  "/api/v1/admin/erasures/{erasure}" { GET privacy::erasure::show => "Shows an erasure with its certificate." }

    Ehr    "/api/v1/ehr/clients" {
        GET accounts::people::clients => "Finds clients by name.",
        POST accounts::invitations::admit => "Puts a client on file." [conflict],
    }
    Ehr    "/api/v1/ehr/on-call" {
        GET emergency::on_call::show => "Shows the rota.",
        PUT emergency::on_call::change => "Puts another week in place of the rota's." [conflict],
    }
    Ehr    "/api/v1/ehr/on-call/now" { GET emergency::duty::now => "Tells who is on call." }
    Ehr    "/api/v1/ehr/on-call/coverage" { GET emergency::duty::coverage => "Shows who is on call over the coming days, and where nobody is." }
    Ehr    "/api/v1/ehr/on-call/overrides" { POST emergency::on_call::add => "Notes that somebody covers, or is away." [conflict] }
    Ehr    "/api/v1/ehr/on-call/overrides/{override}" { DELETE emergency::on_call::remove => "Takes a cover or leave back." [conflict] }
    Admin  "/api/v1/admin/escalation-policy" {
        GET emergency::policy::show => "Shows whom emergencies call, and where that reaches nobody.",
        PUT emergency::policy::switch_on => "Switches an escalation policy on." [conflict reauthenticate],
    }
    Admin  "/api/v1/admin/escalation-policy/check" { POST emergency::policy::check => "Says where a policy would reach nobody." }
    Ehr    "/api/v1/ehr/colleagues" { GET accounts::people::colleagues => "Lists colleagues." }
    Ehr    "/api/v1/ehr/inbox" { GET threads::inbox::inbox => "Lists a drawer of the inbox." }
    Ehr    "/api/v1/ehr/messages/unread-count" { GET threads::unread::unread::<Ehr> => "Counts what is unread." }
    Ehr    "/api/v1/ehr/messages/attachments" { POST threads::attachments::upload_by_staff => "Takes a file in, to be named in a message." [not_found] }
    Ehr    "/api/v1/ehr/messages/attachments/{attachment}" { GET threads::attachments::download::<Ehr> => "Gives a file that was sent." }
    Ehr    "/api/v1/ehr/messages/attachments/{attachment}/preview" { GET threads::attachments::preview::<Ehr> => "Gives a page of a file that was sent as a picture." }
    Ehr    "/api/v1/ehr/threads" { POST threads::open::ehr => "Opens a thread with a client." [conflict] }
    Ehr    "/api/v1/ehr/threads/{thread}" { GET threads::show::show::<Ehr> => "Shows a thread with a page of its entries." }
    Ehr    "/api/v1/ehr/threads/{thread}/reply" { POST threads::reply::reply::<Ehr> => "Sends a message." [conflict thread_closed] }
    Ehr    "/api/v1/ehr/threads/{thread}/read" {
        POST threads::read::read::<Ehr> => "Marks as read.",
        PUT threads::read::read::<Ehr> => "Marks as read.",
    }
    Ehr    "/api/v1/ehr/threads/{thread}/draft" {
        GET threads::draft::get::<Ehr> => "Shows what one is writing.",
        PUT threads::draft::put::<Ehr> => "Keeps what one is writing." [conflict],
        DELETE threads::draft::delete::<Ehr> => "Drops what one was writing.",
    }
    Ehr    "/api/v1/ehr/messages/{thread}/draft" {
        GET threads::draft::get::<Ehr> => "Shows what one is writing.",
        PUT threads::draft::put::<Ehr> => "Keeps what one is writing." [conflict],
        DELETE threads::draft::delete::<Ehr> => "Drops what one was writing.",
    }
    Ehr    "/api/v1/ehr/threads/{thread}/notes" { POST threads::amend::note => "Adds a note that no client sees." [conflict thread_closed] }
    Ehr    "/api/v1/ehr/threads/{thread}/entries/{entry}/correction" { POST threads::amend::correction => "Words one's message anew." [conflict thread_closed] }
    Ehr    "/api/v1/ehr/threads/{thread}/entries/{entry}/retraction" { POST threads::amend::retraction => "Takes one's message back." [conflict thread_closed] }
    Ehr    "/api/v1/ehr/threads/{thread}/claim" { POST threads::change::claim => "Takes a thread out of the pool." [conflict thread_closed] }
    Ehr    "/api/v1/ehr/threads/{thread}/assign" { POST threads::change::assign => "Gives a thread to a colleague, or back to the pool." [conflict thread_closed] }
    Ehr    "/api/v1/ehr/threads/{thread}/hand-over" { POST threads::change::hand_over => "Hands a thread over with a note." [conflict thread_closed] }
    Ehr    "/api/v1/ehr/threads/{thread}/close" { POST threads::change::close => "Closes a thread." [conflict] }
    Ehr    "/api/v1/ehr/threads/{thread}/reopen" { POST threads::change::reopen => "Reopens a thread." [conflict] }

    Portal "/api/v1/portal/forms" { GET forms::portal::list => "Lists the forms that one was given, newest first." }
    // Before the forms by their ids, one of which it would seem to be.
    Portal "/api/v1/portal/forms/submissions" { GET forms::submitted::list => "Lists what one submitted, newest first." }
    Portal "/api/v1/portal/forms/submissions/{submission}" { GET forms::submitted::show => "Shows what one submitted." }
    Portal "/api/v1/portal/forms/submissions/{submission}/pdf" { GET forms::submitted::pdf => "Gives what one submitted as a PDF." }
    Portal "/api/v1/portal/forms/{assignment}" { GET forms::portal::show => "Shows a form to fill in, with what was written so far." }
    Portal "/api/v1/portal/forms/{assignment}/save-draft" { PATCH forms::portal::save_draft => "Keeps what one is writing." [conflict] }
    Portal "/api/v1/portal/forms/{assignment}/submit" { POST forms::portal::send => "Submits a form, signed." [conflict] }
    Portal "/api/v1/portal/forms/{assignment}/files" { POST forms::files::add => "Takes a file in, to be named in an answer." [conflict] }
    Portal "/api/v1/portal/forms/{assignment}/files/{file}" { GET forms::files::download => "Gives a file that one added to a form." }
    Portal "/api/v1/portal/forms/{assignment}/files/{file}/preview" { GET forms::files::preview => "Gives a page of such a file as a picture." }
    Portal "/api/v1/portal/forms/{assignment}/history" { GET forms::portal::history => "Tells what happened to a form, and to the same one before." }
    Ehr    "/api/v1/ehr/forms" {
        GET forms::library::list => "Lists the practice's forms, newest first.",
        POST forms::library::create => "Begins a form." [conflict],
    }
    Ehr    "/api/v1/ehr/forms/{form}" {
        GET forms::library::show => "Shows a form as it is being built.",
        PUT forms::library::change => "Keeps what is being built." [conflict],
    }
    Ehr    "/api/v1/ehr/forms/{form}/publish" { POST forms::library::publish => "Gives a form its next version." [conflict] }
    Ehr    "/api/v1/ehr/forms/{form}/retire" { POST forms::library::retire => "Takes a form out of use." }
    Ehr    "/api/v1/ehr/forms/{form}/new-clients" { PUT forms::library::for_new_clients => "Says whether every new client is given a form." [conflict] }
    Ehr    "/api/v1/ehr/forms/{form}/assignments" { POST forms::assignments::assign => "Gives a form to a client." [conflict] }
    Ehr    "/api/v1/ehr/form-assignments/{assignment}" { DELETE forms::assignments::withdraw => "Takes a form back from a client." [conflict] }
    Ehr    "/api/v1/ehr/clients/{client}/forms" { GET forms::assignments::of_client => "Lists the forms that a client was given." }
    Ehr    "/api/v1/ehr/submissions" { GET forms::submissions::list => "Lists what one's clients submitted, newest first." }
    Ehr    "/api/v1/ehr/submissions/{submission}" { GET forms::submissions::show => "Shows what a client submitted." }
    Ehr    "/api/v1/ehr/submissions/{submission}/pdf" { GET forms::submissions::pdf => "Gives what a client submitted as a PDF." }
    Ehr    "/api/v1/ehr/submissions/{submission}/files/{file}" { GET forms::files::download_submitted => "Gives a file that a client submitted." }
    Ehr    "/api/v1/ehr/submissions/{submission}/files/{file}/preview" { GET forms::files::preview_submitted => "Gives a page of such a file as a picture." }
    Ehr    "/api/v1/ehr/submissions/{submission}/review" { POST forms::submissions::review => "Notes that one looked at what a client submitted." [conflict] }

    Portal "/api/v1/portal/notifications" { GET notices::list::show::<Portal> => "Lists what one was told." }
    Portal "/api/v1/portal/notifications/unread-count" { GET notices::unread::count::<Portal> => "Counts what one was told and has not read." }
    Portal "/api/v1/portal/notifications/read-all" { POST notices::read::all::<Portal> => "Marks all as read." }
    Portal "/api/v1/portal/notifications/{notification}/read" { POST notices::read::one::<Portal> => "Marks one as read." }
    Portal "/api/v1/portal/account/notifications" {
        GET notices::preferences::show::<Portal> => "Shows how one is told of things.",
        PUT notices::preferences::change::<Portal> => "Changes how one is told of things.",
    }
    Ehr    "/api/v1/ehr/notifications" { GET notices::list::show::<Ehr> => "Lists what one was told." }
    Ehr    "/api/v1/ehr/notifications/unread-count" { GET notices::unread::count::<Ehr> => "Counts what one was told and has not read." }
    Ehr    "/api/v1/ehr/notifications/read-all" { POST notices::read::all::<Ehr> => "Marks all as read." }
    Ehr    "/api/v1/ehr/notifications/{notification}/read" { POST notices::read::one::<Ehr> => "Marks one as read." }
    Ehr    "/api/v1/ehr/account/notifications" {
        GET notices::preferences::show::<Ehr> => "Shows how one is told of things.",
        PUT notices::preferences::change::<Ehr> => "Changes how one is told of things.",
    }
    // A service worker has no session: the token came with the push.
    Open   "/api/v1/push-confirmations" { POST notices::confirm::confirm => "Takes a device's word that it showed a push." }
}

static DOCUMENT: LazyLock<Arc<Document>> = LazyLock::new(|| {
    Arc::new(Document::of(TABLE.iter().map(|route| {
        let mut call = Call::default();
        (route.describe)(&mut call);
        call.refuses(route.refusals);
        let Route { method, path, summary, door, .. } = *route;
        Entry { method, path, summary, signed: door != Door::Open, call }
    })))
});

/// The description of the API, made from the table.
pub fn document() -> Arc<Document> {
    DOCUMENT.clone()
}

/// A verb of a resource. What answers GET answers HEAD, without the body.
fn on<H, Args>(resource: Resource, method: Method, handler: H) -> Resource
where
    H: Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    H::Output: Responder + 'static,
{
    let resource = match method {
        Method::GET => resource.route(web::head().to(Caught(handler.clone()))),
        _ => resource,
    };
    resource.route(web::method(method).to(Caught(handler)))
}

/// Everything that this server answers, inside what surrounds every answer.
pub fn configure(cfg: &mut ServiceConfig, allowed: &Origins) {
    json::configure(cfg);
    cfg.app_data(web::Data::new(openapi::serve::Source(document)));
    cfg.service(
        web::scope("")
            .configure(mount)
            .configure(pages::configure)
            .configure(channels::configure)
            .configure(billing::stripe::configure)
            .route("/api/docs", web::get().to(openapi::serve::to_page))
            .route("/api/docs/{name:.*}", web::get().to(openapi::serve::page))
            .default_service(web::to(refusals::nowhere))
            // The last one is the outermost.
            .wrap(from_fn(origin::refuse_foreign))
            .wrap(from_fn(operator::guard_administration))
            .wrap(from_fn(denials::record))
            .wrap(from_fn(rates::limit))
            .wrap(from_fn(deadline::keep))
            .wrap(from_fn(refusals::explain))
            .wrap(from_fn(pages::refusal::in_words))
            .wrap(cors::cors(allowed))
            .wrap(from_fn(headers::add))
            .wrap(TracingLogger::<RequestSpan>::new()),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_address_stands_in_the_table_once_and_behind_the_door_it_names() {
        let mut seen = HashSet::new();
        for route in TABLE {
            assert!(seen.insert((route.method, route.path)), "{} {} stands there twice", route.method, route.path);
            // A calendar program signs in nowhere.
            let of_accounts = route.path.contains("/auth/") || route.path.ends_with("{secret}.ics");
            match route.path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()) {
                Some("portal") if !of_accounts => assert_eq!(route.door, Door::Portal, "{}", route.path),
                Some("admin") => assert_eq!(route.door, Door::Admin, "{}", route.path),
                Some("ehr") if !of_accounts => assert_eq!(route.door, Door::Ehr, "{}", route.path),
                _ => {}
            }
        }
    }
}
