//! What the extractors of handlers read of a request, and how each refuses. A handler with an extractor that is not named
//! here does not compile in the route table.

use super::{Call, problems};
use crate::{
    accounts::authenticate::Recognised,
    http::{
        agent::Agent,
        idempotency::IdempotencyKey,
        json::{Body, MaybeBody},
        principal::{AdminPrincipal, EhrPrincipal, MaybePrincipal, Passive, PortalPrincipal, Principal},
        source::Source,
        upload::Upload,
    },
};
use actix_web::{HttpRequest, web};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// Something that a handler is given.
#[diagnostic::on_unimplemented(
    message = "the API's description does not know what `{Self}` reads of a request",
    note = "implement `Input` for it in src/http/openapi/input.rs; see \"A new call of the API\" in CONTRIBUTING.md"
)]
pub trait Input {
    /// Adds what it reads, and how it refuses.
    fn describe(call: &mut Call);
}

macro_rules! reads_nothing {
    ($($input:ty $(, of $parameter:ident)?;)+) => {$(
        impl $(<$parameter>)? Input for $input {
            fn describe(_: &mut Call) {}
        }
    )+};
}

// A path's parameters are known from the path; who is let in, from the door.
reads_nothing! {
    web::Data<T>, of T;
    web::Path<T>, of T;
    Passive<C>, of C;
    HttpRequest;
    web::Payload;
    MaybePrincipal;
    Principal;
    PortalPrincipal;
    EhrPrincipal;
    AdminPrincipal;
    Agent;
    Recognised;
    Source;
}

impl<T: ToSchema, const MOST: usize> Input for Body<T, MOST> {
    fn describe(call: &mut Call) {
        call.takes_body::<T>(true);
        call.refuses(problems::OF_BODIES);
    }
}

impl<T: ToSchema> Input for MaybeBody<T> {
    fn describe(call: &mut Call) {
        call.takes_body::<T>(false);
        call.refuses(problems::OF_BODIES);
    }
}

impl<T: IntoParams> Input for web::Query<T> {
    fn describe(call: &mut Call) {
        call.takes_query::<T>();
        call.refuses(problems::OF_QUERIES);
    }
}

impl Input for Upload {
    fn describe(call: &mut Call) {
        call.takes_file();
        let meaning = "What the file is called: attachment; filename*=UTF-8''… (RFC 6266).";
        call.takes_header("Content-Disposition", meaning, json!({"type": "string"}));
        call.refuses(problems::OF_FILES);
    }
}

impl Input for IdempotencyKey {
    fn describe(call: &mut Call) {
        let meaning =
            "The id of what is made, so that sending again makes nothing twice; the body's own id comes first.";
        call.takes_header("Idempotency-Key", meaning, json!({"type": "string", "format": "uuid"}));
        call.refuses(&[problems::bad_request]);
    }
}

macro_rules! tuples {
    ($(($($part:ident)*))+) => {$(
        impl<$($part: Input),*> Input for ($($part,)*) {
            fn describe(_call: &mut Call) {
                $($part::describe(_call);)*
            }
        }
    )+};
}

tuples! { () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) (A B C D E F G H I) }
