//! The calls of privacy, one endpoint a file.

pub mod consents;
pub mod erasure;
pub mod export;
pub mod hold;
pub mod retention;
