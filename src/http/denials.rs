//! Whoever is signed in and asks for what is not theirs leaves one row in the audit log, whichever call it was and
//! whatever it was refused for. A thing that is not the caller's and one that does not exist leave the same row, at the
//! same cost. Decides nothing.

use super::principal::Known;
use crate::{
    audit::{self, Event},
    db::Pool,
    error::Error,
};
use actix_web::{
    HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use serde_json::json;
use uuid::Uuid;

/// Refused before it was routed, at an address that is spelt in an unusual way; as sent it might hold anything.
const NOT_ROUTED: &str = "(not routed)";

/// The middleware.
pub async fn record(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let response = next.call(request).await?;
    let code = match response.response().error().and_then(|error| error.as_error::<Error>()) {
        Some(error @ (Error::Forbidden(_) | Error::NotFound)) => error.code(),
        _ => return Ok(response),
    };
    write(response.request(), code).await;
    Ok(response)
}

async fn write(request: &HttpRequest, code: &'static str) {
    let known = request.extensions().get::<Known>().copied();
    let (Some(known), Some(pool)) = (known, request.app_data::<web::Data<Pool>>()) else { return };
    let actor = known.actor(request);
    let pattern = request.match_pattern();
    let route = format!("{} {}", request.method(), pattern.as_deref().unwrap_or(NOT_ROUTED));
    let mut event = Event::new(&actor, "access.refused").refused().with(json!({"route": route, "code": code}));
    let asked = request.match_info().iter().find_map(|(kind, id)| Some((kind, id.parse::<Uuid>().ok()?)));
    if let Some((kind, id)) = asked {
        event = event.on(kind, id);
    }
    let written = async {
        let mut conn = pool.get().await?;
        Ok::<_, Error>(audit::record(&mut conn, event).await?)
    };
    // Refused is refused, also while the store is away.
    if let Err(error) = written.await {
        tracing::error!(?error, "a refusal could not be written into the audit log");
    }
}
