//! What a practice sets for the first second of an emergency: phrases of its own, and the crisis resources. Owns
//! `crisis_phrases` and `crisis_resources`, which are only ever added to.
//!
//! - [`own`]: a practice's phrases, and their bounds
//! - [`store`]: versions of both
//! - [`settings`]: what is on, in memory, because a mailbox asks for every message

pub mod own;
pub mod settings;
pub mod store;

pub use settings::Settings;
