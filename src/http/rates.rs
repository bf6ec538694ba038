//! How often somebody may call: each address, each person, each address where passwords and the like are tried, and each
//! where links of pages are followed. Never decides who somebody is.
//!
//! Kept in the memory of each node (`docs/adr/0016-limits-of-rate-are-kept-in-memory.md`): what must hold over all nodes
//! is counted in the store by what it protects, such as failed sign-ins.

use super::source;
use crate::{
    config::edge::Rates,
    error::{Error, Result},
    ids::UserId,
};
use actix_web::{
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web,
};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicUsize, Ordering},
};

/// So many are told apart; whoever comes beyond that shares one allowance with all others who do.
const TOLD_APART: usize = 100_000;
/// After so many calls, whoever has their whole allowance again is forgotten.
const TIDY_AFTER: usize = 10_000;

/// The allowances of everybody.
pub struct RateLimits {
    sign_ins: Allowances<IpAddr>,
    links: Allowances<IpAddr>,
    addresses: Allowances<IpAddr>,
    users: Allowances<UserId>,
}

impl RateLimits {
    /// At first everybody has their whole allowance.
    pub fn new(rates: Rates) -> Self {
        Self {
            sign_ins: Allowances::new(rates.sign_ins, IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
            links: Allowances::new(rates.links, IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
            addresses: Allowances::new(rates.calls_per_address, IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
            users: Allowances::new(rates.calls_per_user, UserId(uuid::Uuid::nil())),
        }
    }

    /// Counts a call of this person.
    ///
    /// # Errors
    /// `rateLimited` when it is one too many.
    pub fn take_call_of(&self, user: UserId) -> Result<()> {
        self.users.take(user)
    }

    fn take(&self, address: IpAddr, kind: Kind) -> Result<()> {
        let address = network_of(address);
        match kind {
            Kind::Free => Ok(()),
            Kind::Link => self.links.take(address),
            Kind::Call => self.addresses.take(address),
            Kind::SignIn => self.addresses.take(address).and_then(|()| self.sign_ins.take(address)),
        }
    }
}

/// Who has an IPv6 address has a whole /64 of them.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// What a call is counted as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Answered from memory, or limited by itself, as sockets are.
    Free,
    Call,
    /// A password, a code or a token is tried, or a mail is caused.
    SignIn,
    /// A page's link. Whoever is called shares an address with others, and is not kept waiting by what they do.
    Link,
}

/// Nothing is tried by ending a session, and a refresh token cannot be guessed.
const TRIES_NOTHING: [&str; 3] = ["/logout", "/logout-everywhere", "/refresh-token"];
const FREE: [&str; 3] = ["/healthz", "/readyz", "/api/v1/ws"];
/// Pages whose forms work without script.
const FORMS: [&str; 6] =
    ["/sign-in", "/sign-in/second-step", "/register", "/forgot-password", "/reset-password", "/invitation"];

/// Whose token stands in the address: links that have to work without script, from a text message.
const LINKS: [&str; 2] = ["/ack/", "/api/v1/ack/"];

impl Kind {
    fn of(method: &Method, path: &str) -> Self {
        if FREE.contains(&path) || path.starts_with("/assets/") {
            return Self::Free;
        }
        if LINKS.iter().any(|link| path.starts_with(link)) {
            return Self::Link;
        }
        let tries = path.starts_with("/api/v1/") && path.contains("/auth/") || FORMS.contains(&path);
        if *method == Method::POST && tries && !TRIES_NOTHING.iter().any(|end| path.ends_with(end)) {
            Self::SignIn
        } else {
            Self::Call
        }
    }
}

/// The middleware.
pub async fn limit(
    limits: web::Data<RateLimits>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> std::result::Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    // As the router reads it: however an address is spelt, it is counted as what it reaches.
    let kind = Kind::of(request.method(), request.match_info().as_str());
    if let Some(address) = source::address(request.request())
        && let Err(error) = limits.take(address, kind)
    {
        metrics::counter!("carehub_calls_refused_total", "because" => "rate").increment(1);
        return Ok(request.error_response(error).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

struct Allowances<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    everybody_else: K,
    calls: AtomicUsize,
}

impl<K: Hash + Eq + Clone> Allowances<K> {
    fn new(per_minute: u32, everybody_else: K) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        Self { limiter: RateLimiter::keyed(quota), everybody_else, calls: AtomicUsize::new(0) }
    }

    fn take(&self, key: K) -> Result<()> {
        if self.calls.fetch_add(1, Ordering::Relaxed) % TIDY_AFTER == TIDY_AFTER - 1 {
            self.limiter.retain_recent();
        }
        let full = self.limiter.len() >= TOLD_APART;
        self.limiter
            .check_key(if full { &self.everybody_else } else { &key })
            .map_err(|until| Error::RateLimited { retry_after: until.wait_time_from(DefaultClock::default().now()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tries_a_password_or_causes_a_mail_is_counted_as_signing_in() {
        let kind = |method: Method, path: &str| Kind::of(&method, path);
        for path in [
            "/sign-in",
            "/sign-in/second-step",
            "/api/v1/portal/auth/login",
            "/api/v1/ehr/auth/mfa/verify",
            "/api/v1/portal/auth/register",
        ] {
            assert_eq!(kind(Method::POST, path), Kind::SignIn, "{path}");
            assert_eq!(kind(Method::GET, path), Kind::Call, "{path}");
        }
        for path in ["/api/v1/ehr/auth/logout", "/api/v1/portal/auth/refresh-token", "/api/v1/portal/messages"] {
            assert_eq!(kind(Method::POST, path), Kind::Call, "{path}");
        }
        assert_eq!(kind(Method::GET, "/assets/1/page.js"), Kind::Free);
        for path in ["/ack/token", "/api/v1/ack/token"] {
            assert_eq!([kind(Method::GET, path), kind(Method::POST, path)], [Kind::Link; 2], "{path}");
        }
    }

    #[test]
    fn one_network_of_ipv6_is_one_caller() {
        let limits = RateLimits::new(Rates { sign_ins: 2, links: 9, calls_per_user: 9, calls_per_address: 9 });
        let take = |address: &str| limits.take(address.parse().unwrap(), Kind::SignIn);
        assert!(take("2001:db8::1").is_ok() && take("2001:db8::2").is_ok());
        assert!(matches!(take("2001:db8::3"), Err(Error::RateLimited { .. })));
        assert!(take("2001:db8:0:1::3").is_ok() && take("192.0.2.1").is_ok());
    }
}
