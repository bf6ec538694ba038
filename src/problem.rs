//! RFC 9457 problem documents. Never decides anything: it writes down what [`Error`] says.

use crate::error::Error;
use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde_json::{Map, Value, json};

/// An `application/problem+json` document.
pub struct Problem {
    members: Map<String, Value>,
    status: StatusCode,
    retry_after_seconds: Option<u64>,
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let status = error.status_code();
        let mut members = Map::new();
        members.insert("type".into(), json!("about:blank"));
        members.insert("title".into(), json!(status.canonical_reason().unwrap_or("Error")));
        members.insert("status".into(), json!(status.as_u16()));
        members.insert("code".into(), json!(error.code()));
        let mut retry_after_seconds = None;
        let detail = match error {
            Error::Unauthenticated => "Sign in to go on.".to_owned(),
            Error::InvalidCredentials => "This e-mail address and password do not match. Check both and try again; \
                after several failed tries an account is locked for half an hour."
                .to_owned(),
            Error::InvalidCode => "This code is not accepted. Each is good once: wait for the next one and try again, \
                or use a backup code; after several failed tries an account is locked for half an hour."
                .to_owned(),
            Error::InvalidPasskey => {
                "This passkey is not accepted here. Try again, or sign in with your password.".to_owned()
            }
            Error::TicketExpired => {
                "This took too long, or too many codes were wrong. Sign in again from the start.".to_owned()
            }
            Error::Forbidden(detail) => (*detail).to_owned(),
            Error::Reauthenticate => "This changes how you sign in: enter your password again first.".to_owned(),
            Error::Csrf => "This call must come from the hub's own pages.".to_owned(),
            Error::NotFound => "There is nothing here, or it is not yours to see.".to_owned(),
            Error::BadRequest(detail) | Error::TooLarge(detail) => detail.clone(),
            Error::Invalid(errors) => {
                members.insert("errors".into(), json!(errors));
                errors.first().map_or_else(String::new, |first| first.message.clone())
            }
            Error::Conflict { detail, extra } => {
                members.extend(extra.clone());
                (*detail).to_owned()
            }
            Error::ThreadClosed => {
                "This thread is closed. Open a new one, or ask the practice to reopen it.".to_owned()
            }
            Error::LegalHold => "A legal hold lies on this client: nothing of the record may be erased. Lift the hold \
                first, if it may be lifted."
                .to_owned(),
            Error::ScannerAway => {
                retry_after_seconds = Some(60);
                "The virus scanner cannot be reached, and files are not kept unseen. Nothing was stored: try again in a \
                    few minutes, or tell the practice."
                    .to_owned()
            }
            Error::TooSlow => "The body did not come in time. Send it again in one go.".to_owned(),
            Error::MethodNotAllowed => {
                "This address does not answer to this method; Allow names those it does.".to_owned()
            }
            Error::UnsupportedMediaType => "Send the body as application/json.".to_owned(),
            Error::RateLimited { retry_after } | Error::Busy { retry_after } => {
                members.insert("retryAfterMs".into(), json!(retry_after.as_millis() as u64));
                retry_after_seconds = Some(retry_after.as_secs_f64().ceil() as u64);
                match error {
                    Error::Busy { .. } => "The hub cannot store this right now. Nothing is lost: try again shortly.",
                    _ => "Too many calls in a short time. Wait a moment and try again.",
                }
                .to_owned()
            }
            Error::Internal(_) => "Something went wrong on our side. It was logged; try again.".to_owned(),
        };
        members.insert("detail".into(), json!(detail));
        Self { members, status, retry_after_seconds }
    }
}

impl Problem {
    /// With the id by which the request stands in the log.
    pub fn with_trace(mut self, id: Option<String>) -> Self {
        self.members.extend(id.map(|id| ("traceId".to_owned(), json!(id))));
        self
    }

    /// What is sent.
    pub fn document(self) -> Value {
        Value::Object(self.members)
    }

    /// The answer to send.
    pub fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after_seconds {
            response.insert_header((header::RETRY_AFTER, seconds.max(1).to_string()));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.content_type("application/problem+json").body(Value::Object(self.members).to_string())
    }
}
