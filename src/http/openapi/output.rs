//! What the answers of handlers consist of. A bare `HttpResponse` says nothing, so it is not among them: handlers
//! return [`web::Json`] or one of [`crate::http::answer`].

use super::Call;
use crate::http::{
    answer::{
        Accepted, CalendarFile, Created, Download, GoesOn, NoContent, Pdf, Plain, Redirect, Spreadsheet, Stored,
        Upgraded,
    },
    upload::{Content, Picture},
};
use actix_web::{CustomizeResponder, web};
use serde_json::json;
use utoipa::ToSchema;

/// Something that a handler returns.
#[diagnostic::on_unimplemented(
    message = "the API's description does not know what `{Self}` consists of",
    note = "answer with `web::Json` or a type of src/http/answer.rs; see \"A new call of the API\" in CONTRIBUTING.md"
)]
pub trait Output {
    /// Adds what it consists of.
    fn describe(call: &mut Call);
}

impl<T: Output, E> Output for Result<T, E> {
    fn describe(call: &mut Call) {
        T::describe(call);
    }
}

/// With further headers or cookies.
impl<T: Output> Output for CustomizeResponder<T> {
    fn describe(call: &mut Call) {
        T::describe(call);
    }
}

impl<T: ToSchema> Output for web::Json<T> {
    fn describe(call: &mut Call) {
        call.answers_with::<T>(200, "As asked for.");
    }
}

impl<T: ToSchema> Output for Created<T> {
    fn describe(call: &mut Call) {
        call.answers_with::<T>(201, "Made.");
    }
}

impl<T: ToSchema> Output for Stored<T> {
    fn describe(call: &mut Call) {
        call.answers_with::<T>(201, "Stored.");
        call.answers_with::<T>(200, "It was stored before: nothing was stored twice.");
    }
}

impl Output for Accepted {
    fn describe(call: &mut Call) {
        call.answers_as(
            202,
            "Taken. The answer never tells whether there was anything to do.",
            "application/json",
            json!({"type": "object"}),
        );
    }
}

impl Output for NoContent {
    fn describe(call: &mut Call) {
        call.answers(204, "Done.");
    }
}

impl Output for Redirect {
    fn describe(call: &mut Call) {
        call.answers(302, "Goes on there.");
    }
}

impl Output for GoesOn {
    fn describe(call: &mut Call) {
        call.answers_as(200, "A page that goes on by itself.", "text/html", json!({"type": "string"}));
    }
}

impl Output for Plain {
    fn describe(call: &mut Call) {
        call.answers_as(200, "In words.", "text/plain", json!({"type": "string"}));
        call.answers_as(503, "In words; with Retry-After.", "text/plain", json!({"type": "string"}));
    }
}

impl Output for Download {
    fn describe(call: &mut Call) {
        let kinds = [
            ("application/json", json!({"type": "object"})),
            ("application/zip", json!({"type": "string", "format": "binary"})),
        ];
        call.answers_as_one_of(200, "A file to keep, of the form that was asked for.", kinds);
    }
}

impl Output for Content {
    fn describe(call: &mut Call) {
        call.answers_as(200, "The file, as what it is.", "*/*", json!({"type": "string", "format": "binary"}));
    }
}

impl Output for Picture {
    fn describe(call: &mut Call) {
        call.answers_as(200, "A picture of a page.", "image/*", json!({"type": "string", "format": "binary"}));
    }
}

impl Output for CalendarFile {
    fn describe(call: &mut Call) {
        call.answers_as(200, "A file of iCalendar.", "text/calendar", json!({"type": "string"}));
    }
}

impl Output for Pdf {
    fn describe(call: &mut Call) {
        call.answers_as(200, "A document to keep.", "application/pdf", json!({"type": "string", "format": "binary"}));
    }
}

impl Output for Spreadsheet {
    fn describe(call: &mut Call) {
        call.answers_as(200, "A file for spreadsheets.", "text/csv", json!({"type": "string"}));
    }
}

impl Output for Upgraded {
    fn describe(call: &mut Call) {
        call.answers(101, "A socket is open.");
        call.answers(426, "This address opens sockets only.");
    }
}
