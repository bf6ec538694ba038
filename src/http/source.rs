//! From where a call comes: address and program. For the audit log and for limits; never decides anything itself.

use crate::audit::Actor;
use actix_web::{HttpRequest, http::header};
use std::net::IpAddr;

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
        Self { address: request.peer_addr().map(|peer| peer.ip()), user_agent: said.map(kept) }
    }

    /// Nobody who is signed in, from here.
    pub fn nobody(&self) -> Actor {
        Actor { address: self.address, user_agent: self.user_agent.clone(), ..Actor::default() }
    }
}

impl actix_web::FromRequest for Source {
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        std::future::ready(Ok(Self::of(request)))
    }
}
