//! What makes Carehub run on a developer's machine with one command: a private PostgreSQL, the data folder it lives in,
//! and data to look at or to measure with.
//!
//! Nothing here is used by `carehub serve`: in production PostgreSQL belongs to somebody else, and invented people have
//! no place there.
//!
//! - [`folder`]: where the data lies, and its lock
//! - [`lifeline`]: programs that end with us
//! - [`master_key`]: the demo's own master key
//! - [`postgres`]: the private cluster
//! - [`running`]: how other commands find the demo that runs
//! - [`demo`]: the practice that the demo shows
//! - [`seed`]: people and threads by the thousand, with access tokens for load generators

pub mod demo;
pub mod folder;
pub mod lifeline;
pub mod master_key;
pub mod postgres;
pub mod running;
pub mod seed;
