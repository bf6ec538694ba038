//! What can go wrong for a caller. One type for HTTP; stores return `QueryResult`. Never carries PHI.

use crate::problem::Problem;
use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use std::{fmt, time::Duration};

/// The outcome of a handler.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal or failure, answered as `application/problem+json`.
pub enum Error {
    /// Nobody is signed in, or the credentials ended.
    Unauthenticated,
    /// The e-mail address and password do not open this door (never says which of them).
    InvalidCredentials,
    /// A second factor that is not good; never says why.
    InvalidCode,
    /// A passkey that is not good; never says why.
    InvalidPasskey,
    /// What a first factor was answered with is spent or over.
    TicketExpired,
    /// Signed in, but not allowed. Only where the record's existence is no secret.
    Forbidden(&'static str),
    /// Signed in and allowed, but who it is must be shown once more.
    Reauthenticate,
    /// A state-changing call with a cookie from a foreign page.
    Csrf,
    /// Unknown, or not the caller's: both look alike.
    NotFound,
    /// The request cannot be read.
    BadRequest(String),
    /// The request was read but its content is refused; one item for every field.
    Invalid(Vec<FieldError>),
    /// Something else happened meanwhile; extra members tell what.
    Conflict { detail: &'static str, extra: serde_json::Map<String, serde_json::Value> },
    /// The thread is closed.
    ThreadClosed,
    /// A legal hold lies on the client.
    LegalHold,
    /// Larger than the limit, in bytes or characters as `detail` says.
    TooLarge(String),
    /// No virus scanner looked at a file, and none is kept unseen.
    ScannerAway,
    /// The body did not come in time.
    TooSlow,
    /// There is something here, but it does not answer to this verb.
    MethodNotAllowed,
    /// The body is of a kind that the call does not take.
    UnsupportedMediaType,
    /// Too many calls.
    RateLimited { retry_after: Duration },
    /// The store or a queue cannot take it now.
    Busy { retry_after: Duration },
    /// A fault of ours: logged once here, told to nobody.
    Internal(anyhow::Error),
}

/// What is wrong with one field of the input.
#[derive(Debug, Clone, serde::Serialize)]
pub struct FieldError {
    /// JSON pointer to the field.
    pub pointer: String,
    /// What to do about it, safe to show.
    pub message: String,
}

impl Error {
    /// One refused field.
    pub fn field(pointer: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { pointer: pointer.to_owned(), message: message.into() }])
    }

    /// A conflict without extra members.
    pub fn conflict(detail: &'static str) -> Self {
        Self::Conflict { detail, extra: serde_json::Map::new() }
    }

    /// The stable code that clients branch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::InvalidCredentials => "invalidCredentials",
            Self::InvalidCode => "invalidCode",
            Self::InvalidPasskey => "invalidPasskey",
            Self::TicketExpired => "ticketExpired",
            Self::Forbidden(_) => "forbidden",
            Self::Reauthenticate => "reauthenticate",
            Self::Csrf => "csrf",
            Self::NotFound => "notFound",
            Self::BadRequest(_) => "badRequest",
            Self::Invalid(_) => "invalid",
            Self::Conflict { .. } => "conflict",
            Self::ThreadClosed => "threadClosed",
            Self::LegalHold => "legalHold",
            Self::TooLarge(_) => "tooLarge",
            Self::ScannerAway => "scannerAway",
            Self::TooSlow => "tooSlow",
            Self::MethodNotAllowed => "methodNotAllowed",
            Self::UnsupportedMediaType => "unsupportedMediaType",
            Self::RateLimited { .. } => "rateLimited",
            Self::Busy { .. } => "busy",
            Self::Internal(_) => "internal",
        }
    }
}

/// The code alone, and the cause of a fault of ours: a conflict carries entries, and details may quote the request.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal(cause) => write!(f, "internal: {cause:#}"),
            other => f.write_str(other.code()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Error {}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthenticated
            | Self::InvalidCredentials
            | Self::InvalidCode
            | Self::InvalidPasskey
            | Self::TicketExpired => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::Reauthenticate | Self::Csrf => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict { .. } | Self::ThreadClosed | Self::LegalHold => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } | Self::ScannerAway => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Internal(cause) = self {
            tracing::error!(error = format!("{cause:#}"), "a request failed");
        }
        Problem::from(self).into_response()
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};
        match error {
            Diesel::NotFound => Self::NotFound,
            Diesel::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) => Self::store_away(),
            // The message of a database error may quote values; its kind and constraint may not.
            Diesel::DatabaseError(kind, info) => Self::Internal(anyhow::anyhow!(
                "database error {kind:?}, constraint {:?}, table {:?}",
                info.constraint_name(),
                info.table_name()
            )),
            other => Self::Internal(anyhow::anyhow!("database: {}", crate::db::describe(&other))),
        }
    }
}

impl From<crate::db::PoolError> for Error {
    fn from(_: crate::db::PoolError) -> Self {
        Self::store_away()
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl Error {
    /// The store is away or out of connections: try again in a second.
    pub fn store_away() -> Self {
        Self::Busy { retry_after: Duration::from_secs(1) }
    }
}
