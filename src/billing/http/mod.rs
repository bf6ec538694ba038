//! The calls of billing. Decides nothing about who may see an account: that is [`super::access`]'s.
//!
//! - [`ehr`]: for those who work for the practice
//! - [`portal`]: for clients
//! - [`stripe`]: paying by card, and what Stripe tells
//! - [`calls`]: what all of them have in common
//! - [`papers`], [`statements`]: what is on paper, the same for both
//! - [`view`], [`days`]: what both are shown, and for which days

pub mod calls;
pub mod days;
pub mod ehr;
pub mod papers;
pub mod portal;
pub mod statements;
pub mod stripe;
pub mod view;
