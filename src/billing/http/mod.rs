//! The calls of billing. Decides nothing about who may see an account: that is [`super::access`]'s.
//!
//! - [`ehr`]: for those who work for the practice
//! - [`portal`]: for clients
//! - [`stripe`]: paying by card, and what Stripe tells
//! - [`view`]: what both are shown

pub mod ehr;
pub mod portal;
pub mod stripe;
pub mod view;
