//! Documents of a client's record: shared by the practice, handed in by the client, signed. Owns `documents`,
//! `document_versions` and `document_signatures`; what they consist of is kept by `objects`. A version is never changed:
//! another one follows it. Titles are sealed with the client's key.
//!
//! - [`access`]: who may see a document
//! - [`model`]: what people see of one
//! - [`list`]: finding them; [`show`]: one with its versions
//! - [`change`]: adding, sharing, renaming
//! - [`link`]: links to content that are good for five minutes, for one person's session
//! - [`signature`]: asking for a signature, and signing

pub mod access;
pub mod change;
pub mod http;
pub mod link;
pub mod list;
pub mod model;
pub mod show;
pub mod signature;

pub use access::{DocumentAccess, find_access};
