//! The calls about payments by card, and what pages that take cards may load.
//!
//! - [`pay`]: paying, and how far it is
//! - [`cards`]: the cards that Stripe keeps for a client
//! - [`webhook`]: what Stripe tells
//! - [`policy`]: Stripe's script on a page

pub mod cards;
pub mod pay;
pub mod policy;
pub mod webhook;

use crate::{
    app::Services,
    billing::{
        access::{self, ClientBilling},
        stripe::Means,
    },
    db::Pool,
    error::{Error, Result},
    http::principal::PortalPrincipal,
};
use actix_web::web;

/// Adds the address that Stripe calls: beside the API, with its protections.
pub fn configure(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/hooks/stripe").route(web::post().to(webhook::take)));
}

/// What payments are made with, where cards are taken.
///
/// # Errors
/// `Conflict` where they are not.
fn means(services: &Services, pool: &Pool) -> Result<Means> {
    find_means(services, pool)
        .ok_or_else(|| Error::conflict("Cards are not taken here. The page of payments says what your practice takes."))
}

/// The same; None where cards are not taken.
fn find_means(services: &Services, pool: &Pool) -> Option<Means> {
    let stripe = services.stripe.clone()?;
    Some(Means { stripe, pool: pool.clone(), clock: services.clock.clone() })
}

/// The caller's own account.
async fn own(caller: &PortalPrincipal, pool: &Pool) -> Result<ClientBilling> {
    access::of_client(&mut *pool.get().await?, caller.viewer(), caller.user_id).await
}
