//! Every refusal, made to be shown: the examples of the document are written by the same code that refuses. A line of
//! the route table names those of its own in brackets; what follows from what a call takes is added by itself.

use super::call::Refusal;
use crate::error::Error;
use std::time::Duration;

/// By reading a body.
pub const OF_BODIES: &[Refusal] = &[bad_request, invalid, too_large, too_slow, unsupported_media_type];
/// By reading a file.
pub const OF_FILES: &[Refusal] = &[bad_request, invalid, too_large, too_slow, scanner_away, conflict];
/// By reading a query.
pub const OF_QUERIES: &[Refusal] = &[bad_request, invalid];
/// By every door but the open one.
pub const OF_DOORS: &[Refusal] = &[unauthenticated, forbidden];
/// By an id in the path.
pub const OF_PATHS: &[Refusal] = &[not_found];
/// By every call.
pub const OF_ALL: &[Refusal] = &[rate_limited, internal, busy];

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident: $error:expr;)+) => {$(
        $(#[$doc])*
        pub fn $name() -> Error {
            $error
        }
    )+};
}

refusals! {
    /// Nobody is signed in.
    unauthenticated: Error::Unauthenticated;
    /// Wrong e-mail address or password.
    invalid_credentials: Error::InvalidCredentials;
    /// A second factor is not good.
    invalid_code: Error::InvalidCode;
    /// A passkey is not good.
    invalid_passkey: Error::InvalidPasskey;
    /// It took too long.
    ticket_expired: Error::TicketExpired;
    /// Signed in, but not allowed.
    forbidden: Error::Forbidden("Your role does not allow this.");
    /// The proof of who it is is too old.
    reauthenticate: Error::Reauthenticate;
    /// From a foreign page.
    csrf: Error::Csrf;
    /// Not there, or not the caller's.
    not_found: Error::NotFound;
    /// It cannot be read.
    bad_request: Error::BadRequest("The body is not JSON: see line 1, column 2.".into());
    /// A field is refused.
    invalid: Error::field("/body", "Write something first: the message is empty.");
    /// Something else happened meanwhile.
    conflict: Error::conflict("Something else happened meanwhile. Look again, then try again.");
    /// The thread takes no messages.
    thread_closed: Error::ThreadClosed;
    /// Nothing of the client may be erased.
    legal_hold: Error::LegalHold;
    /// Over a limit.
    too_large: Error::TooLarge("A body may have at most 65536 bytes.".into());
    /// No scanner looked at a file.
    scanner_away: Error::ScannerAway;
    /// The body did not come in time.
    too_slow: Error::TooSlow;
    /// Not JSON.
    unsupported_media_type: Error::UnsupportedMediaType;
    /// Too often.
    rate_limited: Error::RateLimited { retry_after: Duration::from_secs(2) };
    /// The store is away.
    busy: Error::store_away();
    /// A fault of ours.
    internal: Error::Internal(anyhow::anyhow!("shown to nobody"));
}
