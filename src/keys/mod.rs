//! Keys: where the master keys come from, the data keys that they wrap, the keys that sign access tokens, and how all of
//! them are replaced while hubs run. Owns `data_keys`, `signing_keys` and `key_holders`. Never prints a key, and stores
//! none that is not wrapped.
//!
//! - [`source`]: the environment, a file, both perhaps wrapped by a [`kms`]; [`holders`]: which running hub holds which
//!   master key
//! - [`data_key`]: one key a client or practice
//! - [`signing`]: the keys of access tokens, one after another
//! - [`rotation`]: wrapping everything by another master key

pub mod data_key;
pub mod holders;
pub mod kms;
pub mod rotation;
pub mod signing;
pub mod source;

pub use data_key::{Owner, find_or_make};
pub use source::Source;
