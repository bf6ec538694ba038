//! Payments that are taken without their client being there: parts of plans, and invoices by autopay. Owns
//! `planned_payments` and `planned_payment_tries`.
//!
//! Invariants: what is taken is taken once: it has one row, a second try begins when the first one is over, and each try
//! is one intent at Stripe, named by its id, however often the hub dies; no try takes more than what is owed when it
//! begins; a payment is tried four times at most, on days that the client agreed to; of each failure the client is told.
//!
//! - [`store`]: what is to be taken, and what failed
//! - [`due`]: which invoices autopay takes
//! - [`tries`]: beginning one, and what came of it
//! - [`upkeep`]: the loop

pub mod due;
pub mod store;
pub mod tries;
pub mod upkeep;

pub use store::{Planned, State, add_part, drop_parts};
