//! Sealing of what people say. Bodies, subjects and drafts are AES-256-GCM sealed with a data key per client, bound to
//! the row they belong to; data keys are wrapped by the master key. Never logs, and nothing here prints in `Debug`.
//!
//! - [`master`]: the master key and what is derived from it
//! - [`data_key`]: one client's key: seal and open
//! - [`keyring`]: the master keys, and unwrapped data keys, kept while in use
//! - [`secret`]: random secrets and their digests

pub mod data_key;
pub mod keyring;
pub mod master;
pub mod secret;

pub use data_key::{DataKey, HubSecret, Place, Unsealable, WrappedKey};
pub use keyring::{Keyring, MasterKeys};
pub use master::MasterKey;
