//! From where a call comes: address and program. For the audit log and for limits; never decides anything itself.
//!
//! `X-Forwarded-For` is believed only from a trusted proxy, read from its end: the last address that no trusted proxy
//! wrote is the caller's. Other headers of that kind are never believed.

use crate::{app::Services, audit::Actor, config::networks::Networks};
use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap},
    web,
};
use std::net::IpAddr;

const FORWARDED_FOR: &str = "x-forwarded-for";
/// Written by whatever stands between: a call that has one of them is not from this machine.
const FORWARDED: [&str; 4] = [FORWARDED_FOR, "forwarded", "x-real-ip", "via"];

/// Where a call comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// None: not known, such as over a socket without addresses.
    pub address: Option<IpAddr>,
    /// What the program says of itself, cut short, without control characters.
    pub user_agent: Option<String>,
}

impl Source {
    /// Of a request.
    pub fn of(request: &HttpRequest) -> Self {
        let said = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let kept = |said: &str| said.chars().filter(|c| !c.is_control()).take(Actor::USER_AGENT_CHARACTERS).collect();
        Self { address: address(request), user_agent: said.map(kept) }
    }

    /// Nobody who is signed in, from here.
    pub fn nobody(&self) -> Actor {
        Actor { address: self.address, user_agent: self.user_agent.clone(), ..Actor::default() }
    }
}

/// The caller's address.
pub fn address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    match request.app_data::<web::Data<Services>>() {
        Some(services) => Some(behind(&services.config.edge.trusted_proxies, peer, request.headers())),
        None => Some(peer),
    }
}

/// Whether somebody else's program stands between the caller and the hub without being trusted: then the peer's address
/// says nothing about the caller.
pub fn is_forwarded_by_a_stranger(request: &HttpRequest, trusted: &Networks) -> bool {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let says_so = FORWARDED.iter().any(|name| request.headers().contains_key(*name));
    says_so && !peer.is_some_and(|peer| trusted.contain(peer))
}

fn behind(trusted: &Networks, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !trusted.contain(peer) {
        return peer;
    }
    let mut nearest = peer;
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).map(|line| line.to_str().unwrap_or_default()).collect();
    for named in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        // What cannot be read was not written by a proxy of ours: the one before it is the nearest that is known.
        let Ok(address) = named.trim().parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
        if !trusted.contain(nearest) {
            break;
        }
    }
    nearest
}

impl actix_web::FromRequest for Source {
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        std::future::ready(Ok(Self::of(request)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn seen(peer: &str, lines: &[&str]) -> String {
        let trusted = "10.0.0.0/8, ::1".parse().unwrap();
        let add = |request: TestRequest, line: &&str| request.append_header((FORWARDED_FOR, *line));
        let request = lines.iter().fold(TestRequest::default(), add).to_http_request();
        behind(&trusted, peer.parse().unwrap(), request.headers()).to_string()
    }

    #[test]
    fn the_last_address_that_no_trusted_proxy_wrote_is_the_callers() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn whoever_is_not_trusted_is_not_believed() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1, nonsense"]), "10.0.0.1");
    }
}
