//! The calls, one file each.

pub mod confirm;
pub mod list;
pub mod preferences;
pub mod read;
pub mod unread;
