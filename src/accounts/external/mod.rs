//! Signing in through an identity provider, by OpenID Connect. Owns `external_identities`.
//!
//! Invariants: who somebody is there is issuer and subject, never an e-mail address; an account is linked to it by its
//! own person, signed in; what comes back belongs to the browser that was sent, and is good for it once.
//!
//! - [`provider`]: what is known of an issuer; [`http`]: asking it
//! - [`journey`]: what a browser takes along to the provider and back
//! - [`flow`]: sending somebody there, and judging what they bring back
//! - [`identity`]: which account is whose

pub mod flow;
pub mod http;
pub mod identity;
pub mod journey;
pub mod provider;

pub use flow::Refusal;
pub use journey::Journey;
pub use provider::{Provider, Providers};
