//! Calls to servers outside, by HTTP. Whoever names a server, a person of the portal among them, reaches nothing inside
//! with it: no loopback, private, link-local or metadata address, whether written down, found by name, or answered to the
//! name a moment later; no redirect is followed. What comes back is bounded in size and time.
//!
//! - [`address`]: which addresses are everybody's
//! - [`resolver`]: names to addresses, without those that are not
//! - [`client`]: asking, within these bounds

pub mod address;
pub mod client;
pub mod resolver;

pub use client::{Answer, Egress, Failure, Refused};

/// How far calls may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// To public addresses, over TLS.
    Public,
    /// And to this machine itself, in the clear: for development. Never in production.
    PublicAndLoopback,
}
