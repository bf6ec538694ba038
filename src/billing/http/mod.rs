//! The calls of billing. Decides nothing about who may see an account: that is [`super::access`]'s.
//!
//! - [`ehr`]: for those who work for the practice
//! - [`portal`]: for clients
//! - [`stripe`]: paying by card, and what Stripe tells
//! - [`view`], [`days`]: what both are shown, and for which days

pub mod days;
pub mod ehr;
pub mod portal;
pub mod stripe;
pub mod view;
