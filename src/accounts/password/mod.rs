//! Passwords: what may be one, and how one is stored. Never keeps, logs or shows one.
//!
//! - [`rules`]: length, common ones, words that everybody knows of the practice
//! - [`hashing`]: Argon2id, and reading the bcrypt hashes that were brought along
//! - [`work`]: hashing beside the web workers, no more at once than there are cores

pub mod hashing;
pub mod rules;
pub mod work;

pub use hashing::{hash, hash_code, is_outdated, verify};
