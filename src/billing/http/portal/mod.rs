//! What clients call: what they see of billing, and how they pay in parts and without being there. A client reads their own
//! account alone; all figures of one answer are of one moment.
//!
//! - [`balance`], [`charges`], [`invoices`], [`statements`], [`payments`], [`superbill`]: what they see
//! - [`autopay`], [`plans`]: what is taken without them

pub mod autopay;
pub mod balance;
pub mod charges;
pub mod invoices;
pub mod payments;
pub mod plans;
pub mod statements;
pub mod superbill;

use crate::{
    app::Services,
    billing::{
        access::ClientBilling,
        stripe::methods::{self, Method},
    },
    db::Pool,
    error::{Error, Result},
};

/// The saved card that a client chose, as Stripe knows it.
async fn chosen(services: &Services, pool: &Pool, access: &ClientBilling, id: &str) -> Result<Method> {
    let no_cards = || Error::conflict("Cards are not taken here. The page of payments says what your practice takes.");
    let stripe = services.stripe.as_ref().ok_or_else(no_cards)?;
    methods::find(stripe, pool, access, id).await.map_err(|error| match error {
        Error::NotFound => Error::field("/method", "This card is not there any more. Choose another one."),
        other => other,
    })
}
