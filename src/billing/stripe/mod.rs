//! Payments by card, which Stripe takes. Owns `stripe_customers`, `payment_attempts`, `stripe_refunds`,
//! `stripe_disputes`, `stripe_events`.
//!
//! Invariants: what is asked of Stripe is committed before it is asked, and asked under a key made of its row's id, so that
//! money is taken and given back once through clicks, time-outs and crashes; no number of a card ever comes here; what
//! Stripe tells is believed for what it is about alone, and the object is fetched; money that was taken is recorded
//! whatever was thought before; Stripe learns ids of ours, and nothing about anybody.
//!
//! - [`client`], [`objects`]: asking Stripe, and what is read of its answers
//! - [`claims`]: whose turn it is to ask
//! - [`attempts`]: payments that were written down; [`pay`]: beginning one; [`collect`]: carrying it on; [`apply`]: noting
//!   how it stands; [`under_way`]: what is told of those that are open
//! - [`customers`], [`methods`]: what Stripe calls clients, and the cards that it keeps for them
//! - [`refunds`], [`disputes`]: what goes back; [`billers`]: who is told of that
//! - [`signature`], [`events`]: what Stripe tells
//! - [`engine`]: the loop that leaves nothing open
//! - [`reconcile`], [`differences`]: comparing the ledger with Stripe

pub mod apply;
pub mod attempts;
pub mod billers;
pub mod claims;
pub mod client;
pub mod collect;
pub mod customers;
pub mod differences;
pub mod disputes;
pub mod engine;
pub mod events;
pub mod methods;
pub mod objects;
pub mod pay;
pub mod reconcile;
pub mod refunds;
pub mod signature;
pub mod under_way;

pub use client::Stripe;
pub use pay::Means;
