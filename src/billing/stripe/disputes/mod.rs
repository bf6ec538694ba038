//! What payers dispute with their bank: the ledger follows what the bank does with the money, and those who bill are told
//! once that it was taken back, and see how each dispute stands. Answering one is done at Stripe.
//!
//! - [`noting`]: what Stripe says of one
//! - [`standing`]: how one stands, as a state of ours (pure)
//! - [`rows`]: what is kept of it, and the list

mod noting;
mod rows;
mod standing;

pub(super) use noting::applied;
pub use rows::{Listed, Place, list, open};
pub use standing::State;
