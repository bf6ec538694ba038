//! The calls of the audit log, one a file. Each reading is written down itself.

pub mod access_log;
pub mod log;
