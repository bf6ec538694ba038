//! What becomes of a client's record. Owns `legal_holds`, `erasures`, `consents` and `retention_rules`.
//!
//! Invariants: nothing of a client under a legal hold is erased; an erasure that was certified stays, also in a backup
//! that is restored; every place where something of a client lies is in the [`inventory`].
//!
//! - [`inventory`]: which table holds what of a client, and what becomes of it
//! - [`hold`]: legal holds
//! - [`erasure`]: destroying a client's key, once and for all
//! - [`certificate`]: what is said of it, signed; [`tombstone`]: kept outside of the database
//! - [`register`]: looking at erasures
//! - [`export`]: everything about a client, with its [`sections`]; [`archive`]: the same with all files
//! - [`consent`]: what a client agreed to; [`retention`]: how long things are kept
//! - [`http`]: the calls

pub mod archive;
pub mod certificate;
pub mod consent;
pub mod erasure;
pub mod export;
pub mod hold;
pub mod http;
pub mod inventory;
pub mod register;
pub mod retention;
pub mod sections;
pub mod tombstone;
