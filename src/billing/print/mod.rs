//! What clients keep of billing on paper: invoices, receipts, month statements, superbills. From figures that were read
//! already to a PDF that everybody can read; no figure is worked out here but what stands on the paper's last line. In
//! English, and in Spanish for whoever reads Spanish.
//!
//! - [`letterhead`]: who sends it, to whom
//! - [`invoice`]: what a client is asked to pay
//! - [`receipt`]: that a payment was made
//! - [`statement`]: a month of an account
//! - [`superbill`]: what was done, for a client's insurer

pub mod invoice;
pub mod letterhead;
pub mod receipt;
pub mod statement;
pub mod superbill;

pub use letterhead::{Letterhead, Tongue};
