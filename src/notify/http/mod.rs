//! The calls of channels: one's own telephone and browsers, what was given up, and what providers report.

pub mod hooks;
pub mod phone;
pub mod push;
pub mod undelivered;
