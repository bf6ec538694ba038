//! Giving a payment by card back. As payments go: written down under the lock of the client's account, Stripe asked under
//! the row's own key, the answer noted with the ledger's refund in one transaction. What was given back at Stripe itself
//! is taken into the ledger, too, and what did not arrive is turned back in it, once.
//!
//! - [`rows`]: what was written down
//! - [`asking`]: beginning one, and carrying it on
//! - [`noting`]: what Stripe says of one, whoever made it

mod asking;
mod noting;
mod rows;

pub use asking::{Asked, begin};
pub(super) use asking::{carry_on, of_intent};
pub(super) use noting::{applied, payment_of};
pub use rows::{Refunding, of_payments, on_its_way};
