//! THE table of URLs: every call of the API once, with the door that it stands behind. Pages add theirs in
//! [`crate::pages`]. Holds no handler, and decides nothing: the door is kept by the handler's extractor, and a test
//! compares the two.

use crate::{
    accounts::http as accounts,
    http::{
        headers, health, json, origin,
        principal::{EhrPrincipal as Ehr, PortalPrincipal as Portal},
        refusals,
        trace::RequestSpan,
    },
    hub, pages,
    threads::http as threads,
};
use actix_web::{
    Handler, Resource, Responder,
    http::Method,
    middleware::from_fn,
    web::{self, ServiceConfig},
};
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
}

macro_rules! table {
    ($($door:ident $path:literal { $($method:ident $handler:expr),+ $(,)? })+) => {
        /// Every call of the API.
        pub const TABLE: &[Route] =
            &[$($(Route { method: stringify!($method), path: $path, door: Door::$door }),+),+];

        fn mount(cfg: &mut ServiceConfig) {
            $(
                let resource = web::resource($path);
                $(let resource = on(resource, Method::$method, $handler);)+
                cfg.service(resource);
            )+
        }
    };
}

table! {
    Open   "/healthz" { GET health::lives }
    Open   "/readyz" { GET health::ready }
    // Who is calling is settled by the socket itself, on the upgrade or in the first frame.
    Open   "/api/v1/ws" { GET hub::http::upgrade }

    Open   "/api/v1/portal/auth/login" { POST accounts::login::portal }
    Open   "/api/v1/portal/auth/logout" { POST accounts::logout::logout::<Portal> }
    Open   "/api/v1/ehr/auth/login" { POST accounts::login::ehr }
    Open   "/api/v1/ehr/auth/logout" { POST accounts::logout::logout::<Ehr> }
    Signed "/api/v1/auth/me" { GET accounts::me::me }

    Portal "/api/v1/portal/messages" { GET threads::list::list, POST threads::open::portal }
    Portal "/api/v1/portal/messages/unread-count" { GET threads::unread::unread::<Portal> }
    Portal "/api/v1/portal/messages/{thread}" { GET threads::show::show::<Portal> }
    Portal "/api/v1/portal/messages/{thread}/reply" { POST threads::reply::reply::<Portal> }
    Portal "/api/v1/portal/messages/{thread}/read" { POST threads::read::read::<Portal>, PUT threads::read::read::<Portal> }
    Portal "/api/v1/portal/messages/{thread}/draft" {
        GET threads::draft::get::<Portal>, PUT threads::draft::put::<Portal>, DELETE threads::draft::delete::<Portal>
    }

    Ehr    "/api/v1/ehr/clients" { GET accounts::people::clients }
    Ehr    "/api/v1/ehr/colleagues" { GET accounts::people::colleagues }
    Ehr    "/api/v1/ehr/inbox" { GET threads::inbox::inbox }
    Ehr    "/api/v1/ehr/messages/unread-count" { GET threads::unread::unread::<Ehr> }
    Ehr    "/api/v1/ehr/threads" { POST threads::open::ehr }
    Ehr    "/api/v1/ehr/threads/{thread}" { GET threads::show::show::<Ehr> }
    Ehr    "/api/v1/ehr/threads/{thread}/reply" { POST threads::reply::reply::<Ehr> }
    Ehr    "/api/v1/ehr/threads/{thread}/read" { POST threads::read::read::<Ehr>, PUT threads::read::read::<Ehr> }
    Ehr    "/api/v1/ehr/threads/{thread}/draft" {
        GET threads::draft::get::<Ehr>, PUT threads::draft::put::<Ehr>, DELETE threads::draft::delete::<Ehr>
    }
    Ehr    "/api/v1/ehr/messages/{thread}/draft" {
        GET threads::draft::get::<Ehr>, PUT threads::draft::put::<Ehr>, DELETE threads::draft::delete::<Ehr>
    }
    Ehr    "/api/v1/ehr/threads/{thread}/notes" { POST threads::amend::note }
    Ehr    "/api/v1/ehr/threads/{thread}/entries/{entry}/correction" { POST threads::amend::correction }
    Ehr    "/api/v1/ehr/threads/{thread}/entries/{entry}/retraction" { POST threads::amend::retraction }
    Ehr    "/api/v1/ehr/threads/{thread}/claim" { POST threads::change::claim }
    Ehr    "/api/v1/ehr/threads/{thread}/assign" { POST threads::change::assign }
    Ehr    "/api/v1/ehr/threads/{thread}/hand-over" { POST threads::change::hand_over }
    Ehr    "/api/v1/ehr/threads/{thread}/close" { POST threads::change::close }
    Ehr    "/api/v1/ehr/threads/{thread}/reopen" { POST threads::change::reopen }
}

/// A verb of a resource. What answers GET answers HEAD, without the body.
fn on<H, Args>(resource: Resource, method: Method, handler: H) -> Resource
where
    H: Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    H::Output: Responder + 'static,
{
    let resource = match method {
        Method::GET => resource.route(web::head().to(handler.clone())),
        _ => resource,
    };
    resource.route(web::method(method).to(handler))
}

/// Everything that this server answers, inside what surrounds every answer.
pub fn configure(cfg: &mut ServiceConfig) {
    json::configure(cfg);
    cfg.service(
        web::scope("")
            .configure(mount)
            .configure(pages::configure)
            .default_service(web::to(refusals::nowhere))
            // The last one is the outermost.
            .wrap(from_fn(origin::refuse_foreign))
            .wrap(from_fn(refusals::explain))
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
            let of_accounts = route.path.contains("/auth/");
            match route.path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()) {
                Some("portal") if !of_accounts => assert_eq!(route.door, Door::Portal, "{}", route.path),
                Some("admin") => assert_eq!(route.door, Door::Admin, "{}", route.path),
                Some("ehr") if !of_accounts => assert_eq!(route.door, Door::Ehr, "{}", route.path),
                _ => {}
            }
        }
    }
}
