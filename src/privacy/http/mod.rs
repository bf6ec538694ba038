//! The calls of privacy, one endpoint a file.

pub mod erasure;
pub mod hold;
