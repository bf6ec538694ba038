//! Passkeys (WebAuthn): signing in without a password, or as the second factor after one. An authenticator always
//! verifies the person, so a passkey is two factors in one. Owns `passkeys` and `passkey_ceremonies`.
//!
//! Invariants: a challenge is answered once, within minutes, by a page of the hub's own origin; a counter that does not
//! grow is refused, since a copy of the key may be in other hands.
//!
//! - [`relying_party`]: for which address passkeys are made
//! - [`ceremony`]: challenges that wait for their answer
//! - [`store`]: the passkeys of a person
//! - [`registration`]: making one; [`assertion`]: using one

pub mod assertion;
pub mod ceremony;
pub mod registration;
pub mod relying_party;
pub mod store;

pub use relying_party::RelyingParty;
pub use store::Passkey;
