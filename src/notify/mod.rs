//! What people are told outside of the hub. Owns `outbox`: a row is written in the transaction that caused it, and
//! delivered afterwards. What leaves the hub holds no PHI: the types of [`mail::Mail`] cannot.
//!
//! - [`mail`]: the kinds of e-mail and what each may say
//! - [`outbox`]: writing rows

pub mod mail;
pub mod outbox;

pub use mail::Mail;
