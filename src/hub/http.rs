//! `GET /api/v1/ws`: settles who is calling, then opens a socket with a session behind it.

use super::{
    handle::Hub,
    session::{Doorman, SessionActor},
    socket::{self, Bounds, Connection},
    wire::{FRAME_BYTES, SUBPROTOCOL},
};
use crate::{
    accounts::{
        Identity,
        authenticate::{Credential, Unrecognised},
    },
    app::Services,
    error::{Error, Result},
    http::{answer::Upgraded, cookie, origin, source},
};
use actix_web::{HttpRequest, http::header, web};
use secrecy::SecretString;
use std::{net::IpAddr, time::Duration};

/// A frame that was begun must be complete after this.
const FRAME_TIME: Duration = Duration::from_secs(10);
/// Frames beyond the window that may wait for a client that reads slowly: receipts, answers, pings.
const BEYOND_WINDOW: usize = 1_024;

/// The handler.
pub async fn upgrade(
    request: HttpRequest,
    payload: web::Payload,
    services: web::Data<Services>,
) -> std::result::Result<Upgraded, actix_web::Error> {
    refuse_token_in_query(&request)?;
    let protocol = chosen_protocol(&request)?;
    let hub = &services.hub;
    let identity = match credential(&services, &request)? {
        Some(credential) => Ok(identify(hub, credential).await?),
        None => Err(at_door(hub, &request)?),
    };
    let (parts, from) = (hub.session_parts(), source::Source::of(&request).nobody());
    let capacity = parts.limits.window_frames + BEYOND_WINDOW;
    let connection = Connection::of(&request);
    let bounds = Bounds { message_bytes: FRAME_BYTES as u64, frame_time: FRAME_TIME, binary: false };
    let session = move |socket| {
        let cut = Box::new(move || {
            if let Some(connection) = connection {
                connection.cut();
            }
        });
        SessionActor::start_with(parts, identity, from, socket, cut)
    };
    socket::open(&request, payload, bounds, protocol, capacity, Box::new(session)).map(Upgraded)
}

/// A token in a URL ends up in logs and histories: it is not taken, however good it is.
fn refuse_token_in_query(request: &HttpRequest) -> Result<()> {
    if request.query_string().to_ascii_lowercase().contains("token") {
        return Err(Error::BadRequest(
            "A token in the URL is not taken. Send it as `Authorization: Bearer`, or as the first frame.".into(),
        ));
    }
    Ok(())
}

fn chosen_protocol(request: &HttpRequest) -> Result<Option<&'static str>> {
    let mut offered = request
        .headers()
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .map(str::trim)
        .peekable();
    if offered.peek().is_none() {
        return Ok(None);
    }
    if offered.any(|protocol| protocol == SUBPROTOCOL) {
        return Ok(Some(SUBPROTOCOL));
    }
    Err(Error::BadRequest(format!("This hub speaks the subprotocol {SUBPROTOCOL}.")))
}

fn credential(services: &Services, request: &HttpRequest) -> Result<Option<Credential>> {
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|value| value.split_once(' '));
        return match token {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Ok(Some(Credential::Bearer(SecretString::from(token.trim()))))
            }
            _ => Err(Error::Unauthenticated),
        };
    }
    let Some(cookie) = cookie::read(&services.config, request) else { return Ok(None) };
    // A browser sends the cookie for every page that asks: only the hub's own may.
    match origin::judge(&services.config, request.headers()) {
        origin::Caller::Own => Ok(Some(Credential::Cookie(cookie))),
        _ => Err(Error::Csrf),
    }
}

async fn identify(hub: &Hub, credential: Credential) -> Result<Identity> {
    hub.identify(credential).await.map_err(|why| match why {
        Unrecognised::Refused => Error::Unauthenticated,
        Unrecognised::Away => Error::store_away(),
    })
}

fn at_door(hub: &Hub, request: &HttpRequest) -> Result<Doorman> {
    let address = source::address(request).unwrap_or(IpAddr::from([0, 0, 0, 0]));
    hub.admit(address).ok_or(Error::RateLimited { retry_after: Duration::from_secs(10) })
}
