//! `POST /hooks/stripe`: what Stripe tells. Nothing is read before the signature of the raw body was checked; an event is
//! answered once it is kept, and applied afterwards.

use crate::{
    app::Services,
    billing::stripe::{events, objects::Told, signature},
    db::Pool,
    error::{Error, Result},
    http::detached,
};
use actix_web::{HttpRequest, HttpResponse, web};

/// Keeps an event.
pub async fn take(
    request: HttpRequest,
    body: web::Bytes,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<HttpResponse> {
    let stripe = services.stripe.clone().ok_or(Error::NotFound)?;
    let header = request.headers().get(signature::HEADER).and_then(|value| value.to_str().ok());
    let now = services.clock.now();
    if !header.is_some_and(|header| signature::is_genuine(stripe.webhook_secrets(), header, &body, now)) {
        tracing::warn!("an event that Stripe did not sign, or not lately, was refused");
        return Err(Error::Forbidden("This is not signed as it should be."));
    }
    // An event of a shape that is not known yet is about nothing of ours: no reason to be sent it again and again.
    let Ok(told) = serde_json::from_slice::<Told>(&body) else { return Ok(HttpResponse::Ok().finish()) };
    detached::to_the_end(async move {
        if events::keep(&mut *pool.get().await?, &told, now).await? {
            stripe.ring();
        }
        Ok(HttpResponse::Ok().finish())
    })
    .await
}
