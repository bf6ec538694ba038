//! What makes Carehub run on a developer's machine with one command: a private PostgreSQL and the data folder it lives
//! in.
//!
//! Nothing here is used by `carehub serve`: in production PostgreSQL belongs to somebody else.

pub mod folder;
pub mod postgres;
pub mod running;
