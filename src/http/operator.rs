//! What is only for those who run the hub, and what only some addresses may reach. Where somebody may not go, there is
//! nothing.

use super::{principal, source};
use crate::{app::Services, config::edge::Edge, error::Error};
use actix_web::{
    HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};

/// Whether the caller's address is an operator's. Through a proxy that is not trusted nobody's is: every address would
/// look like the proxy's.
pub fn is_operator(request: &HttpRequest, edge: &Edge) -> bool {
    source::address(request).is_some_and(|address| edge.operator_addresses.contain(address))
        && !source::is_forwarded_by_a_stranger(request, &edge.trusted_proxies)
}

/// The middleware before all of administration. Whoever is signed in and refused here is in the audit log as for
/// anything else that is not theirs.
pub async fn guard_administration(
    services: web::Data<Services>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    // As the router reads it, however it is spelt.
    if is_administration(request.match_info().as_str()) && !may_administer(request.request(), &services.config.edge) {
        tracing::warn!("administration was asked for from an address that may not");
        // Whether there is somebody, and who: that is all that is asked.
        let _ = principal::identify(request.request()).await;
        return Ok(request.error_response(Error::NotFound).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn is_administration(path: &str) -> bool {
    ["/api/v1/admin", "/ehr/admin", "/admin"]
        .iter()
        .any(|start| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn may_administer(request: &HttpRequest, edge: &Edge) -> bool {
    let Some(allowed) = &edge.admin_addresses else { return true };
    source::address(request).is_some_and(|address| allowed.contain(address))
        && !source::is_forwarded_by_a_stranger(request, &edge.trusted_proxies)
}

#[cfg(test)]
mod tests {
    use super::is_administration;

    #[test]
    fn administration_is_its_pages_and_its_calls() {
        for path in ["/admin", "/ehr/admin", "/ehr/admin/audit", "/api/v1/admin/users"] {
            assert!(is_administration(path), "{path}");
        }
        for path in ["/administer", "/ehr/administer", "/ehr/account", "/api/v1/ehr/clients"] {
            assert!(!is_administration(path), "{path}");
        }
    }
}
